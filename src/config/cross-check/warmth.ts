/** Checks of `warm`: that there is another copy to compare with, and somebody who writes what is compared. */
import { formatEndpoint, parseEndpoint } from '../endpoint.ts';
import type { Findings } from '../findings.ts';
import type { Path } from '../place.ts';
import { MEMCACHED_PORT } from '../schema/memcached.ts';
import type { Draft, DraftGroup, DraftInstance } from '../schema.ts';
import { trackedEntry } from '../tracked.ts';

/** Reports `warm` without a peer, and where it can have no effect; and a memcached that is its own peer. */
export function checkWarmth(draft: Draft, findings: Findings): void {
  for (const section of ['vrrp_instance', 'vrrp_sync_group'] as const) {
    for (const [name, lists] of Object.entries(draft[section] ?? {})) {
      if (lists !== undefined) checkTracked(draft, lists, [section, name], findings);
    }
  }
  for (const [name, memcached] of Object.entries(draft.memcached ?? {})) {
    const [own, peer] = [endpointOf(memcached?.address), endpointOf(memcached?.peer)];
    if (own !== undefined && own === peer) {
      findings.error(['memcached', name, 'peer'], "is this memcached itself, must be the other host's copy");
    }
  }
}

function checkTracked(draft: Draft, lists: DraftInstance | DraftGroup, path: Path, findings: Findings): void {
  lists.track_memcached?.forEach((entry, index) => {
    if (typeof entry !== 'object' || entry.warm !== true || entry.name === undefined) return;
    const at = [...path, 'track_memcached', index, 'warm'];
    const memcached = draft.memcached?.[entry.name];
    if (memcached !== undefined && memcached.peer === undefined) {
      findings.error(at, `needs memcached.${entry.name}.peer, the other host's copy`);
    } else if (trackedEntry(entry)?.reverse === true) {
      findings.warning(at, 'has no effect with reverse, which wants the memcached to be down');
    } else if (!hasBundledProxy(draft)) {
      findings.warning(
        at,
        'has no effect without the bundled proxy, which alone writes down what a copy has: every copy counts as whole',
      );
    }
  });
}

/** The endpoint with its port, whether the file gives that or not. */
function endpointOf(text: string | undefined): string | undefined {
  const parsed = text === undefined ? undefined : parseEndpoint(text, MEMCACHED_PORT);
  return parsed?.ok ? formatEndpoint(parsed.value) : undefined;
}

function hasBundledProxy(draft: Draft): boolean {
  // A definition with a mistake in it may be one.
  return Object.values(draft.proxy ?? {}).some(
    (proxy) =>
      proxy === undefined || ((proxy.command ?? null) === null && (proxy.engine ?? 'bundled') === 'bundled'),
  );
}
