/**
 * A virtual address in keepalived's spelling, `ADDR[/LEN] [dev X] [label Y] [scope S] [brd Z]`, or as a map of the same.
 * Parsing only; the instance's interface as default `dev` is filled in by build.
 */
import { familyOf } from '../core/ip-address.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import type { VirtualAddress } from './config.ts';
import { alternatives, mustBe, type Parsed, quote } from './describe.ts';
import { isIpv4, parseHostAddress } from './host-address.ts';

/** The scopes of `ip address add` that make sense for a virtual address. */
export const SCOPES = ['global', 'link', 'host', 'site'] as const;

/**
 * Names of interfaces. Narrower than the kernel's rule (which forbids only `/`, `:` and white space), because names
 * end up on lines for `ip -batch`, where quotes, backslashes and `#` mean something.
 */
export const INTERFACE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,14}$/;

/** Labels: as interfaces, with the colon of `eth0:1`. */
export const LABEL = /^[A-Za-z0-9_][A-Za-z0-9_.@+:-]{0,14}$/;

/** The map spelling; every member is checked by the schema on its own. */
export interface VirtualAddressFields {
  readonly address: string;
  readonly dev?: string | undefined;
  readonly label?: string | undefined;
  readonly scope?: VirtualAddress['scope'] | undefined;
  readonly brd?: string | undefined;
}

/** `ADDR` or `ADDR/LEN`; 32 or 128 when LEN is left out, as in keepalived. The address comes out in its canonical form. */
export function parsePrefix(text: string): Parsed<{ address: IpAddress; prefixLength: number }> {
  const slash = text.indexOf('/');
  const address = parseHostAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address.ok) return address;
  const [family, longest] = familyOf(address.value) === 4 ? ['IPv4', 32] : ['IPv6', 128];
  const length = slash < 0 ? String(longest) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(length) || Number(length) > longest) {
    return {
      ok: false,
      reason: mustBe(text, `an ${family} address with a prefix length from /0 to /${longest}`),
    };
  }
  return { ok: true, value: { address: address.value, prefixLength: Number(length) } };
}

/** Splits keepalived's one-line spelling into the members of the map spelling and checks each. */
export function parseVirtualAddress(text: string): Parsed<VirtualAddressFields> {
  const [address = '', ...options] = text.trim().split(/\s+/);
  const prefix = parsePrefix(address);
  if (!prefix.ok) return prefix;
  const fields: { -readonly [K in keyof VirtualAddressFields]: VirtualAddressFields[K] } = { address };
  for (let i = 0; i < options.length; i += 2) {
    const keyword = options[i]!;
    const value = options[i + 1];
    const wrong = (what: string): Parsed<VirtualAddressFields> => ({
      ok: false,
      reason: `is ${quote(text)}: ${what}`,
    });
    if (!['dev', 'label', 'scope', 'brd', 'broadcast'].includes(keyword)) {
      return wrong(`${quote(keyword)} is not supported, only dev, label, scope and brd are`);
    }
    if (value === undefined) return wrong(`nothing follows ${keyword}`);
    if (keyword === 'dev') {
      if (!INTERFACE_NAME.test(value)) return wrong(`${quote(value)} is no name of an interface`);
      fields.dev = value;
    } else if (keyword === 'label') {
      if (!LABEL.test(value)) return wrong(`${quote(value)} is no label (1 to 15 letters, digits, :._@+-)`);
      fields.label = value;
    } else if (keyword === 'scope') {
      const scope = SCOPES.find((name) => name === value);
      if (scope === undefined) return wrong(`the scope must be ${alternatives(SCOPES)}`);
      fields.scope = scope;
    } else {
      if (!isIpv4(value)) return wrong(`${quote(value)} is no broadcast address`);
      fields.brd = value;
    }
  }
  return { ok: true, value: fields };
}

/** The address in an entry of either spelling, without its length; undefined when the entry is too broken. */
export function virtualIp(
  entry: string | { readonly address?: string | undefined } | undefined,
): IpAddress | undefined {
  const text = typeof entry === 'string' ? entry.trim().split(/\s+/)[0] : entry?.address;
  const parsed = text === undefined ? undefined : parsePrefix(text);
  return parsed?.ok ? parsed.value.address : undefined;
}

/** The `dev` in an entry of either spelling; undefined when none is given or the entry is too broken. */
export function deviceOf(
  entry: string | { readonly dev?: string | undefined } | undefined,
): string | undefined {
  if (typeof entry !== 'string') return entry?.dev;
  const parsed = parseVirtualAddress(entry);
  return parsed.ok ? parsed.value.dev : undefined;
}
