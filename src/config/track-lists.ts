/**
 * The track_* lists of an instance or a sync group: where the things that they name are defined, and what weight an
 * entry has in the end. Works on checked files and on drafts alike; reports nothing.
 */
import type { Tracked } from './config.ts';
import type { Draft } from './schema.ts';
import { type TrackedEntry, weightOf } from './tracked.ts';

/** The lists, with the sections that define what they name. keepalived has two names for some; the first is preferred. */
export const TRACK_LISTS = {
  track_interface: [],
  track_script: ['vrrp_script'],
  track_process: ['vrrp_track_process', 'track_process'],
  track_file: ['track_file', 'vrrp_track_file'],
  track_memcached: ['memcached'],
} as const;

export type TrackList = keyof typeof TRACK_LISTS;

export const TRACK_LIST_NAMES = Object.keys(TRACK_LISTS) as readonly TrackList[];

/** keepalived: a track_file's number counts once, anything else is a fault, unless a weight is given. */
function defaultWeight(list: TrackList): number {
  return list === 'track_file' ? 1 : 0;
}

/** Weight and direction of an entry; what it leaves out its definition says, each of the two on its own as in keepalived. */
export function resolveTracked(list: TrackList, entry: TrackedEntry, file: Draft): Tracked {
  const { name } = entry;
  const definition =
    list === 'track_script'
      ? file.vrrp_script?.[name]
      : list === 'track_process'
        ? (file.vrrp_track_process?.[name] ?? file.track_process?.[name])
        : list === 'track_file'
          ? (file.track_file?.[name] ?? file.vrrp_track_file?.[name])
          : undefined;
  const defined = weightOf(definition ?? {});
  return {
    name,
    weight: entry.weight ?? defined.weight ?? defaultWeight(list),
    reverse: entry.reverse ?? defined.reverse ?? false,
  };
}

/**
 * What is left of an entry where the priority must not move: in a member of a sync group, where members of different
 * priority would pull the group apart, and in an address owner. As in keepalived, which says so and goes on: in a group
 * an interface counts as if it had no weight and a script is not tracked at all (null); in both a file of weight 1, the
 * default, counts as if it had weight 0 and any other is not tracked. A memcached is like an interface. A process is like
 * a script: keepalived's manual forbids its weight there, and its code forgets to look.
 */
export function withoutWeight(
  list: TrackList,
  tracked: Tracked,
  why: 'sync_group' | 'owner',
): Tracked | null {
  if (tracked.weight === 0) return tracked;
  const unweighted = { ...tracked, weight: 0 };
  if (list === 'track_file') return tracked.weight === 1 ? unweighted : null;
  if (why === 'owner') return tracked;
  return list === 'track_interface' || list === 'track_memcached' ? unweighted : null;
}

/** The group that an instance is in, by name. */
export function groupsByMember(file: Draft): ReadonlyMap<string, string> {
  const groups = new Map<string, string>();
  for (const [group, entry] of Object.entries(file.vrrp_sync_group ?? {})) {
    for (const member of entry?.group ?? []) {
      if (member !== undefined && !groups.has(member)) groups.set(member, group);
    }
  }
  return groups;
}
