/**
 * The moments at which a proxy must know whose copy may be read before it answers: it becomes the one that clients reach,
 * or somebody else may have been the one meanwhile.
 */
import { RECHECK_BOUND_MS } from '../config/bundled-proxy.ts';
import { hurryBack, tryAnew } from './backend.ts';
import { submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import { groupOf } from './copies.ts';
import { compare } from './generations.ts';
import type { Backend, ProxyState } from './types.ts';

/** A proxy that stood by and saw all copies whole this recently does not wait long for a copy that no longer answers … */
const RECENT_MS = 1200;
/** … which is one that has owed an answer for so long, before it became active or since. */
const HURRY_MS = 20;
/** Between two looks whether every copy is back. */
const LOOK_AGAIN_MS = 10;
/** After so many looks an attempt that has not reached the host is begun anew. */
const DIAL_AGAIN = 5;
/** Two masters that stay two must not make clients wait with every advertisement. */
const HOLD_AGAIN_MS = 10_000;

/**
 * Makes the proxy the one that answers for its copies: compares them, empties what is behind, and from then on raises and
 * refills. Resolves when reads may be answered; that takes one timeout of a backend at most.
 */
export function activate(proxy: ProxyState): Promise<void> {
  const { generations } = proxy;
  const recent = performance.now() - generations.equalAt < RECENT_MS;
  generations.active = true;
  generations.activeAt = performance.now();
  // What it saw while it stood by may be old: the proxy that was active then may have raised any of them since.
  for (const backend of proxy.backends) backend.generation = undefined;
  if (proxy.recheckDue) recheck(proxy);
  proxy.recheckDue = false;
  return new Promise((resolve) => {
    compare(proxy, null, resolve);
    if (recent) whenHeardOrSilent(groupOf(proxy), resolve);
  });
}

/** Calls back once each of these has answered what it was asked before, or is silent. */
function whenHeardOrSilent(group: readonly Backend[], done: () => void): void {
  const missing = new Set(group.filter(({ up }) => up));
  const heard = (backend: Backend): void => {
    if (missing.delete(backend) && missing.size === 0) done();
  };
  for (const backend of missing) {
    const silence = backend.pending === 0 ? 0 : performance.now() - backend.aliveAt;
    setTimeout(() => heard(backend), Math.max(0, HURRY_MS - silence));
    const call = internalCall(
      backend,
      'line',
      () => heard(backend),
      () => heard(backend),
    );
    submitText(call, 'mn\r\n');
  }
}

/** The master is late: asks each copy for a sign of life, so that a silent one is known as such when this becomes active. */
export function lookOut(proxy: ProxyState): void {
  if (!proxy.generations.active) compare(proxy, null);
}

/**
 * Another master was heard: requests wait as in `holdForComparison`, for RECHECK_BOUND_MS at most. For a proxy that is not
 * active yet it is done when it becomes active.
 */
export function recheck(proxy: ProxyState): void {
  proxy.recheckDue = !proxy.generations.active;
  if (proxy.recheckDue) return;
  const now = performance.now();
  if (now - proxy.generations.heldAt < HOLD_AGAIN_MS) {
    // The other master is heard with each of its advertisements: whoever waits for the first does not wait for all.
    if (!proxy.held) compare(proxy, null);
    return;
  }
  proxy.generations.heldAt = now;
  holdForComparison(proxy, 'another master was heard', RECHECK_BOUND_MS);
}

/**
 * Lets new requests wait until all copies were compared again, `bound` ms at most. A copy that is out is tried at once: the
 * network may just have healed. One whose memcached does not run is not waited for.
 */
export function holdForComparison(proxy: ProxyState, why: string, bound: number): void {
  const now = performance.now();
  const { generations } = proxy;
  generations.holdUntil = Math.max(generations.holdUntil, now + bound);
  if (proxy.held) return;
  proxy.held = true;
  proxy.log(0, `${why}: requests wait until the copies are compared`);
  if (proxy.backends.some(({ up }) => !up)) proxy.onSearch();
  for (const backend of proxy.backends) tryAnew(backend);
  const release = (): void => {
    if (!proxy.held) return;
    proxy.held = false;
    proxy.log(0, `requests go on after ${Math.round(performance.now() - now)} ms`);
    for (const client of [...proxy.clients]) if (client.stalled && !client.blocked) client.resume();
  };
  let looks = 0;
  const look = (): void => {
    const known = proxy.backends.every(({ up, refusedAt }) => up || refusedAt >= now);
    if (proxy.closing || performance.now() >= generations.holdUntil || known) {
      compare(proxy, null, release);
      return;
    }
    // What was sent to a host that is asked for is lost when it is forgotten, and TCP would send it again after a second.
    const isLost = ++looks % DIAL_AGAIN === 0;
    for (const backend of proxy.backends) {
      if (isLost) tryAnew(backend, true);
      else hurryBack(backend);
    }
    setTimeout(look, LOOK_AGAIN_MS);
  };
  look();
}

/** Clients are no longer for this proxy: what it still answers it does properly, but the copies are the next one's. */
export function leave(proxy: ProxyState): void {
  proxy.generations.leaving = true;
  proxy.refills.stop();
}
