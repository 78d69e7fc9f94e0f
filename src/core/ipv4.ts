/** IPv4 addresses as text and as bytes. Pure; knows nothing of interfaces. */
import type { Ipv4 } from './vrrp/parameters.ts';

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** The four bytes of a dotted address, or null when the text is none (leading zeros are refused, as inet_pton does). */
export function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) <= 255)) return null;
  return Uint8Array.from(parts, Number);
}

/** The bytes of an address that was checked before; throws on text that is no address. */
export function ipv4Bytes(address: Ipv4): Uint8Array {
  const bytes = parseIpv4(address);
  if (bytes === null) throw new Error(`not an IPv4 address: ${address}`);
  return bytes;
}

/** Dotted form of the four bytes at `offset`. */
export function formatIpv4(bytes: Uint8Array, offset = 0): Ipv4 {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** Numeric order, as RFC 3768 §6.4.3 compares primary addresses: negative, 0 or positive. */
export function compareIpv4(a: Ipv4, b: Ipv4): number {
  const left = ipv4Bytes(a);
  const right = ipv4Bytes(b);
  for (let i = 0; i < 4; i++) {
    const difference = left[i]! - right[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
