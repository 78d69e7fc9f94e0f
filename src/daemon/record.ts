/**
 * What the daemon leaves behind when it dies, for the one that is started in its place: who was MASTER and advertised
 * when, how the checks stood, whether the host was drained. Writes the record and reads it; what follows from it for an
 * election is decided by the VRRP machine.
 */
import { isIP } from 'node:net';
import { basename, dirname, join } from 'node:path';
import type { Config, InstanceConfig, ProxyConfig, VirtualAddress } from '../config/config.ts';
import { outwardly } from '../config/diff/instances.ts';
import { same } from '../config/diff/same.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';
import { bootId, sinceBoot } from '../io/boot.ts';
import type { Network } from '../io/network.ts';
import type { CheckStanding } from './health.ts';

/** Where an address is. */
export type Place = Pick<VirtualAddress, 'address' | 'prefixLength' | 'dev'>;

/** An advertisement that was sent as MASTER. In the record its time is ms since the boot. */
export interface Spoken {
  readonly at: Millis;
  readonly priority: number;
  readonly source: IpAddress;
}

/** One instance in the record. */
export interface InstanceRecord {
  readonly name: string;
  /** What it is to its peers; the record of another one is of no use. */
  readonly router: object;
  readonly advertisementInterval: Millis;
  readonly addresses: readonly Place[];
  /** Its latest advertisement; null: it is not MASTER. */
  readonly spoke: Spoken | null;
  /** For proxies/early.ts; null: it has none. Not every version tells. */
  readonly proxy?: ProxyConfig | null;
}

export interface StandingRecord {
  /** RECORD_FORMAT of who wrote it. */
  readonly format: string;
  readonly bootId: string;
  readonly drained: boolean;
  readonly checks: Readonly<Record<string, CheckStanding>>;
  readonly instances: readonly InstanceRecord[];
}

/** What a predecessor leaves to this run. */
export interface Inheritance {
  readonly drained: boolean;
  /** Empty unless an instance goes on as MASTER: else the checks have to show how things are. */
  readonly checks: ReadonlyMap<string, CheckStanding>;
  /** The instances that may go on as MASTER, and when they advertised last (ms since the boot). */
  readonly masters: ReadonlyMap<string, Millis>;
}

/**
 * Of what a record says and means; to be raised with every change of it. The program's own version does not matter, so that an
 * upgrade is a restart in place too.
 */
export const RECORD_FORMAT = '1';

export const NOTHING: Inheritance = { drained: false, checks: new Map(), masters: new Map() };

/** Beside the control socket, where only one daemon is. */
export function recordFile(control: string): string {
  return join(dirname(control), `${basename(control, '.sock')}.state`);
}

/** The record of this run; `spoke` tells the latest advertisement of an instance that is MASTER. */
export function writeRecord(
  drained: boolean,
  checks: ReadonlyMap<string, CheckStanding>,
  { instances, proxies }: Pick<Config, 'instances' | 'proxies'>,
  spoke: (instance: string) => Spoken | null,
): StandingRecord {
  return {
    format: RECORD_FORMAT,
    bootId: bootId(),
    drained,
    checks: Object.fromEntries(checks),
    instances: instances.map((config) => ({
      name: config.name,
      router: outwardly(config),
      advertisementInterval: config.vrrp.advertisementInterval,
      addresses: placesOf(config),
      spoke: spoke(config.name),
      proxy: proxies.find(({ name }) => name === config.proxy) ?? null,
    })),
  };
}

/** The content of a file as the record of a run in this boot; null: it is none, or of another format. */
export function asRecord(found: unknown): StandingRecord | null {
  return isRecord(found) && found.format === RECORD_FORMAT && found.bootId === bootId() ? found : null;
}

/**
 * The instances that died as MASTER so lately that nobody can have missed them, and are the same virtual router in this
 * configuration. The members of a sync group all or none. `spoken` are later advertisements than the record's (ms since
 * the boot).
 */
