/** IPv4 addresses in config strings. Parsing only; which address makes sense where is for cross-check to say. */
import type { Ipv4 } from '../core/vrrp/parameters.ts';
import { mustBe, type Parsed } from './describe.ts';

// No leading zeros: some programs read them as octal, so 010.0.0.1 would not mean one thing to everybody.
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const DOTTED = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);

/** True for four decimal octets without leading zeros, which is also the canonical form. */
export function isIpv4(text: string): boolean {
  return DOTTED.test(text);
}

/** An address that a host can hold: not 0.0.0.0/8, multicast (224/4), reserved (240/4) or broadcast. */
export function parseHostAddress(text: string): Parsed<Ipv4> {
  if (!isIpv4(text)) {
    const ipv6 = text.includes(':') && /^[0-9A-Fa-f:.]+(\/\d+)?$/.test(text);
    return {
      ok: false,
      reason: mustBe(text, `an IPv4 address${ipv6 ? ' (IPv6 is not supported)' : ''}`),
    };
  }
  const first = Number(text.slice(0, text.indexOf('.')));
  if (first === 0 || first >= 224) {
    return { ok: false, reason: mustBe(text, 'an address that one host can hold') };
  }
  return { ok: true, value: text };
}
