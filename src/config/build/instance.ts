/** One checked `vrrp_instance` in its typed form, with names resolved and seconds made milliseconds. Checks nothing. */
import type { Command, InstanceConfig, TrackedMemcached, VirtualAddress } from '../config.ts';
import type { Path } from '../place.ts';
import type { FileConfig, FileInstance } from '../schema.ts';
import { parseTracked } from '../tracked.ts';
import { autoLease } from '../vip-lease.ts';
import { parsePrefix, parseVirtualAddress } from '../virtual-address.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { command, ms, mustParse } from './values.ts';

/** Builds the instance called `name`; `file` is where its tracked scripts have their default weights. */
export function buildInstance(
  name: string,
  instance: FileInstance,
  file: FileConfig,
  tree: YamlTree,
): InstanceConfig {
  const path: Path = ['vrrp_instance', name];
  const advertisementInterval = ms(instance.advert_int);
  const virtualAddresses = (instance.virtual_ipaddress ?? []).map((entry) =>
    address(entry, instance.interface),
  );
  const hook = (key: keyof FileInstance & `notify${string}`): Command | null => {
    const value = instance[key];
    return value === undefined ? null : command(value, [...path, key], tree);
  };
  // keepalived: nopreempt and preempt_delay do not go with state MASTER, nopreempt not with an address owner.
  const master = instance.state === 'MASTER';
  const nopreempt = instance.nopreempt && !master && instance.priority < 255;
  return {
    name,
    initialState: instance.state,
    interface: instance.interface,
    vrrp: {
      version: instance.version ?? instance.vrrp_version ?? 2,
      virtualRouterId: instance.virtual_router_id,
      priority: instance.priority,
      advertisementInterval,
      preempt: !nopreempt,
      preemptDelay: master || nopreempt ? 0 : ms(instance.preempt_delay),
      garpMasterDelay: ms(instance.garp_master_delay),
      garpMasterRepeat: instance.garp_master_repeat,
      garpMasterRefresh: ms(instance.garp_master_refresh),
      garpMasterRefreshRepeat: instance.garp_master_refresh_repeat,
      addresses: virtualAddresses.map((virtual) => virtual.address),
      authPass:
        instance.authentication === undefined
          ? null
          : password(tree.text([...path, 'authentication', 'auth_pass']) ?? ''),
      unicastPeers: instance.unicast_peer ?? [],
      vipLease: lease(instance.vip_lease, advertisementInterval),
    },
    sourceAddress: instance.unicast_src_ip ?? instance.mcast_src_ip ?? null,
    virtualAddresses,
    excludedAddresses: (instance.virtual_ipaddress_excluded ?? []).map((entry) =>
      address(entry, instance.interface),
    ),
    trackInterfaces: (instance.track_interface ?? []).map((entry) => tracked(entry, 0)),
    trackScripts: (instance.track_script ?? []).map((entry) => {
      const { name, weight } = tracked(entry, null);
      return { name, weight: weight ?? file.vrrp_script?.[name]?.weight ?? 0 };
    }),
    trackMemcached: (instance.track_memcached ?? []).map(
      (entry): TrackedMemcached => ({
        ...tracked(entry, 0),
        warm: typeof entry === 'string' ? false : entry.warm,
      }),
    ),
    proxy: instance.proxy ?? null,
    hooks: {
      master: hook('notify_master'),
      backup: hook('notify_backup'),
      fault: hook('notify_fault'),
      stop: hook('notify_stop'),
      any: hook('notify'),
    },
  };
}

/** Eight bytes: cut, or filled up with NUL, as keepalived puts them on the wire. */
function password(text: string): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes.set(new TextEncoder().encode(text).subarray(0, 8));
  return bytes;
}

function lease(value: FileInstance['vip_lease'], advertisementInterval: number): number | null {
  if (value === 'off') return null;
  return value === 'auto' ? autoLease(advertisementInterval) : ms(value);
}

function tracked<W extends number | null>(
  entry: string | { readonly name: string; readonly weight?: number | undefined },
  defaultWeight: W,
): { readonly name: string; readonly weight: number | W } {
  const { name, weight } = typeof entry === 'string' ? mustParse(parseTracked(entry)) : entry;
  return { name, weight: weight ?? defaultWeight };
}

function address(
  entry: NonNullable<FileInstance['virtual_ipaddress_excluded']>[number],
  instanceInterface: string,
): VirtualAddress {
  const fields = typeof entry === 'string' ? mustParse(parseVirtualAddress(entry)) : entry;
  return {
    ...mustParse(parsePrefix(fields.address)),
    dev: fields.dev ?? instanceInterface,
    label: fields.label ?? null,
    scope: fields.scope ?? null,
    brd: fields.brd ?? null,
  };
}
