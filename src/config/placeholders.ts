/** `{listen}`, `{host}`, `{port}` and `{peer}` in the commands of proxies and memcacheds. */
import type { Command, Endpoint } from './config.ts';
import { quote } from './describe.ts';
import { formatEndpoint } from './endpoint.ts';
import { didYouMean } from './suggest.ts';

const PLACEHOLDER = /\{([A-Za-z_]+)\}/g;

/** What a proxy's command may say; all are of its `listen`. */
export const PROXY_PLACEHOLDERS = ['listen', 'host', 'port'] as const;
/** What a memcached's command may say: `host` and `port` are of its address, `peer` is the host of its peer. */
export const CACHE_PLACEHOLDERS = ['host', 'port', 'peer'] as const;

/** The one that is filled in at each start, and not at all when there is nobody: see withPeer. */
const PEER = '{peer}';

/** A message about the first `{word}` that is none of those known, or null. Other braces stay as they are. */
export function unknownPlaceholder(text: string, known: readonly string[]): string | null {
  for (const [placeholder, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (known.includes(name)) continue;
    const all = known.map((one) => `{${one}}`);
    const hint =
      didYouMean(name, known) || `, only ${all.slice(0, -1).join(', ')} and ${all.at(-1)} are filled in`;
    return `is ${quote(text)}: ${placeholder} is no placeholder${hint}`;
  }
  return null;
}

/** The command with the endpoint filled in; `{peer}` stays. */
export function fillPlaceholders(command: Command, listen: Endpoint): Command {
  const values: Readonly<Record<string, string>> = {
    listen: formatEndpoint(listen),
    host: listen.host,
    port: String(listen.port),
  };
  return command.map((word) => word.replaceAll(PLACEHOLDER, (whole, name: string) => values[name] ?? whole));
}

/** True when the words depend on the peer. */
export function namesPeer(command: Command): boolean {
  return command.some((word) => word.includes(PEER));
}

/** True when the word can be left out, with the one before it if need be, without changing what the others mean. */
export function peerCanBeLeftOut(word: string, before: string | undefined): boolean {
  if (!word.includes(PEER)) return true;
  return word === PEER ? before?.startsWith('-') === true : word.startsWith('-');
}

/** The command with the peer's host filled in; null: without the words that name it, `-x {peer}` as a whole. */
export function withPeer(command: Command, peer: string | null): Command {
  if (peer !== null) return command.map((word) => word.replaceAll(PEER, peer));
  return command.filter((word, index) => !word.includes(PEER) && command[index + 1] !== PEER);
}
