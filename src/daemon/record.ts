/**
 * What the daemon leaves behind when it dies, for the one that is started in its place: who was MASTER and advertised
 * when, how the checks stood, whether the host was drained. Writes the record and reads it; what follows from it for an
 * election is decided by the VRRP machine.
 */
import { basename, dirname, join } from 'node:path';
import type { Config, InstanceConfig, VirtualAddress } from '../config/config.ts';
import { outwardly } from '../config/diff/instances.ts';
import { same } from '../config/diff/same.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { bootId, sinceBoot } from '../io/boot.ts';
import type { Network } from '../io/network.ts';
import type { CheckStanding } from './health.ts';

/** Where an address is. */
export type Place = Pick<VirtualAddress, 'address' | 'prefixLength' | 'dev'>;

/** One instance in the record. Times are ms since the boot. */
export interface InstanceRecord {
  readonly name: string;
  /** What it is to its peers; the record of another one is of no use. */
  readonly router: object;
  readonly advertisementInterval: Millis;
  readonly addresses: readonly Place[];
  /** When it advertised last; null: it is not MASTER. */
  readonly spokeAt: Millis | null;
}

export interface StandingRecord {
  readonly version: string;
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

export const NOTHING: Inheritance = { drained: false, checks: new Map(), masters: new Map() };

/** Beside the control socket, where only one daemon is. */
export function recordFile(control: string): string {
  return join(dirname(control), `${basename(control, '.sock')}.state`);
}

/** The record of this run; `spokeAt` tells when an instance that is MASTER advertised last, in ms since the boot. */
export function writeRecord(
  version: string,
  drained: boolean,
  checks: ReadonlyMap<string, CheckStanding>,
  instances: readonly InstanceConfig[],
  spokeAt: (instance: string) => Millis | null,
): StandingRecord {
  return {
    version,
    bootId: bootId(),
    drained,
    checks: Object.fromEntries(checks),
    instances: instances.map((config) => ({
      name: config.name,
      router: outwardly(config),
      advertisementInterval: config.vrrp.advertisementInterval,
      addresses: placesOf(config),
      spokeAt: spokeAt(config.name),
    })),
  };
}

/**
 * What `found`, the content of the file, leaves to a run of this version with this configuration. An instance may go on
 * as MASTER when it was MASTER of the same virtual router, spoke so lately that nobody can have missed it, and has all
 * its addresses: the kernel has not taken them away, so their lease still runs. The members of a sync group all or none.
 */
export function inherit(found: unknown, version: string, config: Config, network: Network): Inheritance {
  if (!isRecord(found) || found.version !== version || found.bootId !== bootId()) return NOTHING;
  const now = sinceBoot();
  const masters = new Map<string, Millis>();
  for (const instance of config.instances) {
    const before = found.instances.find(({ name }) => name === instance.name);
    if (before === undefined || before.spokeAt === null) continue;
    const { advertisementInterval, downTimerAdverts } = instance.vrrp;
    const asBefore =
      same(before.router, outwardly(instance)) && before.advertisementInterval === advertisementInterval;
    const isMissed = now - before.spokeAt >= downTimerAdverts * advertisementInterval;
    const kept = before.addresses.filter((place) => placesOf(instance).some((each) => same(each, place)));
    if (asBefore && !isMissed && kept.length > 0 && kept.every((place) => isThere(network, place))) {
      masters.set(instance.name, before.spokeAt);
    }
  }
  for (const { members } of config.syncGroups) {
    if (!members.every((member) => masters.has(member))) for (const member of members) masters.delete(member);
  }
  return {
    drained: found.drained,
    checks: new Map(masters.size > 0 ? Object.entries(found.checks) : []),
    masters,
  };
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
  const { name, addresses, spokeAt } = (value ?? {}) as Partial<InstanceRecord>;
  const isPlace = (place: unknown): boolean => {
    const { address, prefixLength, dev } = (place ?? {}) as Partial<Place>;
    return typeof address === 'string' && typeof prefixLength === 'number' && typeof dev === 'string';
  };
  const isTime = spokeAt === null || (typeof spokeAt === 'number' && spokeAt <= sinceBoot());
  return typeof name === 'string' && Array.isArray(addresses) && addresses.every(isPlace) && isTime;
}
