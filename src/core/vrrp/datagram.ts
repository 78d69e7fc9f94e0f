/** The IP datagram around a received VRRP message, either family: what of its header the receive checks need. */
import { formatIpv4 } from '../ipv4.ts';
import { formatIpv6 } from '../ipv6.ts';
import type { IpAddress } from './parameters.ts';

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;

/** A datagram whose own lengths fit; `message` is what the IP header carries. */
export interface Datagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** IPv4's TTL, IPv6's hop limit. */
  readonly hopLimit: number;
  readonly message: Uint8Array;
}

/** Reads a datagram by the lengths in its header, ignoring Ethernet padding behind it; null when they do not fit. */
export function readDatagram(datagram: Uint8Array): Datagram | null {
  return isIpv6(datagram) ? readIpv6(datagram) : readIpv4(datagram);
}

/** Where a datagram says that it comes from, even when its lengths do not fit; for logs. */
export function sourceOf(datagram: Uint8Array): IpAddress {
  return isIpv6(datagram) ? formatIpv6(datagram, 8) : formatIpv4(datagram, 12);
}

function isIpv6(datagram: Uint8Array): boolean {
  return (datagram[0] ?? 0) >> 4 === 6;
}

function readIpv4(datagram: Uint8Array): Datagram | null {
  if (datagram.length < IPV4_HEADER) return null;
  const headerLength = (datagram[0]! & 0x0f) * 4;
  const totalLength = (datagram[2]! << 8) | datagram[3]!;
  if (headerLength < IPV4_HEADER || totalLength < headerLength || totalLength > datagram.length) return null;
  return {
    source: formatIpv4(datagram, 12),
    destination: formatIpv4(datagram, 16),
    hopLimit: datagram[8]!,
    message: datagram.subarray(headerLength, totalLength),
  };
}

/** Without extension headers: a raw socket has none, because the kernel takes them off. */
function readIpv6(datagram: Uint8Array): Datagram | null {
  if (datagram.length < IPV6_HEADER) return null;
  const end = IPV6_HEADER + ((datagram[4]! << 8) | datagram[5]!);
  if (end > datagram.length) return null;
  return {
    source: formatIpv6(datagram, 8),
    destination: formatIpv6(datagram, 24),
    hopLimit: datagram[7]!,
    message: datagram.subarray(IPV6_HEADER, end),
  };
}
