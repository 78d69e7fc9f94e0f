/**
 * How fast a refill may go: so many items and so many bytes per second, evenly, so that no other client of either
 * memcached meets a burst. Pure arithmetic; time is an argument, in ms.
 */
import type { RateBound } from './refill-types.ts';

/** What a batch may hold: so much goes in this time, in ms. */
const GRAIN = 10;
/** Time that was not used, because a timer was late or an answer slow, is made up for so far, in ms. */
const MOST_CATCH_UP = 20;

export interface Pacer {
  /** When the next batch may go. */
  readonly readyAt: number;
  /** What a batch may hold at most: `GRAIN` ms worth, and no more than the caller's own limits. At least one item. */
  limits(mostItems: number, mostBytes: number): { readonly items: number; readonly bytes: number };
  /** A batch goes at `now`. `items` may be a fraction. */
  spend(items: number, bytes: number, now: number): void;
}

/** The first batch may go at `now`. */
export function createPacer({ items: itemRate, bytes: byteRate }: RateBound, now: number): Pacer {
  const perItem = itemRate > 0 ? 1000 / itemRate : 0;
  const perByte = byteRate > 0 ? 1000 / byteRate : 0;
  let itemsAt = now;
  let bytesAt = now;
  return {
    get readyAt() {
      return Math.max(itemsAt, bytesAt);
    },
    limits(mostItems, mostBytes) {
      const items = perItem === 0 ? mostItems : Math.min(mostItems, Math.floor(GRAIN / perItem));
      const bytes = perByte === 0 ? mostBytes : Math.min(mostBytes, Math.floor(GRAIN / perByte));
      return { items: Math.max(1, items), bytes };
    },
    spend(items, bytes, at) {
      itemsAt = Math.max(itemsAt, at - MOST_CATCH_UP) + items * perItem;
      bytesAt = Math.max(bytesAt, at - MOST_CATCH_UP) + bytes * perByte;
    },
  };
}
