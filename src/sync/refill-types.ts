/** What a refill is asked to do, how far it is, and how it ended. Shapes only. */
import type { ClientWrites, Clock, Peer, Source } from './ports.ts';

export interface RefillOptions {
  readonly source: Source;
  readonly target: Peer;
  readonly clock: Clock;
  /** The target's clock, whole seconds since 1970: expiry times beyond thirty days are dates. */
  readonly targetTime: () => number;
  /** Which keys are to be copied at all (raw, one character per byte); null: all. */
  readonly wanted: ((key: string) => boolean) | null;
  /** null: nobody tells, so that a key deleted by a client during the copy may come back. */
  readonly clientWrites: ClientWrites | null;
  readonly rate: RateBound;
  /** Memory for keys that wait to be copied, in bytes; beyond it the source's list has to wait, see metadump.ts. */
  readonly listBytes?: number;
  /** Called at the beginning and the end of every pass, and every `progressInterval` ms between. */
  readonly onProgress: (progress: Progress) => void;
  readonly progressInterval: number;
  /** Called once. */
  readonly onEnd: (outcome: Outcome) => void;
}

/** Per second; 0: without bound. */
export interface RateBound {
  readonly items: number;
  readonly bytes: number;
}

export interface Refill {
  /**
   * Ends it: nothing more is submitted, and `onEnd` is told "stopped" with this reason once what is under way was
   * answered or lost. Does nothing after the end.
   */
  stop(reason: string): void;
  readonly progress: () => Progress;
}

/**
 * `measuring`: lists the keys to see which are the hottest, because the target is smaller. `copying`: the first pass.
 * `checking`: the second, for what was missed or could not be copied.
 */
export type Pass = 'measuring' | 'copying' | 'checking';

/** Why an item was not copied. */
export type Skipped =
  /** The target had it already, which is what a second pass mostly finds. */
  | 'present'
  /** The filter, or the reserved key of the generation. */
  | 'unwanted'
  /** Gone from the source by the time it was read: expired, deleted, evicted. */
  | 'gone'
  /** Marked stale by a client, or promised by one and not there yet: a miss says the same. */
  | 'stale'
  /** A client wrote it meanwhile. */
  | 'written'
  /** Older than what the target has room for. */
  | 'cold'
  /** The target's item_size_max. */
  | 'too-large'
  /** The target has no memory for it and evicts nothing (memcached -M). */
  | 'no-memory'
  /** A binary key too long for any command but the binary protocol's. */
  | 'unnameable'
  /** Any other error, of either side. */
  | 'error';

export interface Progress {
  readonly pass: Pass;
  /** Items of this pass that were dealt with, and how many it will be, as far as is known. */
  readonly done: number;
  readonly total: number;
  /** Of all passes. Bytes are of values and keys. */
  readonly copied: number;
  readonly copiedBytes: number;
  /** Over the last seconds. */
  readonly itemsPerSecond: number;
  readonly bytesPerSecond: number;
  /** ms since the start, and until the end of this pass by that rate; null: not known yet. */
  readonly elapsed: number;
  readonly remaining: number | null;
  /** Of this pass: the second one goes over all keys again. */
  readonly skipped: Readonly<Record<Skipped, number>>;
  /** How often the source's crawler was busy with somebody else's list, and for how long that was waited, in ms. */
  readonly busyWaits: number;
  readonly busyFor: number;
  /** It is so now. */
  readonly isWaiting: boolean;
  /** The last error that a memcached answered, for the message. */
  readonly lastError: string;
}

export type Outcome =
  | {
      readonly kind: 'complete';
      /** `evictions`: the target has begun to evict, so that what it lacks may be what it threw away; not or not all gone over. */
      readonly secondPass: 'done' | 'evictions';
      readonly progress: Progress;
    }
  | { readonly kind: 'stopped'; readonly reason: string; readonly progress: Progress }
  | {
      readonly kind: 'failed';
      /** Whose failure it is. */
      readonly peer: 'source' | 'target';
      readonly reason: string;
      readonly progress: Progress;
    };
