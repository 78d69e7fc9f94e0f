/**
 * Which items to copy when the target has no room for all: those used last. A histogram of bytes by age, then a cutoff.
 * Pure.
 *
 * memcached's time of last access moves from the second read on, and then at most once a minute for an item that is read
 * often, so within an age those that were read at all go first.
 */
import type { DumpedItem } from './metadump-parser.ts';

/** Ages are told apart by the second up to an hour, by the minute up to two days, then by the hour up to a year. */
const HOUR = 3600;
const TWO_DAYS = 48 * HOUR;
const MINUTE_BUCKETS = (TWO_DAYS - HOUR) / 60;
const YEAR = 365 * 24 * HOUR;
const AGES = HOUR + MINUTE_BUCKETS + (YEAR - TWO_DAYS) / HOUR + 1;

type Aged = Pick<DumpedItem, 'lastAccess' | 'fetched'>;

/** Position in the order of heat; 0 is the hottest. `now`: seconds since 1970 by the server's clock. */
export function coldness({ lastAccess, fetched }: Aged, now: number): number {
  const age = Math.max(0, now - lastAccess);
  return 2 * ageBucket(age) + (fetched ? 0 : 1);
}

function ageBucket(age: number): number {
  if (age < HOUR) return age;
  if (age < TWO_DAYS) return HOUR + Math.floor((age - HOUR) / 60);
  return Math.min(AGES - 1, HOUR + MINUTE_BUCKETS + Math.floor((age - TWO_DAYS) / HOUR));
}

export interface Histogram {
  add(item: Aged, size: number): void;
  /** What has room in `room` bytes. */
  cutoff(room: number): Cutoff;
}

export interface Cutoff {
  /**
   * Whether the item is among the hottest that have room. Of those at the limit the first that are asked for have it, so
   * that asking takes up room.
   */
  admits(item: Aged, size: number): boolean;
}

export function createHistogram(now: number): Histogram {
  const bytes = new Float64Array(2 * AGES);
  return {
    add(item, size) {
      const position = coldness(item, now);
      bytes[position] = bytes[position]! + size;
    },
    cutoff(room) {
      let left = room;
      let last = 0;
      while (last < bytes.length && bytes[last]! <= left) left -= bytes[last++]!;
      return {
        admits(item, size) {
          const position = coldness(item, now);
          if (position !== last) return position < last;
          left -= size;
          return left >= 0;
        },
      };
    },
  };
}
