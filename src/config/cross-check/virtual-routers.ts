/** Checks between instances: one VRID per interface and family, one holder per address. */

import { isLinkLocal } from '../../core/ip-address.ts';
import { familyOfInstance } from '../family.ts';
import type { Findings } from '../findings.ts';
import type { Draft } from '../schema.ts';
import { deviceOf, virtualIp } from '../virtual-address.ts';

/** Reports VRIDs and virtual addresses that are given twice. */
export function checkVirtualRouters(draft: Draft, findings: Findings): void {
  const routers = new Map<string, string>();
  const addresses = new Map<string, string>();
  for (const [name, instance] of Object.entries(draft.vrrp_instance ?? {})) {
    if (instance === undefined) continue;
    const { interface: device, virtual_router_id: vrid } = instance;
    if (device !== undefined && vrid !== undefined) {
      // RFC 9568 §1.6: the VRIDs of IPv4 and of IPv6 are two spaces.
      const key = `${device} ${familyOfInstance(instance) ?? 4} ${vrid}`;
      const other = routers.get(key);
      if (other !== undefined) {
        findings.error(
          ['vrrp_instance', name, 'virtual_router_id'],
          `is ${vrid}, which ${other} has already on ${device}`,
        );
      } else routers.set(key, name);
    }
    for (const list of ['virtual_ipaddress', 'virtual_ipaddress_excluded'] as const) {
      instance[list]?.forEach((entry, index) => {
        const address = virtualIp(entry);
        if (address === undefined) return;
        // A link-local address is another one on each interface (RFC 4007 §6).
        const holder = isLinkLocal(address) ? `${address} on ${deviceOf(entry) ?? device}` : address;
        const other = addresses.get(holder);
        if (other !== undefined) {
          const path = [
            'vrrp_instance',
            name,
            list,
            index,
            ...(typeof entry === 'string' ? [] : ['address']),
          ];
          findings.error(path, `is ${address}, which ${other} has already`);
        } else addresses.set(holder, name);
      });
    }
  }
}
