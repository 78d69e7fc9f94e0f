/** Which family of addresses an instance speaks in, and the VRRP version that follows from it. */
import { familyOf, type IpFamily } from '../core/ip-address.ts';
import type { VrrpVersion } from '../core/vrrp/parameters.ts';
import type { Inherited } from './inherited.ts';
import type { DraftInstance } from './schema.ts';
import { virtualIp } from './virtual-address.ts';

/** The family of the first virtual address, as in keepalived; undefined when there is none that could be read. */
export function familyOfInstance(instance: Pick<DraftInstance, 'virtual_ipaddress'>): IpFamily | undefined {
  const first = virtualIp(instance.virtual_ipaddress?.[0]);
  return first === undefined ? undefined : familyOf(first);
}

/** keepalived: an IPv6 instance that says nothing speaks version 3, whatever the default of the file is. */
export function versionOf(instance: DraftInstance, inherited: Inherited): VrrpVersion {
  const said = instance.version ?? instance.vrrp_version;
  return said ?? (familyOfInstance(instance) === 6 ? 3 : inherited.version);
}
