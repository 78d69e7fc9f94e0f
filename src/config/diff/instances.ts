/** Which instances of two configurations are the same virtual router, and which are others under the same name. */
import type { InstanceConfig } from '../config.ts';
import { same } from './same.ts';

/** Names of instances. One that is in neither list is in both configurations and the same virtual router. */
export interface InstanceChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** In both, but what its peers know it by is different: it has to resign as the one and begin as the other. */
  readonly remade: readonly string[];
}

export function compareInstances(
  before: readonly InstanceConfig[],
  after: readonly InstanceConfig[],
): InstanceChanges {
  const [old, now] = [byName(before), byName(after)];
  const known = after.filter(({ name }) => old.has(name));
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !now.has(name)).map(({ name }) => name),
    remade: known
      .filter((instance) => !sameRouter(old.get(instance.name)!, instance))
      .map(({ name }) => name),
  };
}

function byName(instances: readonly InstanceConfig[]): ReadonlyMap<string, InstanceConfig> {
  return new Map(instances.map((instance) => [instance.name, instance]));
}

/**
 * True when the two are one virtual router to everybody outside: it speaks the same version for the same VRID, from the
 * same interface, address and MAC, to the group or to peers.
 */
export function sameRouter(a: InstanceConfig, b: InstanceConfig): boolean {
  return same(outwardly(a), outwardly(b));
}

/** What an instance is to everybody outside. */
export function outwardly({ interface: device, vmac, sourceAddress, vrrp }: InstanceConfig) {
  const { version, virtualRouterId, unicastPeers } = vrrp;
  return { device, vmac, sourceAddress, version, virtualRouterId, unicast: unicastPeers.length > 0 };
}
