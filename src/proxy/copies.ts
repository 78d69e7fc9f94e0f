/** The copies of a proxy as a group, and what follows for the pairs when one of them changes. No comparisons. */
import { authorityOf } from '../core/copies.ts';
import type { Generation } from '../core/generation.ts';
import type { Backend, Generations, ProxyState } from './types.ts';

/** A proxy that has compared nothing yet. */
export function newGenerations(): Generations {
  return {
    active: false,
    leaving: false,
    record: null,
    seen: 0,
    mustRaise: false,
    diverged: false,
    raising: 0,
    alone: false,
    confirming: false,
    held: [],
    epoch: 0,
    equalAt: -Infinity,
    heldAt: -Infinity,
    holdUntil: -Infinity,
    activeAt: Infinity,
    spokenAt: -Infinity,
    quietSince: null,
  };
}

/** The backends that hold a copy of what another one holds. */
export function groupOf(proxy: ProxyState): Backend[] {
  return proxy.backends.filter(hasPartner);
}

/** Whether another backend holds what this one holds. */
export function hasPartner(backend: Backend): boolean {
  return backend.roles.some(({ pair }) => pair.backends[1] !== null);
}

/** Whether a record that was found is another one than the proxy knew. */
export function isForeign(known: Generation | null, found: Generation | null): boolean {
  return found !== null && (known?.number !== found.number || known.tag !== found.tag);
}

/** A copy went out, came back, was emptied or became whole. */
export function copiesChanged(proxy: ProxyState): void {
  const { generations } = proxy;
  generations.epoch++;
  generations.alone = generations.active && groupOf(proxy).some(({ up }) => !up);
  for (const pair of proxy.pairs.flat()) pair.authority = authorityOf(...pair.backends);
  proxy.refills.reconcile();
  proxy.onReport();
}
