/** The command line of `memcache-ha proxy`: magent's flags with magent's meaning, and a few of our own. Pure. */

import { REFILL_BYTES, REFILL_ITEMS } from '../config/bundled-proxy.ts';

/** A memcached as the command line names it. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the proxy was told. Durations are milliseconds. */
export interface ProxyOptions {
  readonly listenHost: string;
  /** 0: no TCP. */
  readonly listenPort: number;
  /** A descriptor that listens already, instead of host and port. */
  readonly listenFd: number | null;
  /** magent's `-f`: also listen on this Unix socket. */
  readonly socketPath: string | null;
  readonly servers: readonly Address[];
  readonly backups: readonly Address[];
  readonly ketama: boolean;
  readonly maxConnections: number;
  /** magent's `-i`, its idle connections per memcached. There is one ordered connection here, so it changes nothing. */
  readonly maxIdle: number;
  readonly foreground: boolean;
  /** Start, but take clients only when told to: see standby.ts. */
  readonly standby: boolean;
  readonly verbosity: number;
  readonly user: string | null;
  readonly group: string | null;
  readonly metrics: Address | null;
  /** How long a memcached may stay silent before it is put out. */
  readonly timeout: number;
  /** What a refill may copy per second, so that clients keep their times; 0: no bound. */
  readonly refillItems: number;
  readonly refillBytes: number;
  readonly help: boolean;
}

/** Longer than TCP's shortest retransmission (200 ms): one lost packet on the way to the peer does not put its copy out. */
const SILENCE_MS = 230;

export const USAGE = `usage: memcache-ha proxy -s HOST:PORT... [-b HOST:PORT...] [options]
  -s HOST:PORT     a memcached server; may be given several times
  -b HOST:PORT     a backup memcached; may be given several times
  -l ADDR          listen on this address (0.0.0.0)
  -p PORT          listen on this port (11211; 0: no TCP)
  -f SOCKET        also listen on this Unix socket
  -k               choose servers as libmemcached's ketama does, instead of by modulo
  -n MAXCONN       at most this many clients (4096)
  -i MAXIDLE       accepted for magent's sake; there is one connection to each memcached
  -u USER, -g GROUP  become this user and group once listening
  -D               stay in the foreground
  -v               say more on stderr; -vv for each connection
  --listen-fd N    take clients from this listening descriptor instead of -l and -p
  --standby        start, but take clients only after "accept" on standard input
  --metrics ADDR:PORT  serve Prometheus metrics there
  --timeout MS     a memcached that is silent for this long is put out (${SILENCE_MS})
  --refill-items N   a copy that came back is refilled with at most N items per second (${REFILL_ITEMS}; 0: no bound)
  --refill-bytes N   and at most N bytes per second (${REFILL_BYTES}; 0: no bound)
  -h               this message
`;

const MEMCACHED_PORT = 11211;

function parseAddress(text: string): Address | null {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return null;
  const port = match[3] === undefined ? MEMCACHED_PORT : Number(match[3]);
  const host = match[1] ?? match[2]!;
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

type Draft = { -readonly [Key in keyof ProxyOptions]: ProxyOptions[Key] } & {
  servers: Address[];
  backups: Address[];
};

type Handler = (draft: Draft, value: string) => string | null;

function number(
  key: 'listenPort' | 'maxConnections' | 'maxIdle' | 'listenFd' | 'timeout' | 'refillItems' | 'refillBytes',
  min: number,
  max: number,
) {
  return (draft: Draft, value: string): string | null => {
    if (!/^\d+$/.test(value) || Number(value) < min || Number(value) > max)
      return `a number from ${min} to ${max}`;
    draft[key] = Number(value);
    return null;
  };
}

function address(store: (draft: Draft, found: Address) => void): Handler {
  return (draft, value) => {
    const found = parseAddress(value);
    if (found === null) return 'HOST:PORT';
    store(draft, found);
    return null;
  };
}

function text(key: 'listenHost' | 'socketPath' | 'user' | 'group'): Handler {
  return (draft, value) => {
    if (value === '') return 'a name';
    draft[key] = value;
    return null;
  };
}

const WITH_VALUE: Record<string, Handler> = {
  '-l': text('listenHost'),
  '-p': number('listenPort', 0, 65_535),
  '-f': text('socketPath'),
  '-s': address((draft, found) => draft.servers.push(found)),
  '-b': address((draft, found) => draft.backups.push(found)),
  '-n': number('maxConnections', 1, 1_000_000),
  '-i': number('maxIdle', 0, 1_000_000),
  '-u': text('user'),
  '-g': text('group'),
  '--listen-fd': number('listenFd', 3, 65_535),
  '--metrics': address((draft, found) => {
    draft.metrics = found;
  }),
  '--timeout': number('timeout', 10, 60_000),
  '--refill-items': number('refillItems', 0, 10_000_000),
  '--refill-bytes': number('refillBytes', 0, 10_000_000_000),
};

const WITHOUT_VALUE: Record<string, (draft: Draft) => void> = {
  k: (draft) => {
    draft.ketama = true;
  },
  D: (draft) => {
    draft.foreground = true;
  },
  v: (draft) => {
    draft.verbosity++;
  },
  h: (draft) => {
    draft.help = true;
  },
};

/** The options in `argv` (without program and command), or what is wrong with it. */
export function parseOptions(argv: readonly string[]): ProxyOptions | { readonly error: string } {
  const draft: Draft = {
    listenHost: '0.0.0.0',
    listenPort: MEMCACHED_PORT,
    listenFd: null,
    socketPath: null,
    servers: [],
    backups: [],
    ketama: false,
    maxConnections: 4096,
    maxIdle: 20,
    foreground: false,
    standby: false,
    verbosity: 0,
    user: null,
    group: null,
    metrics: null,
    timeout: SILENCE_MS,
    refillItems: REFILL_ITEMS,
    refillBytes: REFILL_BYTES,
    help: false,
  };
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const error = takeWord(draft, word, words);
    if (error !== null) return { error };
  }
  if (!draft.help && draft.servers.length === 0)
    return { error: 'no memcached given: -s HOST:PORT is needed' };
  return draft;
}

function takeWord(draft: Draft, word: string, rest: string[]): string | null {
  if (word === '--help') word = '-h';
  const equals = word.startsWith('--') ? word.indexOf('=') : -1;
  const name = equals > 0 ? word.slice(0, equals) : word.startsWith('--') ? word : word.slice(0, 2);
  if (word === '--standby') {
    draft.standby = true;
    return null;
  }
  const handler = WITH_VALUE[name];
  if (handler !== undefined) {
    const attached = equals > 0 ? word.slice(equals + 1) : name === word ? undefined : word.slice(2);
    const value = attached ?? rest.shift();
    if (value === undefined) return `${name} needs a value`;
    const wanted = handler(draft, value);
    return wanted === null ? null : `${name} ${value}: ${wanted} is wanted`;
  }
  if (!/^-[a-zA-Z]+$/.test(word)) return `${word}: no such option`;
  for (const letter of word.slice(1)) {
    const flag = WITHOUT_VALUE[letter];
    if (flag === undefined) return `-${letter}: no such option`;
    flag(draft);
  }
  return null;
}
