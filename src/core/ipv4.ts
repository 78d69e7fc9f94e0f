/** IPv4 addresses as text and as bytes. Pure; knows nothing of interfaces. */
import type { Ipv4 } from './vrrp/parameters.ts';

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** The four bytes of a dotted address, or null when the text is none (leading zeros are refused, as inet_pton does). */
export function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) <= 255)) return null;
  return Uint8Array.from(parts, Number);
}

/** Dotted form of the four bytes at `offset`. */
export function formatIpv4(bytes: Uint8Array, offset = 0): Ipv4 {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}
