/**
 * The shapes that the proxy's parts share: a client, its requests in order (ops), the commands that they cause on the
 * backends (calls), the backends and the pairs. Types and the factories that keep their shapes the same; no behaviour.
 */
import type { Socket } from 'node:net';
import type { Side } from '../core/copies.ts';
import type { Distribution } from '../core/distribution.ts';
import type { Generation } from '../core/generation.ts';
import type { ServerClock } from '../core/server-clock.ts';
import type { ProxyOptions } from './options.ts';
import type { Refills } from './refill.ts';
import type { Shape } from './response.ts';
import type { Sockets } from './sockets.ts';

/** One request of a client; its answers leave in the order of the requests. */
export interface Op {
  /** null: nobody waits for it (a heartbeat, a repair). */
  client: Client | null;
  next: Op | null;
  done: boolean;
  /** The answer while it waits for its turn. */
  held: Buffer | null;
  /** Which answers are kept from the client: noreply and quiet. */
  mute: Mute;
  /** Turns a backend's answer into the client's; null: byte for byte. */
  render: Render | null;
  /** Keys that it asks for, for the bound on what one client may have under way. */
  keys: number;
  /** Binary protocol: opcode and opaque of the request, and the key where it is part of the answer. */
  opcode: number;
  opaque: number;
  key: Buffer | null;
  /** Writes: how many copies have yet to answer, whose answer counts, and what was answered so far. */
  waiting: number;
  answerSide: Side;
  replies: [Buffer | null, Buffer | null];
}

/** `all`: text noreply. `hd`: meta q on writes. `hd+en`: meta q on mg, where a miss is what is expected. */
export type Mute = 'none' | 'all' | 'hd' | 'en';

/** Gives the client its answer out of the backend's `buffer[start..end)`; `backend` is where it came from. */
export type Render = (op: Op, backend: Backend, buffer: Buffer, start: number, end: number) => void;

/** One command on one backend; answers come in the order of the commands. */
export interface Call {
  readonly backend: Backend;
  readonly op: Op;
  readonly pair: Pair | null;
  readonly side: Side;
  readonly shape: Shape;
  /** Called with the whole answer. The bytes are valid during the call only, unless they are emitted to a client. */
  readonly finish: (call: Call, buffer: Buffer, start: number, end: number) => void;
  /** Called instead when the backend went out before it answered. */
  readonly lost: (call: Call) => void;
  next: Call | null;
  /** The command as sent, kept so that it can move to the other copy. */
  bytes: Buffer;
  from: number;
  to: number;
  /** A big value that was sent by reference after `bytes[from..to)`. */
  value: Buffer | null;
  /** What only its own `finish` and `lost` understand. */
  context: unknown;
}

/** A connection to a memcached. */
export interface Backend {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Position among all backends. */
  readonly index: number;
  readonly proxy: ProxyState;
  /** Takes commands. False from the moment it failed until it is back. */
  up: boolean;
  /** Saw every write that its pairs answered. */
  whole: boolean;
  /**
   * Its record as last read or written since the proxy is active; null: it has none, or none that counts; undefined: not
   * met since.
   */
  generation: Generation | null | undefined;
  /** Its `cmd_flush`: how often it was emptied, by whomever. */
  flushes: number;
  /** How often this proxy emptied it because it was behind. */
  emptied: number;
  /** Its count of requests when its record was last looked at for the sake of keeping it. */
  keptAt: number;
  /** The handshake is through: what is queued may be written. */
  ready: boolean;
  socket: Socket | null;
  head: Call | null;
  tail: Call | null;
  pending: number;
  /** When it last proved alive, or got its first unanswered command: ms of `performance.now()`. */
  aliveAt: number;
  /** When a connection was refused last, by the same clock: its host lives, its memcached does not. */
  refusedAt: number;
  deadline: NodeJS.Timeout | null;
  probe: NodeJS.Timeout | null;
  /** Its place in the batch of this tick. */
  out: Outgoing;
  input: Incoming;
  /** From its `stats`: what its CAS numbers are tagged with, its limit and its version. */
  tag: number;
  itemSizeMax: number;
  version: string;
  /** Its time beside `performance.now()`. */
  clock: ServerClock;
  readonly roles: { readonly pair: Pair; readonly side: Side }[];
  /** Called when the first unanswered command enters the queue. */
  onBusy: () => void;
  readonly counters: BackendCounters;
}

/** Commands of this tick: a run of a slab, and what must be written before it. */
export interface Outgoing {
  slab: Buffer;
  start: number;
  end: number;
  chunks: Buffer[];
  queued: boolean;
}

/** Bytes of an answer that has not arrived whole. */
export interface Incoming {
  /** Where the socket reads to. */
  buffer: Buffer;
  carry: Buffer | null;
  length: number;
  /** How far into the first answer framing has got. */
  scanned: number;
}

export interface BackendCounters {
  requests: number;
  moved: number;
  outs: number;
  backs: number;
  bytesIn: number;
  bytesOut: number;
  repairs: number;
}

