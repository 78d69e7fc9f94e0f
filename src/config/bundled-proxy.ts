/** What the daemon and the bundled proxy agree on, which run as two processes of the same program. */

/**
 * Flags that Node.js gets for the proxy. A small young generation keeps it below 90 MB, at no cost that shows; it has its size
 * from the start, where V8 would double it twice in the first hour. What it
 * collects takes less than a millisecond; helper threads for that (V8's four) run for a scheduler's slice each, and on
 * a host of few cores it is the memcached beside it that waits for them. Compiled code stays: a spare that has rehearsed
 * would else forget it, as V8 does with what is not called for a while, before the day that it is needed.
 */
export const PROXY_NODE_FLAGS: readonly string[] = [
  '--min-semi-space-size=2',
  '--max-semi-space-size=2',
  '--single-threaded-gc',
  '--no-flush-bytecode',
];

/**
 * What is in the proxy's environment besides ours. Its buffers of 64 KiB go back to the kernel one by one; in glibc's
 * heap what lay between them kept 10 MB after a load (mallopt(3), M_MMAP_THRESHOLD). Other C libraries ignore it.
 */
export const PROXY_ENVIRONMENT: Readonly<Record<string, string>> = { MALLOC_MMAP_THRESHOLD_: '65536' };

/** What a refill may copy per second unless told otherwise: clients' times stay within twice what they were. */
export const REFILL_ITEMS = 10_000;
export const REFILL_BYTES = 32_000_000;

/** A proxy that was started with `--standby` takes clients once this is on its standard input … */
export const ACCEPT = 'accept';
/** … and says so with this line on its standard output. */
export const ACCEPTING = 'accepting';
/**
 * Another master was heard: the other copy may have been written without this proxy. With this on its standard input it
 * looks before it answers anything more, for RECHECK_BOUND_MS at most: a kernel whose first ARP request was lost, because
 * the link had only just come up, sends another one after a second.
 */
export const RECHECK = 'recheck';
export const RECHECK_BOUND_MS = 1500;
/** With this on its standard input it gives a sign of life: ALIVE, a line on its standard output. */
export const PING = 'ping';
export const ALIVE = 'alive';
/**
 * The master is late, and this proxy may soon be the one that clients reach: with this on its standard input one that stands
 * by asks its copies for a sign of life now, so that it knows by then which of them is silent.
 */
export const LOOK_OUT = 'look-out';
/**
 * On its standard output: its clients wait for a copy that was silent, while the kernel may ask for that host only once a
 * second.
 */
export const SEARCHING = 'searching';
/** What the proxy tells of its copies, on its standard output: this word and a `ProxyReport` in JSON. */
export const REPORT = 'report';

/** What the proxy knows of one memcached. */
export interface CopyReport {
  /** HOST:PORT as on its command line. */
  readonly name: string;
  readonly up: boolean;
  readonly whole: boolean;
  readonly generation: number;
}

/**
 * A refill under way; counts are items. `waiting`: the source lists its keys for somebody else. `left`: seconds by the rate
 * so far, null: not known yet.
 */
export interface RefillReport {
  readonly target: string;
  readonly source: string;
  readonly pass: string;
  readonly waiting: boolean;
  readonly done: number;
  readonly total: number;
  readonly stored: number;
  readonly rate: number;
  readonly left: number | null;
}

/** Told when something changed, and every second of a refill. */
export interface ProxyReport {
  readonly copies: readonly CopyReport[];
  readonly refill: RefillReport | null;
  /** Items that refills have stored since the proxy started. */
  readonly refilled: number;
}
