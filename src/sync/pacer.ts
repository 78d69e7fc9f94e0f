/**
 * How fast a refill may go: so many items and so many bytes per second, evenly, so that no other client of either
 * memcached meets a burst. Pure arithmetic; time is an argument, in ms.
 */
import type { RateBound } from './refill-types.ts';

/** A batch holds what goes in this time, in ms: whoever asks meanwhile waits behind it. */
const GRAIN = 1;
/** Where that is less than it is worth: so many items or bytes, or what goes in the longer time. */
const FEW_ITEMS = 10;
const FEW_BYTES = 16_384;
const LONG_GRAIN = 10;
/** Time that was not used, because a timer was late or an answer slow, is made up for so far, in ms. */
const MOST_CATCH_UP = 2;

export interface Pacer {
  /** When the next batch may go. */
  readonly readyAt: number;
  /** What a batch may hold at most, and no more than the caller's own limits. At least one item. */
  limits(mostItems: number, mostBytes: number): { readonly items: number; readonly bytes: number };
  /** A batch goes at `now`. `items` may be a fraction. */
  spend(items: number, bytes: number, now: number): void;
}

/** The first batch may go at `now`. */
export function createPacer({ items: itemRate, bytes: byteRate }: RateBound, now: number): Pacer {
  const perItem = itemRate > 0 ? 1000 / itemRate : 0;
  const perByte = byteRate > 0 ? 1000 / byteRate : 0;
  const batchItems = batchOf(itemRate, FEW_ITEMS);
  const batchBytes = batchOf(byteRate, FEW_BYTES);
  let itemsAt = now;
  let bytesAt = now;
  return {
    get readyAt() {
      return Math.max(itemsAt, bytesAt);
    },
    limits: (mostItems, mostBytes) => ({
      items: Math.max(1, Math.min(mostItems, batchItems)),
      bytes: Math.min(mostBytes, batchBytes),
    }),
    spend(items, bytes, at) {
      itemsAt = Math.max(itemsAt, at - MOST_CATCH_UP) + items * perItem;
      bytesAt = Math.max(bytesAt, at - MOST_CATCH_UP) + bytes * perByte;
    },
  };
}

/** Of items or of bytes, by the rate per second; 0: no bound. */
function batchOf(rate: number, few: number): number {
  if (rate <= 0) return Number.POSITIVE_INFINITY;
  const inMs = (ms: number): number => Math.floor((rate / 1000) * ms);
  return Math.max(inMs(GRAIN), Math.min(few, inMs(LONG_GRAIN)));
}