/** The two copies that hold the same keys. */
export interface Pair {
  readonly backends: readonly [Backend, Backend | null];
  authority: Side | null;
}

/** What a proxy knows of its copies' generations. */
export interface Generations {
  /** Tells its own clients' writes from the copies: only then it empties, refills and raises. */
  active: boolean;
  /** Told to stop: it still raises for the writes that it answers, but leaves the copies to whoever comes next. */
  leaving: boolean;
  /** Of the whole copies; null: they have none. */
  record: Generation | null;
  /** The highest number seen anywhere. */
  seen: number;
  /** A copy is away that may have this record too: raise before the next write is answered. */
  mustRaise: boolean;
  /**
   * A write was sent, and then no copy was left to tell what became of it: one of them may still carry it out. Whoever comes
   * back first is raised above the others.
   */
  diverged: boolean;
  /** Records of a raise that are not stored yet, and the answers of writes that wait for them. */
  raising: number;
  /** A copy is away: each write is followed by a look whether another proxy was at work meanwhile. */
  alone: boolean;
  confirming: boolean;
  held: (() => void)[];
  /** Counts whatever makes a comparison under way worthless. */
  epoch: number;
  /** When all copies were last seen to be there and whole: ms of `performance.now()`. */
  equalAt: number;
  /** When clients were last held for a comparison because another master was heard, by the same clock. */
  heldAt: number;
  /** Clients are held until then at most. */
  holdUntil: number;
  /** When this proxy became the one that clients reach. */
  activeAt: number;
  /** When a client last said something. */
  spokenAt: number;
  /** A copy fell silent then, and no client has said anything since its last sign of life; null: not so. */
  quietSince: number | null;
}

/** A client's connection. */
export interface Client {
  readonly proxy: ProxyState;
  readonly socket: Socket;
  /** The first byte decides. */
  protocol: 'unknown' | 'text' | 'binary';
  /** Requests without their answer, oldest first. */
  head: Op | null;
  tail: Op | null;
  /** Keys under way, and how many may be. */
  keys: number;
  keyBudget: number;
  /** Running average of its answers, which the budget comes from. */
  bytesPerKey: number;
  /** Input that is not yet a whole request. */
  input: Buffer | null;
  inputStart: number;
  inputEnd: number;
  /** Bytes that the request at the head of the input needs in all; 0: unknown. */
  want: number;
  /** Bytes to throw away before the next request. */
  swallow: number;
  /** Takes no requests for now; `blocked`: because of a locked key, and whoever unlocks it resumes. */
  stalled: boolean;
  blocked: boolean;
  paused: boolean;
  congested: boolean;
  /** Ends when all answers are out: quit, or a protocol error. */
  closing: boolean;
  /** It has said all it will say; what it asked is still answered. */
  ended: boolean;
  closed: boolean;
  /** Output of this tick: a run of a buffer, and what comes before it. */
  outBuffer: Buffer | null;
  outStart: number;
  outEnd: number;
  outPieces: Buffer[];
  dirty: boolean;
  /** Takes up requests again after a stall. */
  readonly resume: () => void;
}

/** A key whose outcome is being decided. */
export interface Lock {
  /** A flush_all came in between: what was decided is void. */
  voided: boolean;
  readonly waiters: (() => void)[];
}

export interface ProxyCounters {
  connections: number;
  totalConnections: number;
  rejectedConnections: number;
  requests: number;
  noCopy: number;
  blocked: number;
}

/** Everything that one proxy process holds. */
export interface ProxyState {
  readonly options: ProxyOptions;
  readonly sockets: Sockets;
  readonly backends: Backend[];
  /** `pairs[server][backup]`; one column when there are no backups. */
  readonly pairs: Pair[][];
  /** When there is only one pair, no key needs to be hashed. */
  readonly onlyPair: Pair | null;
  readonly serverOf: Distribution;
  readonly backupOf: Distribution;
  readonly locks: Map<string, Lock>;
  readonly clients: Set<Client>;
  readonly dirtyClients: Client[];
  readonly dirtyBackends: Backend[];
  /** Asks for one flush of all output, after the reads of this turn of the event loop. */
  readonly requestTick: () => void;
  verbosity: number;
  /** The process is on its way out. */
  closing: boolean;
  readonly startedAt: number;
  readonly counters: ProxyCounters;
  readonly log: (level: 0 | 1 | 2, message: string) => void;
  readonly generations: Generations;
  /** New requests wait: it is not known yet whose copy may be read. */
  held: boolean;
  /** `recheck` was asked for before the proxy was active. */
  recheckDue: boolean;
  refills: Refills;
  /** Whoever started the proxy may want to know how its copies are. */
  onReport: () => void;
  /** Clients wait for a copy that is out. */
  onSearch: () => void;
}

/** A request of `client`, not yet in its queue. */
export function newOp(client: Client | null): Op {
  return {
    client,
    next: null,
    done: false,
    held: null,
    mute: 'none',
    render: null,
    keys: 1,
    opcode: 0,
    opaque: 0,
    key: null,
    waiting: 0,
    answerSide: 0,
    replies: [null, null],
  };
}
