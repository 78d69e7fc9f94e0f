/** Offers a native `memcached` block in the place of a vrrp_script that asks a memcached whether it is there. */

import { isKnown } from '../known.ts';
import {
  type Collection,
  type Entry,
  find,
  isCollection,
  list,
  map,
  type Origin,
  type Scalar,
  section,
} from '../model.ts';
import { formatPosition, type Sources } from '../read/source.ts';
import { type MemcachedCheck, recogniseCheck } from '../recognise/memcached-check.ts';
import { commandsOf, type ScriptPlaces } from './script-text.ts';

/** A tracked script: `NAME` or `NAME weight N`. */
const TRACKED = /^(\S+)(?: weight ([+-]?\d+))?$/;

/** Changes the config: each script that is recognised goes, and what tracked it tracks the memcached. */
export function offerMemcached(config: Collection, places: ScriptPlaces, sources: Sources): void {
  const scripts = mapAt(config, 'vrrp_script');
  for (const script of [...(scripts?.entries ?? [])]) {
    const words = isCollection(script.value) ? commandWords(find(script.value, 'script')) : [];
    const check = words.length === 0 ? null : recogniseCheck(commandsOf(words, places, sources));
    if (check === null || !isReplaceable(config, script.key!)) continue;
    const name = addMemcached(config, script, check);
    scripts!.entries.splice(scripts!.entries.indexOf(script), 1);
    for (const { collection } of trackersOf(config)) track(collection, script, name);
  }
}

/** The words of a command in the model. */
export function commandWords(entry: Entry | undefined): string[] {
  if (entry === undefined) return [];
  if (!isCollection(entry.value)) return String(entry.value).split(/\s+/).filter(Boolean);
  return entry.value.entries.map(({ value }) => String(value));
}

export function instancesOf(config: Collection): { readonly name: string; readonly value: Collection }[] {
  return (mapAt(config, 'vrrp_instance')?.entries ?? []).flatMap(({ key, value }) =>
    isCollection(value) ? [{ name: key!, value }] : [],
  );
}

/** The name of the memcached with this address, made under `wish` or a name like it when there is none yet. */
export function memcachedNamed(config: Collection, wish: string, address: string, make: () => Entry): string {
  const all = section(config, 'memcached', make().origin);
  const same = all.entries.find(
    ({ value }) => isCollection(value) && find(value, 'address')?.value === address,
  );
  if (same !== undefined) return same.key!;
  const entry = make();
  const name = find(all, wish) === undefined ? wish : `${wish}_${all.entries.length + 1}`;
  all.entries.push({ ...entry, key: name });
  return name;
}

/** Adds a memcached to what an instance tracks, above its addresses. */
export function trackMemcached(instance: Collection, item: string, origin: Origin): void {
  const tracked = find(instance, 'track_memcached')?.value;
  const entry: Entry = { key: null, value: item, origin };
  if (tracked !== undefined && isCollection(tracked)) {
    if (!tracked.entries.some(({ value }) => String(value).split(' ')[0] === item.split(' ')[0])) {
      tracked.entries.push(entry);
    }
    return;
  }
  insertBeforeAddresses(instance, { key: 'track_memcached', value: list([entry]), origin });
}

export function insertBeforeAddresses(instance: Collection, entry: Entry): void {
  const at = instance.entries.findIndex(({ key }) => key?.startsWith('virtual_ipaddress'));
  instance.entries.splice(at < 0 ? instance.entries.length : at, 0, entry);
}

/** False when nothing tracks it, or something does in a way that a memcached cannot be tracked. */
function isReplaceable(config: Collection, name: string): boolean {
  const uses = trackersOf(config).flatMap(({ collection, replaceable }) => {
    const items = find(collection, 'track_script')?.value;
    if (items === undefined || !isCollection(items)) return [];
    const own = items.entries.map(({ value }) => String(value)).filter((text) => text.split(' ')[0] === name);
    return own.map((text) => replaceable && TRACKED.test(text));
  });
  return uses.length > 0 && !uses.includes(false);
}

/** Instances and sync groups. */
function trackersOf(
  config: Collection,
): { readonly collection: Collection; readonly replaceable: boolean }[] {
  return ['vrrp_instance', 'vrrp_sync_group'].flatMap((key) =>
    (mapAt(config, key)?.entries ?? []).flatMap(({ value }) =>
      isCollection(value) ? [{ collection: value, replaceable: isKnown([key, '*', 'track_memcached']) }] : [],
    ),
  );
}

function addMemcached(config: Collection, script: Entry, check: MemcachedCheck): string {
  const value = script.value as Collection;
  const { origin } = script;
  const number = (key: string): Entry | undefined => find(value, key);
  const interval = number('interval')?.value ?? 1;
  const timing = (key: string, fallback: Scalar): Entry => {
    const given = number(key);
    return given === undefined
      ? { key, value: fallback, origin, remark: "keepalived's default" }
      : { ...given, key };
  };
  const make = (): Entry => ({
    key: null,
    origin,
    before: [
      `Instead of vrrp_script ${script.key} (${formatPosition(origin.at)}), which ${check.how}:`,
      ...origin.text.map((line) => `  ${line}`),
    ],
    value: map(
      [
        { key: 'address', value: check.address, origin },
        timing('interval', 1),
        timing('timeout', isCollection(interval) ? 1 : interval),
        timing('fall', 1),
        timing('rise', 1),
      ],
      [
        ...value.losses,
        ...(check.restarts
          ? [
              {
                what: `vrrp_script ${script.key}`,
                reason: 'the script also starts memcached; give its systemd unit Restart=always',
                origin: { ...origin, text: [] },
              },
            ]
          : []),
      ],
    ),
  });
  return memcachedNamed(config, 'local', check.address, make);
}

/** Moves the entry for this script from track_script to track_memcached. */
function track(tracker: Collection, script: Entry, name: string): void {
  const tracked = find(tracker, 'track_script');
  if (tracked === undefined || !isCollection(tracked.value)) return;
  const items = tracked.value.entries;
  const at = items.findIndex(({ value }) => String(value).split(' ')[0] === script.key);
  if (at < 0) return;
  const [item] = items.splice(at, 1);
  if (items.length === 0) tracker.entries.splice(tracker.entries.indexOf(tracked), 1);
  const fallback = find(script.value as Collection, 'weight')?.value;
  const weight = TRACKED.exec(String(item!.value))?.[2] ?? (fallback === 0 ? undefined : fallback);
  trackMemcached(tracker, weight === undefined ? name : `${name} weight ${weight}`, item!.origin);
}

function mapAt(config: Collection, key: string): Collection | undefined {
  const value = find(config, key)?.value;
  return value !== undefined && isCollection(value) ? value : undefined;
}
