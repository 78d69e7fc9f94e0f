/** `HOST:PORT` and `[IPV6]:PORT` in config strings. */
import { formatIpv6, parseIpv6 } from '../core/ipv6.ts';
import type { Endpoint } from './config.ts';
import { mustBe, type Parsed } from './describe.ts';
import { isIpv4 } from './host-address.ts';

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;
/** The host in brackets or without a colon, and the port if there is one. */
const PARTS = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/;

/**
 * Splits `HOST:PORT`; `defaultPort` null makes the port mandatory. The host is an IPv4 address, a name, or an IPv6
 * address in brackets (RFC 3986 §3.2.2), whose canonical form is the result without them.
 * A "name" of digits and dots alone is a mistyped address and refused, or it would be looked up in DNS.
 */
export function parseEndpoint(text: string, defaultPort: number | null): Parsed<Endpoint> {
  const what =
    defaultPort === null
      ? 'HOST:PORT, such as 192.168.100.250:12000'
      : `HOST or HOST:PORT (port ${defaultPort} when left out), such as 192.168.100.101:11211`;
  const wrong = (why: string): Parsed<Endpoint> => ({
    ok: false,
    reason: `${mustBe(text, what)}${why === '' ? '' : ` (${why})`}`,
  });
  const [whole, bracketed, bare = '', portText] = PARTS.exec(text) ?? [];
  if (whole === undefined) {
    const ipv6 = text.includes('::') || text.split(':').length > 3;
    return wrong(ipv6 ? 'an IPv6 address stands in brackets, such as [fd00::1]:11211' : '');
  }
  const bytes = bracketed === undefined ? null : parseIpv6(bracketed);
  if (bracketed !== undefined && bytes === null) return wrong(`${bracketed} is no IPv6 address`);
  const host = bytes === null ? bare : formatIpv6(bytes);
  if (bytes === null) {
    if (host === '*' || host === '') return wrong('write 0.0.0.0 for every address');
    if (!HOST_NAME.test(host)) return wrong('');
    if (/^[0-9.]+$/.test(host) && !isIpv4(host)) return wrong(`${host} is no IPv4 address`);
  }
  if (portText === undefined) {
    return defaultPort === null
      ? wrong('the port is missing')
      : { ok: true, value: { host, port: defaultPort } };
  }
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) return wrong('the port must be 1 to 65535');
  return { ok: true, value: { host, port } };
}

/** The endpoint as it is written: an IPv6 address in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
