/** Checks that names which are used are defined, and that what is defined is used. */
import type { Findings } from '../findings.ts';
import type { Path } from '../place.ts';
import type { Draft, DraftGroup, DraftInstance } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { TRACK_LIST_NAMES, TRACK_LISTS, type TrackList } from '../track-lists.ts';
import { trackedEntry } from '../tracked.ts';

const DEFINED = ['vrrp_script', ...TRACK_LISTS.track_process, ...TRACK_LISTS.track_file] as const;
type Section = 'memcached' | 'proxy' | (typeof DEFINED)[number];

/** Whatever has track_* lists. */
interface Holder {
  readonly path: Path;
  readonly lists: DraftInstance | DraftGroup;
}

/**
 * Reports undefined names, names given twice in one list or defined in two sections, and definitions that nobody uses.
 */
export function checkReferences(draft: Draft, findings: Findings): void {
  const used = new Map<string, Set<string>>();
  const refer = (sections: readonly Section[], name: string, path: Path) => {
    const names = sections.flatMap((section) => Object.keys(draft[section] ?? {}));
    for (const section of sections) {
      used.set(section, (used.get(section) ?? new Set()).add(name));
    }
    if (!names.includes(name)) {
      findings.error(
        path,
        `is ${JSON.stringify(name)}, which ${sections[0]} does not define${didYouMean(name, names)}`,
      );
    }
  };

  for (const holder of holders(draft)) {
    for (const list of TRACK_LIST_NAMES) {
      checkTrackList(holder, list, findings, (name, at) => {
        if (list !== 'track_interface') refer(TRACK_LISTS[list], name, at);
      });
    }
  }
  checkProxyNames(draft, findings, (name, at) => refer(['proxy'], name, at));
  checkNamesOnce(draft, findings);
  for (const section of ['memcached', 'proxy', ...DEFINED] as const) {
    for (const name of Object.keys(draft[section] ?? {})) {
      if (used.get(section)?.has(name) !== true) {
        findings.warning([section, name], 'is used by no vrrp_instance', 'key');
      }
    }
  }
}

function holders(draft: Draft): Holder[] {
  return (['vrrp_instance', 'vrrp_sync_group'] as const).flatMap((section) =>
    Object.entries(draft[section] ?? {}).flatMap(([name, lists]) =>
      lists === undefined ? [] : [{ path: [section, name], lists }],
    ),
  );
}

function checkProxyNames(draft: Draft, findings: Findings, found: (name: string, at: Path) => void): void {
  const usedBy = new Map<string, string>();
  for (const [instanceName, instance] of Object.entries(draft.vrrp_instance ?? {})) {
    if (instance?.proxy === undefined) continue;
    const at = ['vrrp_instance', instanceName, 'proxy'];
    found(instance.proxy, at);
    const other = usedBy.get(instance.proxy);
    if (other !== undefined)
      findings.error(at, `is ${JSON.stringify(instance.proxy)}, which ${other} uses already`);
    else usedBy.set(instance.proxy, instanceName);
  }
}

/** A section that keepalived has under two names must not define one name in both. */
function checkNamesOnce(draft: Draft, findings: Findings): void {
  for (const [first, second] of [TRACK_LISTS.track_process, TRACK_LISTS.track_file]) {
    for (const name of Object.keys(draft[second] ?? {})) {
      if (Object.hasOwn(draft[first] ?? {}, name)) {
        findings.error([second, name], `is defined in ${first} already`, 'key');
      }
    }
  }
}

function checkTrackList(
  { path, lists }: Holder,
  list: TrackList,
  findings: Findings,
  found: (name: string, at: Path) => void,
): void {
  const seen = new Set<string>();
  lists[list]?.forEach((entry, index) => {
    const name = trackedEntry(entry)?.name;
    if (name === undefined) return;
    const at = [...path, list, index, ...(typeof entry === 'string' ? [] : ['name'])];
    if (seen.has(name)) findings.error(at, `is ${JSON.stringify(name)}, which is in the list already`);
    else found(name, at);
    seen.add(name);
  });
}
