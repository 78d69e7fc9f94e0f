/** Checks that an instance's addresses are of one family, and what IPv6 asks of an instance. */
import { familyOf, isLinkLocal } from '../../core/ip-address.ts';
import { familyOfInstance } from '../family.ts';
import type { Findings } from '../findings.ts';
import { canonicalAddress } from '../host-address.ts';
import type { Path } from '../place.ts';
import type { DraftInstance } from '../schema.ts';
import { virtualIp } from '../virtual-address.ts';

/** Reports addresses of the other family than the first virtual address, and what does not go with IPv6. */
export function checkFamilies(instance: DraftInstance, path: Path, findings: Findings): void {
  const family = familyOfInstance(instance);
  if (family === undefined) return;
  const expect = (address: string | undefined, at: Path, otherwise: string): void => {
    if (address === undefined || familyOf(address) === family) return;
    findings.error(
      at,
      `is ${address}, must be an IPv${family} address as the first of virtual_ipaddress is${otherwise}`,
    );
  };
  instance.virtual_ipaddress?.forEach((entry, index) => {
    const at = [...path, 'virtual_ipaddress', index, ...(typeof entry === 'object' ? ['address'] : [])];
    expect(virtualIp(entry), at, '; the other family can stand in virtual_ipaddress_excluded');
  });
  instance.unicast_peer?.forEach((peer, index) => {
    expect(peer, [...path, 'unicast_peer', index], '');
  });
  expect(instance.unicast_src_ip, [...path, 'unicast_src_ip'], '');
  expect(instance.mcast_src_ip, [...path, 'mcast_src_ip'], '');
  if (family === 6) checkIpv6(instance, path, findings);
}

function checkIpv6(instance: DraftInstance, path: Path, findings: Findings): void {
  for (const key of ['version', 'vrrp_version'] as const) {
    if (instance[key] === 2)
      findings.error([...path, key], 'is 2, must be 3 or left out: only version 3 speaks IPv6');
  }
  if (instance.use_vmac !== undefined && instance.use_vmac !== false) {
    findings.error([...path, 'use_vmac'], 'is there for IPv4 only, remove it', 'key');
  }
  if ((instance.unicast_peer ?? []).length > 0) return;
  // A source that others cannot reach by multicast on the link would be refused by them, or by the kernel.
  const source = instance.unicast_src_ip ?? instance.mcast_src_ip;
  if (source !== undefined && familyOf(source) === 6 && !isLinkLocal(canonicalAddress(source))) {
    findings.warning(
      [...path, instance.unicast_src_ip === undefined ? 'mcast_src_ip' : 'unicast_src_ip'],
      `is ${source}, should be a link-local address (fe80::/10): RFC 9568 §5.1.2.1 asks for it in multicast advertisements`,
    );
  }
  const first = virtualIp(instance.virtual_ipaddress?.[0]);
  if (first !== undefined && !isLinkLocal(first)) {
    findings.warning(
      [...path, 'virtual_ipaddress', 0],
      `is ${first}, the first IPv6 address should be link-local (RFC 9568 §5.2.9); keepalived says so too, and goes on`,
    );
  }
}
