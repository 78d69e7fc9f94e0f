/** What the two families of IP addresses have in common. Pure; each family's text and bytes are its own file's. */
import { parseIpv4 } from './ipv4.ts';
import { parseIpv6 } from './ipv6.ts';
import type { IpAddress } from './vrrp/parameters.ts';

/** The version in the IP header. */
export type IpFamily = 4 | 6;

/** Bytes of an address of each family. */
export const ADDRESS_LENGTH: Readonly<Record<IpFamily, number>> = { 4: 4, 6: 16 };

/** The family of an address that was checked before: only IPv6 has colons. */
export function familyOf(address: IpAddress): IpFamily {
  return address.includes(':') ? 6 : 4;
}

/** The four or sixteen bytes of an address that was checked before; throws on text that is no address. */
export function addressBytes(address: IpAddress): Uint8Array {
  const bytes = parseIpv4(address) ?? parseIpv6(address);
  if (bytes === null) throw new Error(`not an IP address: ${address}`);
  return bytes;
}

/**
 * Numeric order, as RFC 3768 §6.4.3 and RFC 9568 §6.4.3 compare primary addresses: negative, 0 or positive. Only
 * addresses of one family meet in an election; of two families IPv4 comes first.
 */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  const left = addressBytes(a);
  const right = addressBytes(b);
  if (left.length !== right.length) return left.length - right.length;
  for (let i = 0; i < left.length; i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True in fe80::/10 (RFC 4291 §2.5.6); never for IPv4. */
export function isLinkLocal(address: IpAddress): boolean {
  if (familyOf(address) === 4) return false;
  const bytes = addressBytes(address);
  return bytes[0] === 0xfe && (bytes[1]! & 0xc0) === 0x80;
}
