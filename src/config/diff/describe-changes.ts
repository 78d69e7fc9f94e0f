/** What is different between two configurations, a line for each key, in the words of the file. */
import type { Config, InstanceConfig, SyncGroupConfig } from '../config.ts';
import {
  type Fields,
  GLOBAL,
  HOOKS,
  INSTANCE,
  INTERFACE_DELAY,
  MEMCACHED,
  PROCESS,
  PROXY,
  SCRIPT,
  SYNC_GROUP,
  TRACK_FILE,
  VRRP,
} from './fields.ts';
import { compareInstances } from './instances.ts';
import { same } from './same.ts';

/**
 * E.g. `vrrp_instance VI_1: priority 100 -> 150`, `memcached local: removed`. Empty when the two do the same; the order
 * of the file's sections. What has its default in another section is told where it takes effect.
 */
export function describeChanges(before: Config, after: Config): string[] {
  const entries = <T>(
    title: string,
    of: (config: Config) => readonly T[],
    nameOf: (entry: T) => string,
    changesOf: (a: T, b: T) => readonly string[],
  ): string[] => {
    const [old, now] = [of(before), of(after)];
    const [oldByName, nowByName] = [old, now].map(
      (list) => new Map(list.map((each) => [nameOf(each), each])),
    );
    return [
      ...old.filter((entry) => !nowByName!.has(nameOf(entry))).map((entry) => [entry, ['removed']] as const),
      ...now.map((entry) => {
        const known = oldByName!.get(nameOf(entry));
        return [entry, known === undefined ? ['added'] : changesOf(known, entry)] as const;
      }),
    ].flatMap(([entry, changes]) => changes.map((change) => `${title} ${nameOf(entry)}: ${change}`));
  };
  const named = <T extends { readonly name: string }>(
    title: string,
    of: (config: Config) => readonly T[],
    fields: Fields<T>,
  ): string[] =>
    entries(
      title,
      of,
      ({ name }) => name,
      (a, b) => changedKeys(fields, a, b),
    );
  const { remade } = compareInstances(before.instances, after.instances);

  return [
    ...changedKeys(GLOBAL, before.global, after.global).map((change) => `global_defs: ${change}`),
    ...named('memcached', (config) => config.memcached, MEMCACHED),
    ...named('proxy', (config) => config.proxies, PROXY),
    ...named('vrrp_script', (config) => config.scripts, SCRIPT),
    ...named('vrrp_track_process', (config) => config.processes, PROCESS),
    ...named('track_file', (config) => config.trackFiles, TRACK_FILE),
    ...entries(
      'interface_up_down_delays',
      (config) => config.interfaceDelays,
      (delay) => delay.interface,
      (a, b) => changedKeys(INTERFACE_DELAY, a, b),
    ),
    ...entries('vrrp_sync_group', (config) => config.syncGroups, nameOf, groupChanges),
    ...entries(
      'vrrp_instance',
      (config) => config.instances,
      nameOf,
      (a, b) => [...instanceChanges(a, b), ...(remade.includes(b.name) ? ['resigns and begins anew'] : [])],
    ),
  ];
}

const nameOf = ({ name }: { readonly name: string }): string => name;

function groupChanges(
  { hooks: oldHooks, ...a }: SyncGroupConfig,
  { hooks, ...b }: SyncGroupConfig,
): string[] {
  return [...changedKeys(SYNC_GROUP, a, b), ...changedKeys(HOOKS, oldHooks, hooks)];
}

function instanceChanges(a: InstanceConfig, b: InstanceConfig): string[] {
  const { hooks: oldHooks, vrrp: oldVrrp, ...before } = a;
  const { hooks, vrrp, ...after } = b;
  return [
    ...changedKeys(INSTANCE, before, after),
    ...changedKeys(VRRP, oldVrrp, vrrp),
    ...changedKeys(HOOKS, oldHooks, hooks),
  ];
}

function changedKeys<T extends object>(fields: Fields<T>, before: T, after: T): string[] {
  return (Object.keys(fields) as (keyof T)[]).flatMap((name) => {
    const field = fields[name];
    if (field === null || same(before[name], after[name])) return [];
    const [key, tell] = field;
    return [`${key}${tell(before[name], after[name])}`];
  });
}
