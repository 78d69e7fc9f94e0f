/** One checked `vrrp_instance` in its typed form, with names resolved and seconds made milliseconds. Checks nothing. */
import { familyOf } from '../../core/ip-address.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import { virtualRouterMac } from '../../core/vrrp/virtual-router-mac.ts';
import type { InstanceConfig, VirtualAddress } from '../config.ts';
import { versionOf } from '../family.ts';
import { canonicalAddress } from '../host-address.ts';
import { inheritedFrom } from '../inherited.ts';
import type { Path } from '../place.ts';
import { preempts } from '../preemption.ts';
import type { FileConfig, FileInstance } from '../schema.ts';
import { autoLease } from '../vip-lease.ts';
import { parsePrefix, parseVirtualAddress } from '../virtual-address.ts';
import { deviceOf, vmacOf } from '../vmac.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { buildHooks } from './hooks.ts';
import { plain, trackingOf } from './tracking.ts';
import { ms, mustParse } from './values.ts';

/** Builds the instance called `name`; `file` is where what it leaves out has its defaults. */
export function buildInstance(
  name: string,
  instance: FileInstance,
  file: FileConfig,
  tree: YamlTree,
): InstanceConfig {
  const path: Path = ['vrrp_instance', name];
  const advertisementInterval = ms(instance.advert_int);
  const virtualAddresses = (instance.virtual_ipaddress ?? []).map((entry) => address(entry, instance));
  const excludedAddresses = (instance.virtual_ipaddress_excluded ?? []).map((entry) =>
    address(entry, instance),
  );
  const source = instance.unicast_src_ip ?? instance.mcast_src_ip;
  const inherited = inheritedFrom(file.global_defs);
  const downTimerAdverts = instance.down_timer_adverts ?? inherited.down_timer_adverts;
  const vmac = vmacOf(instance);
  const tracking = trackingOf(name, instance, file);
  const preempt = preempts(instance);
  // keepalived: preempt_delay does not go with state MASTER.
  const preemptDelay = instance.state === 'MASTER' || !preempt ? 0 : ms(instance.preempt_delay);
  return {
    name,
    initialState: instance.state,
    interface: instance.interface,
    vmac: vmac === null ? null : { ...vmac, mac: virtualRouterMac(instance.virtual_router_id) },
    vrrp: {
      version: versionOf(instance, inherited),
      virtualRouterId: instance.virtual_router_id,
      priority: instance.priority,
      advertisementInterval,
      preempt,
      preemptDelay,
      garpMasterDelay: ms(instance.garp_master_delay ?? inherited.garp_master_delay),
      garpMasterRepeat: instance.garp_master_repeat ?? inherited.garp_master_repeat,
      garpMasterRefresh: ms(instance.garp_master_refresh ?? inherited.garp_master_refresh),
      garpMasterRefreshRepeat: instance.garp_master_refresh_repeat ?? inherited.garp_master_refresh_repeat,
      garpLowerPrioDelay: ms(instance.garp_lower_prio_delay ?? inherited.garp_lower_prio_delay),
      garpLowerPrioRepeat: instance.garp_lower_prio_repeat ?? inherited.garp_lower_prio_repeat,
      lowerPrioNoAdvert: instance.lower_prio_no_advert ?? inherited.lower_prio_no_advert,
      higherPrioSendAdvert: instance.higher_prio_send_advert ?? inherited.higher_prio_send_advert,
      downTimerAdverts,
      addresses: virtualAddresses.map((virtual) => virtual.address),
      authPass:
        instance.authentication === undefined
          ? null
          : password(tree.text([...path, 'authentication', 'auth_pass']) ?? ''),
      unicastPeers: (instance.unicast_peer ?? []).map(canonicalAddress),
      vipLease: lease(instance.vip_lease, advertisementInterval, downTimerAdverts, [
        ...virtualAddresses,
        ...excludedAddresses,
      ]),
    },
    sourceAddress: source === undefined ? null : canonicalAddress(source),
    virtualAddresses,
    excludedAddresses,
    trackPrimary: !instance.dont_track_primary,
    trackInterfaces: tracking('track_interface').map(plain),
    trackScripts: tracking('track_script').map(plain),
    trackMemcached: tracking('track_memcached'),
    trackProcesses: tracking('track_process').map(plain),
    trackFiles: tracking('track_file').map(plain),
    proxy: instance.proxy ?? null,
    hooks: buildHooks(instance, path, tree),
  };
}

/** Eight bytes: cut, or filled up with NUL, as keepalived puts them on the wire. */
function password(text: string): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes.set(new TextEncoder().encode(text).subarray(0, 8));
  return bytes;
}

function lease(
  value: FileInstance['vip_lease'],
  advertisementInterval: Millis,
  downTimerAdverts: number,
  addresses: readonly VirtualAddress[],
): Millis | null {
  if (value === 'off') return null;
  if (value !== 'auto') return ms(value);
  const held = addresses.map((one) => one.address);
  return autoLease(advertisementInterval, downTimerAdverts, held);
}

function address(
  entry: NonNullable<FileInstance['virtual_ipaddress_excluded']>[number],
  instance: FileInstance,
): VirtualAddress {
  const fields = typeof entry === 'string' ? mustParse(parseVirtualAddress(entry)) : entry;
  const prefix = mustParse(parsePrefix(fields.address));
  // As in keepalived: the virtual MAC is of the instance's family, so the other family's addresses stay off it.
  const virtual = familyOf(prefix.address) === 4;
  return {
    ...prefix,
    dev: virtual ? deviceOf(fields.dev, instance) : (fields.dev ?? instance.interface),
    label: fields.label ?? null,
    scope: fields.scope ?? null,
    brd: fields.brd ?? null,
  };
}
