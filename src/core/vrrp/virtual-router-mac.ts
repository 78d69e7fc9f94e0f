/** The MAC address that belongs to a virtual router instead of to a host. */

/**
 * The virtual router's MAC address as text, e.g. `00:00:5e:00:01:33` (RFC 3768 §7.3, RFC 9568 §7.3, IPv4).
 * @param virtualRouterId 1 to 255
 */
export function virtualRouterMac(virtualRouterId: number): string {
  return `00:00:5e:00:01:${virtualRouterId.toString(16).padStart(2, '0')}`;
}

/** True for the IPv4 MAC of any virtual router. */
export function isVirtualRouterMac(mac: string): boolean {
  return /^00:00:5e:00:01:[0-9a-f]{2}$/i.test(mac);
}
