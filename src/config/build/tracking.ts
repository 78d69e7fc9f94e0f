/** The checked track_* lists of an instance in their typed form, its sync group's included. Checks nothing. */
import type { Tracked, TrackedMemcached } from '../config.ts';
import type { FileConfig, FileInstance } from '../schema.ts';
import { groupsByMember, resolveTracked, type TrackList, withoutWeight } from '../track-lists.ts';
import { type FileTracked, trackedEntry } from '../tracked.ts';

type InFile = FileTracked & (string | { readonly warm?: boolean });

/** Resolves one list of the instance called `name`. */
export type TrackingOf = (list: TrackList) => readonly TrackedMemcached[];

/** The lists of the instance called `name`; what its group tracks, each member tracks with the group's weight. */
export function trackingOf(name: string, instance: FileInstance, file: FileConfig): TrackingOf {
  const groupName = groupsByMember(file).get(name);
  const group = groupName === undefined ? undefined : file.vrrp_sync_group?.[groupName];
  const owner = instance.priority === 255;

  const resolve = (list: TrackList, entries: readonly InFile[] | null | undefined): TrackedMemcached[] =>
    (entries ?? []).map((entry) => {
      const parsed = trackedEntry(entry);
      if (parsed === undefined) throw new Error(`the schema let through ${JSON.stringify(entry)}`);
      const warm = typeof entry === 'string' ? false : (entry.warm ?? false);
      return { ...resolveTracked(list, parsed, file), warm };
    });

  return (list) => {
    const ofGroup = resolve(list, group?.[list]);
    const own = resolve(list, instance[list]).flatMap((entry) => {
      const shared = ofGroup.find((other) => other.name === entry.name);
      if (shared !== undefined || group === undefined) return [shared ?? entry];
      return without(list, entry, 'sync_group');
    });
    const rest = ofGroup.filter((entry) => !own.some((other) => other.name === entry.name));
    return [...own, ...rest].flatMap((entry) => (owner ? without(list, entry, 'owner') : [entry]));
  };
}

function without(list: TrackList, entry: TrackedMemcached, why: 'sync_group' | 'owner'): TrackedMemcached[] {
  const kept = withoutWeight(list, entry, why);
  return kept === null ? [] : [{ ...entry, weight: kept.weight }];
}

/** Without `warm`, which only a memcached has. */
export function plain({ name, weight, reverse }: TrackedMemcached): Tracked {
  return { name, weight, reverse };
}
