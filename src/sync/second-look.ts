/**
 * The second look of a refill: which keys are still to be asked for, and when there have been lists enough. Pure.
 */
import type { KeyBytes } from '../core/memcached-key.ts';
import type { Stats } from '../core/memcached-stats.ts';
import { shortfall, takeCensus } from './census.ts';
import { createKeyFilter } from './key-filter.ts';

/** So many lists in a row without anything that the target lacked: what they do not name has expired. */
const FRUITLESS_LISTS = 6;
/** Pause before another list, in ms, doubled up to the longest: the items that moved have time to settle. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;

export interface SecondLook {
  /** A list names the key; whether the target is to be asked for it: in the first list always, later when none has named it yet. */
  meet(key: KeyBytes): boolean;
  /** A list has ended; in ms, how long to wait before another one, or null: the lists were whole, or will not be. */
  next(source: Stats, copied: number): number | null;
}

/** `source`: its statistics before the first list; `copied`: how many items have been until now. */
export function createSecondLook(source: Stats, copied: number): SecondLook {
  const before = takeCensus(source);
  const known = createKeyFilter(before.items);
  let keys = 0;
  let lists = 0;
  let fruitless = 0;
  let copiedBefore = copied;
  return {
    meet(key) {
      const isNew = known.add(key);
      if (isNew) keys++;
      return isNew || lists === 0;
    },
    next(now, copiedNow) {
      fruitless = lists > 0 && copiedNow === copiedBefore ? fruitless + 1 : 0;
      copiedBefore = copiedNow;
      lists++;
      const isWhole = shortfall({ keys, before, after: takeCensus(now) }) <= 0;
      if (isWhole || fruitless >= FRUITLESS_LISTS) return null;
      return Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** fruitless);
    },
  };
}
