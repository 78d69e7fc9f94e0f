/** Recognises a script that asks whether memcached is there: by `stats` over the network, by its port, by its process. */
import type { ShellCommands } from './shell.ts';

/** What a script asks of a memcached. */
export interface MemcachedCheck {
  /** HOST:PORT that it asks, or what its port is when only a port or a process is looked for. */
  readonly address: string;
  /** For the reader: how it asks. */
  readonly how: 'asks it' | 'looks for its port' | 'looks for its process';
  /** It starts memcached too, which nothing here does. */
  readonly restarts: boolean;
}

const LOCAL = '127.0.0.1';
const PORT = '11211';
const CLIENTS = new Set(['nc', 'ncat', 'netcat', 'telnet']);
const SOCKETS = new Set(['ss', 'netstat', 'lsof', 'fuser']);
const SERVICES = new Set(['systemctl', 'service', 'rc-service']);
const MEMCACHED_TOOLS = new Set(['memcached-tool', 'memcstat', 'memcping', 'memstat', 'memping']);
/** A script that asks other services too must stay a script, or they would be asked no more. */
const OTHER_PROBES =
  /^(?:curl|wget|ping|fping|mysql\w*|redis-cli|psql|pg_isready|mongo\w*|varnishadm|dig|host)$/;

/** Null when it is no such script, or asks anything else besides. */
export function recogniseCheck(commands: ShellCommands): MemcachedCheck | null {
  const found: { address: string; how: MemcachedCheck['how'] }[] = [];
  const names = commands.map(([name = '']) => baseName(name));
  if (names.some((name) => OTHER_PROBES.test(name)) || commands.some(asksForOther)) return null;
  const speaks = commands.some((words) => words.some((word) => /^(?:stats|version|mn$)/.test(word)));
  commands.forEach((words, i) => {
    const name = names[i]!;
    const filters = filtersAfter(commands, i);
    if (CLIENTS.has(name)) {
      const address = endpointIn(words.slice(1));
      if (address !== null && (speaks || address.endsWith(`:${PORT}`)))
        found.push({ address, how: 'asks it' });
    } else if (MEMCACHED_TOOLS.has(name))
      found.push({ address: toolEndpoint(words.slice(1)), how: 'asks it' });
    else if (SOCKETS.has(name)) {
      const port = portIn([...words.slice(1), ...filters]);
      if (port !== null) found.push({ address: `${LOCAL}:${port}`, how: 'looks for its port' });
    } else if (asksForProcess(name, words) && [...words.slice(1), ...filters].some(isMemcached)) {
      found.push({ address: `${LOCAL}:${PORT}`, how: 'looks for its process' });
    }
  });
  const device = commands.flat().find((word) => /^\/dev\/tcp\/[^/]+\/\d+$/.test(word));
  if (device !== undefined && (speaks || device.endsWith(`/${PORT}`))) {
    const [, , , host, port] = device.split('/');
    found.push({ address: `${host}:${port}`, how: 'asks it' });
  }
  const best = found.find(({ how }) => how === 'asks it') ?? found[0];
  if (best === undefined) return null;
  // Two servers that are both asked are two checks; one block would be one of them.
  if (new Set(found.filter(({ how }) => how === best.how).map(({ address }) => address)).size > 1)
    return null;
  return { ...best, restarts: commands.some(startsMemcached) };
}

function asksForProcess(name: string, words: readonly string[]): boolean {
  if (SERVICES.has(name)) return words.includes('is-active') || words.includes('status');
  return /^(?:pgrep|pidof|ps)$/.test(name) || (name === 'killall' && words.includes('-0'));
}

function asksForOther(words: readonly string[]): boolean {
  const [name = '', ...rest] = words;
  if (!asksForProcess(baseName(name), words) || baseName(name) === 'ps') return false;
  const asked = rest.filter((word) => /^[a-z]/i.test(word) && !/^(?:is-active|status|root)$/.test(word));
  return asked.some((word) => !isMemcached(word) && !/magent|keepalived/.test(word));
}

/** The words of the greps and the like that a command's output is piped through. */
function filtersAfter(commands: ShellCommands, index: number): string[] {
  const words: string[] = [];
  for (const command of commands.slice(index + 1)) {
    if (!/^(?:e|f)?grep$|^awk$|^sed$|^wc$|^head$|^tail$|^cut$/.test(command[0] ?? '')) break;
    if (!command.includes('-v')) words.push(...command.slice(1));
  }
  return words;
}

function isMemcached(word: string): boolean {
  return /(?:mem|rep)cached/i.test(word);
}

/** The port that is looked for, or memcached's where its name is. */
function portIn(words: readonly string[]): string | null {
  const port = words.map((word) => /(?:^|[:*.\s])(\d{4,5})(?:$|\D)/.exec(word)?.[1]).find(Boolean);
  if (port === PORT || (port !== undefined && words.some(isMemcached))) return port;
  return words.some((word) => isMemcached(word) || /^['"^]*mem\w*/i.test(word)) ? PORT : null;
}

/** `HOST PORT` or `HOST:PORT` among the words of nc and telnet; without a host this one. */
function endpointIn(words: readonly string[]): string | null {
  const plain = words.filter((word) => !word.startsWith('-'));
  for (let i = plain.length - 1; i >= 0; i--) {
    const joined = /^([\w.-]+):(\d{1,5})$/.exec(plain[i]!);
    if (joined !== null) return plain[i]!;
    const host = plain[i - 1];
    // An option's number, such as that of -w 1, stands where the host would.
    if (
      /^\d{2,5}$/.test(plain[i]!) &&
      host !== undefined &&
      /^[A-Za-z0-9_.-]*[A-Za-z._-][\w.-]*$/.test(host)
    ) {
      return `${localName(host)}:${plain[i]}`;
    }
  }
  return null;
}

function toolEndpoint(words: readonly string[]): string {
  const word = words.find((each) => /[\w.]/.test(each) && /^(?:--servers=)?[\w.-]+(?::\d+)?$/.test(each));
  const [host = LOCAL, port = PORT] = (word ?? LOCAL).replace('--servers=', '').split(':');
  return `${localName(host)}:${port}`;
}

// By address, so that nothing has to be looked up to know whether memcached is there.
function localName(host: string): string {
  return host === 'localhost' ? LOCAL : host;
}

function startsMemcached(words: readonly string[]): boolean {
  const [name = '', ...rest] = words;
  if (baseName(name) === 'memcached') return rest.includes('-d') || rest.some((word) => word.startsWith('-'));
  return rest.some(isMemcached) && rest.some((word) => /^(?:re)?start$/.test(word));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
