/** The Internet checksum (RFC 1071) and the pseudo-headers that enter it. */
import { addressBytes } from './ip-address.ts';
import type { IpAddress } from './vrrp/parameters.ts';

/** The checksum over these parts in a row; all but the last have an even length. 0 over bytes with a right checksum. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/**
 * What stands before a message of `length` bytes in its checksum: for IPv4 the 12 bytes of RFC 9568 §5.2.8, for IPv6
 * the 40 of RFC 8200 §8.1. `protocol` is IPv4's protocol or IPv6's next header.
 */
export function pseudoHeader(
  source: IpAddress,
  destination: IpAddress,
  protocol: number,
  length: number,
): Uint8Array {
  const addresses = [...addressBytes(source), ...addressBytes(destination)];
  const size = [length >> 8, length & 0xff];
  const isIpv4 = addresses.length === 8;
  return Uint8Array.from([
    ...addresses,
    ...(isIpv4 ? [0, protocol, ...size] : [0, 0, ...size, 0, 0, 0, protocol]),
  ]);
}