export function recentMasters(
  record: StandingRecord,
  config: Config,
  spoken: ReadonlyMap<string, Millis>,
): Map<string, Spoken> {
  const now = sinceBoot();
  const masters = new Map<string, Spoken>();
  for (const instance of config.instances) {
    const before = record.instances.find(({ name }) => name === instance.name);
    if (before === undefined || before.spoke === null) continue;
    const { advertisementInterval, downTimerAdverts } = instance.vrrp;
    const at = spoken.get(instance.name) ?? before.spoke.at;
    const asBefore =
      same(before.router, outwardly(instance)) && before.advertisementInterval === advertisementInterval;
    const isMissed = now - at >= downTimerAdverts * advertisementInterval;
    if (asBefore && !isMissed) masters.set(instance.name, { ...before.spoke, at });
  }
  return wholeGroups(masters, config);
}

/**
 * What the record leaves to a run with this configuration. A recent master goes on when it has all its addresses that are
 * still configured: the kernel has not taken them away, so their lease still runs.
 */
export function inherit(
  record: StandingRecord | null,
  config: Config,
  network: Network,
  spoken: ReadonlyMap<string, Millis>,
): Inheritance {
  if (record === null) return NOTHING;
  const masters = new Map<string, Millis>();
  for (const [name, { at }] of recentMasters(record, config, spoken)) {
    const instance = config.instances.find((each) => each.name === name)!;
    const before = record.instances.find((each) => each.name === name)!;
    const kept = before.addresses.filter((place) => placesOf(instance).some((each) => same(each, place)));
    if (kept.length > 0 && kept.every((place) => isThere(network, place))) masters.set(name, at);
  }
  const goOn = wholeGroups(masters, config);
  return {
    drained: record.drained,
    checks: new Map(goOn.size > 0 ? Object.entries(record.checks) : []),
    masters: goOn,
  };
}

/** Without the members of a sync group of which one is missing. */
function wholeGroups<T>(masters: Map<string, T>, { syncGroups }: Config): Map<string, T> {
  const torn = syncGroups.filter(({ members }) => !members.every((member) => masters.has(member)));
  const without = new Set(torn.flatMap(({ members }) => members));
  return new Map([...masters].filter(([name]) => !without.has(name)));
}

function placesOf({ virtualAddresses, excludedAddresses }: InstanceConfig): Place[] {
  return [...virtualAddresses, ...excludedAddresses].map(({ address, prefixLength, dev }) => ({
    address,
    prefixLength,
    dev,
  }));
}

function isThere(network: Network, { address, prefixLength, dev }: Place): boolean {
  const addresses = network.get(dev)?.addresses ?? [];
  return addresses.some((each) => each.address === address && each.prefixLength === prefixLength);
}

/** What this program writes; anything else in the file is no record. */
function isRecord(value: unknown): value is StandingRecord {
  const { instances, checks, drained } = (value ?? {}) as Partial<StandingRecord>;
  return (
    typeof drained === 'boolean' &&
    typeof checks === 'object' &&
    checks !== null &&
    Array.isArray(instances) &&
    instances.every(isInstanceRecord)
  );
}

function isInstanceRecord(value: unknown): boolean {
  const { name, addresses, spoke } = (value ?? {}) as Partial<InstanceRecord>;
  const isPlace = (place: unknown): boolean => {
    const { address, prefixLength, dev } = (place ?? {}) as Partial<Place>;
    return typeof address === 'string' && typeof prefixLength === 'number' && typeof dev === 'string';
  };
  const isGood = typeof name === 'string' && Array.isArray(addresses) && addresses.every(isPlace);
  return isGood && (spoke === null || isSpoken(spoke));
}

function isSpoken(value: unknown): boolean {
  const { at, priority, source } = (value ?? {}) as Partial<Spoken>;
  const isPriority = Number.isInteger(priority) && priority! >= 1 && priority! <= 255;
  const isSource = typeof source === 'string' && isIP(source) !== 0;
  return typeof at === 'number' && at <= sinceBoot() && isPriority && isSource;
}
