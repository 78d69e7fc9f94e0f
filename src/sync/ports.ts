/**
 * What a refill needs of the world: two memcacheds, a clock, and whoever knows what clients write meanwhile. The command
 * gives it connections of its own; the active proxy gives it the ordered connections that its clients' requests travel
 * too. Shapes only.
 */
import type { Stats } from '../core/memcached-stats.ts';

/** A memcached that speaks meta commands (1.6 or later), over a connection that answers in order. */
export interface Peer {
  /** As messages name it: HOST:PORT. */
  readonly name: string;
  /**
   * Sends `batch`, whole commands that end with `mn`, after everything submitted before it. `take` gets its answer,
   * `buffer[start..end)` up to and with the line MN (`frameBatch` finds its end), before anything that is answered
   * later, and must be called right where the answer was framed: what it submits elsewhere goes out in that order. The
   * bytes are valid during the call only. Resolves with what `take` returned. Rejects with an Error whose message says
   * what became of the connection when no answer will come; every wait for one is bounded by whoever made the peer.
   */
  exchange<T>(batch: Buffer, take: Take<T>): Promise<T>;
  /** `stats`, or `stats settings`. Rejects as `exchange` does. */
  stats(topic?: 'settings'): Promise<Stats>;
}

export type Take<T> = (buffer: Buffer, start: number, end: number) => T;

/** Where the items are. */
export interface Source extends Peer {
  /** Opens a connection for the list of its keys: `lru_crawler metadump` needs one for itself. */
  readonly dial: Dial;
}

/** Opens a connection. It tells `events` from a later turn on, never within the call. */
export type Dial = (events: ConnectionEvents) => Connection;

/** A connection as whoever made it drives it. */
export interface Connection {
  write(bytes: Buffer | string): void;
  /** Stops reading, so that the other side's writes wait; `resume` goes on. */
  pause(): void;
  resume(): void;
  /** Ends it at once. No event comes afterwards. */
  close(): void;
}

/** What a connection tells. */
export interface ConnectionEvents {
  opened(): void;
  /** The bytes are valid during the call only. */
  received(bytes: Buffer): void;
  /** Refused, broken or ended by the other side; why, as a message has it. Nothing comes afterwards. */
  closed(reason: string): void;
}

/** Monotonic time in ms, and timers. */
export interface Clock {
  now(): number;
  /** Calls back once `deadline` has come, never early; returns what cancels it. */
  at(deadline: number, callback: () => void): () => void;
}

/**
 * Whoever knows what clients write during the refill. Between `reading` and `settled` of a key the refill holds an old
 * state of it in its hands.
 */
export interface ClientWrites {
  /** The refill is about to ask the source for these keys (raw, one character per byte). */
  reading(keys: readonly string[]): void;
  /**
   * A client wrote or deleted the key since `reading`: what was read must not be added. Asked in the same turn in which
   * the add is submitted to the target.
   */
  isWritten(key: string): boolean;
  /** The adds of these keys were submitted, or never will be. */
  settled(keys: readonly string[]): void;
}
