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
   * Sends `batch`, whole commands that end with `mn`, after everything submitted before it. `take` is called with its
   * answer, `buffer[start..end)` up to and with the line MN (`frameBatch` finds its end), where that was framed: before
   * anything that was answered later is told, so that what `take` submits elsewhere goes out in that order. The bytes
   * are valid during the call only. `lost` is called instead when no answer will come, with what became of the
   * connection, as a message has it. Exactly one of them is called, never within `exchange` itself; whoever made the
   * peer bounds the wait. Once it was answered, the memory of `batch` is used for another one.
   */
  exchange(batch: Buffer, take: Take, lost: Lost): void;
  /** Asks for `stats`, or `stats settings`; tells as `exchange` does. */
  stats(topic: 'general' | 'settings', take: (stats: Stats) => void, lost: Lost): void;
}

export type Take = (buffer: Buffer, start: number, end: number) => void;

export type Lost = (reason: string) => void;

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
  /**
   * The refill is about to ask the source for these keys (raw, one character per byte). Answers those that it does not hold
   * already, each once: an item that moves while the keys are listed is listed twice, and what is said of a key must be of
   * one reading.
   */
  reading(keys: readonly string[]): readonly string[];
  /**
   * A client wrote or deleted the key since `reading`: what was read must not be added. Asked in the same turn in which
   * the add is submitted to the target.
   */
  isWritten(key: string): boolean;
  /** The adds of these keys, as answered by `reading`, were submitted, or never will be. */
  settled(keys: readonly string[]): void;
}
