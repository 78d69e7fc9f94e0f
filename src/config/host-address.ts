/** IP addresses in config strings. Parsing only; which address makes sense where is for cross-check to say. */
import { formatIpv6, parseIpv6 } from '../core/ipv6.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { mustBe, type Parsed } from './describe.ts';

// No leading zeros: some programs read them as octal, so 010.0.0.1 would not mean one thing to everybody.
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const DOTTED = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** True for four decimal octets without leading zeros, which is also the canonical form. */
export function isIpv4(text: string): boolean {
  return DOTTED.test(text);
}

/**
 * An address that a host can hold, in its canonical form. IPv4: not 0.0.0.0/8, multicast (224/4), reserved (240/4) or
 * broadcast. IPv6: not ::, multicast (ff00::/8) or an IPv4-mapped one (::ffff:0:0/96), and without a zone.
 */
export function parseHostAddress(text: string): Parsed<IpAddress> {
  const none: Parsed<IpAddress> = { ok: false, reason: mustBe(text, 'an address that one host can hold') };
  if (isIpv4(text)) {
    const first = Number(text.slice(0, text.indexOf('.')));
    return first === 0 || first >= 224 ? none : { ok: true, value: text };
  }
  const bytes = parseIpv6(text);
  if (bytes === null) {
    const zoned = parseIpv6(text.replace(/%.*$/, '')) !== null;
    const hint = zoned ? ' without a zone (the interface is said elsewhere)' : '';
    return { ok: false, reason: mustBe(text, `an IPv4 or IPv6 address${hint}`) };
  }
  const mapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  if (bytes[0] === 0xff || mapped || bytes.every((byte) => byte === 0)) return none;
  return { ok: true, value: formatIpv6(bytes) };
}

/** The canonical form of an address, or the text itself when it is none. */
export function canonicalAddress(text: string): string {
  const parsed = parseHostAddress(text);
  return parsed.ok ? parsed.value : text;
}
