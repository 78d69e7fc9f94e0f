/** Checks that names which are used are defined, and that what is defined is used. */
import type { Findings } from '../findings.ts';
import type { Path } from '../place.ts';
import type { Draft, DraftInstance } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { trackedName } from '../tracked.ts';

const TRACK_LISTS = ['track_interface', 'track_script', 'track_memcached'] as const;

/** Reports undefined names, names given twice in one list, `warm` without a peer, and definitions that nobody uses. */
export function checkReferences(draft: Draft, findings: Findings): void {
  const defined = {
    track_script: { section: 'vrrp_script', names: Object.keys(draft.vrrp_script ?? {}) },
    track_memcached: { section: 'memcached', names: Object.keys(draft.memcached ?? {}) },
    proxy: { section: 'proxy', names: Object.keys(draft.proxy ?? {}) },
  };
  const used = new Set<string>();
  const usedProxies = new Map<string, string>();

  const refer = (kind: keyof typeof defined, name: string, path: Path) => {
    const { section, names } = defined[kind];
    used.add(`${section} ${name}`);
    if (!names.includes(name)) {
      findings.error(
        path,
        `is ${JSON.stringify(name)}, which ${section} does not define${didYouMean(name, names)}`,
      );
    }
  };

  for (const [instanceName, instance] of Object.entries(draft.vrrp_instance ?? {})) {
    if (instance === undefined) continue;
    const path = ['vrrp_instance', instanceName];
    for (const list of TRACK_LISTS) {
      checkTrackList(instance, list, path, findings, (name, at) => {
        if (list !== 'track_interface') refer(list, name, at);
      });
    }
    checkWarm(draft, instance, path, findings);
    if (instance.proxy === undefined) continue;
    const at = [...path, 'proxy'];
    refer('proxy', instance.proxy, at);
    const other = usedProxies.get(instance.proxy);
    if (other !== undefined)
      findings.error(at, `is ${JSON.stringify(instance.proxy)}, which ${other} uses already`);
    else usedProxies.set(instance.proxy, instanceName);
  }

  for (const { section, names } of Object.values(defined)) {
    for (const name of names.filter((name) => !used.has(`${section} ${name}`))) {
      findings.warning([section, name], 'is used by no vrrp_instance', 'key');
    }
  }
}

function checkTrackList(
  instance: DraftInstance,
  list: (typeof TRACK_LISTS)[number],
  path: Path,
  findings: Findings,
  found: (name: string, at: Path) => void,
): void {
  const seen = new Set<string>();
  instance[list]?.forEach((entry, index) => {
    const name = trackedName(entry);
    if (name === undefined) return;
    const at = [...path, list, index, ...(typeof entry === 'string' ? [] : ['name'])];
    if (seen.has(name)) findings.error(at, `is ${JSON.stringify(name)}, which is in the list already`);
    else found(name, at);
    seen.add(name);
  });
}

// Whether the local copy is whole can only be told by comparing it with the other one.
function checkWarm(draft: Draft, instance: DraftInstance, path: Path, findings: Findings): void {
  instance.track_memcached?.forEach((entry, index) => {
    if (typeof entry !== 'object' || entry.warm !== true || entry.name === undefined) return;
    const memcached = draft.memcached?.[entry.name];
    if (memcached !== undefined && memcached.peer === undefined) {
      findings.error(
        [...path, 'track_memcached', index, 'warm'],
        `needs memcached.${entry.name}.peer, the other host's copy`,
      );
    }
  });
}
