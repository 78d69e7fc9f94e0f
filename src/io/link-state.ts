/**
 * Takes an interface down and brings it up again as it was. The kernel forgets with it what was configured by hand: the
 * routes through it and its IPv6 addresses. So these are read beforehand and put back. IPv4 addresses stay by themselves.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest time for one `ip`, in ms. */
const DEADLINE = 5_000;

/** What goes when the interface goes down. */
export interface LinkStanding {
  readonly name: string;
  /** `ADDRESS/LENGTH` */
  readonly ipv6: readonly string[];
  /** Words for `ip route replace`, in the order in which they can be put back. */
  readonly routes: readonly { readonly family: '-4' | '-6'; readonly words: readonly string[] }[];
}

/** What the interface has now, without the addresses in `except`; rejects when there is no such interface. */
export async function readLink(name: string, except: ReadonlySet<string>): Promise<LinkStanding> {
  const [addresses, ipv4, ipv6] = await Promise.all([
    ip(['-6', '-j', 'addr', 'show', 'dev', name, 'permanent']),
    ip(['-4', 'route', 'show', 'table', 'all', 'dev', name]),
    ip(['-6', 'route', 'show', 'table', 'all', 'dev', name]),
  ]);
  return {
    name,
    ipv6: parseAddresses(addresses).filter((one) => !except.has(one.split('/')[0]!)),
    routes: [
      ...parseRoutes(ipv4).map((words) => ({ family: '-4' as const, words })),
      ...parseRoutes(ipv6).map((words) => ({ family: '-6' as const, words })),
    ],
  };
}

/**
 * The VLAN interfaces on it: they go down with it, come up with it, and have lost routes and IPv6 addresses by then, which
 * are not among those that are put back here.
 */
export async function vlansOn(name: string): Promise<string[]> {
  return parseVlans(await readFile('/proc/net/vlan/config', 'latin1').catch(() => ''), name); // none: no such file
}

/** Administratively down: for the kernel and the daemon as if the cable were pulled. Rejects with what `ip` said. */
export async function takeLinkDown(name: string): Promise<void> {
  await ip(['link', 'set', 'dev', name, 'down']);
}

/** Up, and what it had. Rejects with what could not be put back; the rest was. */
export async function restoreLink({ name, ipv6, routes }: LinkStanding): Promise<void> {
  await ip(['link', 'set', 'dev', name, 'up']);
  const failed: string[] = [];
  const attempt = (words: readonly string[]) =>
    ip(words).catch((error: Error) => {
      if (!/File exists/.test(error.message)) failed.push(error.message);
    });
  // It was unique a moment ago; without nodad nothing could use it for a second.
  for (const address of ipv6) await attempt(['-6', 'addr', 'add', address, 'dev', name, 'nodad']);
  for (const { family, words } of routes) await attempt([family, 'route', 'replace', ...words, 'dev', name]);
  if (failed.length > 0) throw new Error(`${name} is up, but: ${failed.join('; ')}`);
}

async function ip(words: readonly string[]): Promise<string> {
  try {
    return (await run('ip', words, { timeout: DEADLINE })).stdout;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new Error(`ip ${words.join(' ')}: ${said || (error as Error).message}`);
  }
}

interface IpAddressEntry {
  readonly addr_info?: ReadonlyArray<{ readonly local?: string; readonly prefixlen?: number }>;
}

/** Of `ip -6 -j addr`: those that do not come back by themselves. */
export function parseAddresses(json: string): string[] {
  const entries = JSON.parse(json.trim() === '' ? '[]' : json) as readonly IpAddressEntry[];
  return entries.flatMap(({ addr_info = [] }) =>
    addr_info.flatMap(({ local, prefixlen }) => (local === undefined ? [] : [`${local}/${prefixlen}`])),
  );
}

/**
 * Of `ip route show`: without what the kernel makes by itself and what a router advertises again (RFC 4861). Routes that
 * need a gateway come last, for it must be reachable first.
 */
export function parseRoutes(text: string): string[][] {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const own = lines.filter(
    (words) =>
      words[0] !== '' &&
      !words.join(' ').match(/\bproto (kernel|ra)\b/) &&
      !['local', 'broadcast', 'multicast', 'anycast', 'nexthop'].includes(words[0]!),
  );
  const direct = own.filter((words) => !words.includes('via'));
  return [...direct, ...own.filter((words) => words.includes('via'))];
}

/** Of /proc/net/vlan/config, `INTERFACE | NUMBER | BELOW` after two lines of heading: those that are above this one. */
export function parseVlans(text: string, name: string): string[] {
  const rows = text.split('\n').map((line) => line.split('|').map((word) => word.trim()));
  return rows.flatMap(([vlan = '', , below]) => (below === name ? [vlan] : []));
}
