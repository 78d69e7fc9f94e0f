/** `HOST:PORT` in config strings. Parsing only. */
import type { Endpoint } from './config.ts';
import { mustBe, type Parsed } from './describe.ts';
import { isIpv4 } from './ipv4.ts';

const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;

/**
 * Splits `HOST:PORT`; `defaultPort` null makes the port mandatory. The host is an IPv4 address or a name.
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
  const parts = text.split(':');
  const ipv6 = parts.length > 3 || text.includes('[') || text.includes('::');
  if (parts.length > 2) return wrong(ipv6 ? 'IPv6 is not supported' : '');
  const [host = '', portText] = parts;
  if (host === '*' || host === '') return wrong('write 0.0.0.0 for every address');
  if (!HOST_NAME.test(host)) return wrong('');
  if (/^[0-9.]+$/.test(host) && !isIpv4(host)) return wrong(`${host} is no IPv4 address`);
  if (portText === undefined) {
    return defaultPort === null
      ? wrong('the port is missing')
      : { ok: true, value: { host, port: defaultPort } };
  }
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) return wrong('the port must be 1 to 65535');
  return { ok: true, value: { host, port } };
}
