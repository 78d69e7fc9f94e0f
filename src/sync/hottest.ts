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

/**
 * Decides item by item, in steps from the coldest items that have room to the hottest: memcached evicts first what came
 * first, so that whatever the room was overestimated by costs the coldest.
 */
export interface Cutoff {
  /** How many steps there are, of about the same number of bytes. */
  readonly steps: number;
  /**
   * Whether the item's time is `step`, from 0 on, or another one; `cold`: there is no room. Of those at the limit the
   * first that are asked for have it, so that asking takes up room.
   */
  judge(item: Aged, size: number, step: number): 'now' | 'another' | 'cold';
}

/** Each step costs the source another list of its keys. */
const STEPS = 4;

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
      const stepOf = stepsOf(bytes, last, room);
      return {
        steps: stepOf[0]! + 1,
        judge(item, size, step) {
          const position = coldness(item, now);
          if (position > last) return 'cold';
          if (stepOf[position] !== step) return 'another';
          if (position < last) return 'now';
          left -= size;
          return left >= 0 ? 'now' : 'cold';
        },
      };
    },
  };
}

/** The step of every position up to `last`, which is one of the first step; only steps that have something. */
function stepsOf(bytes: Float64Array, last: number, room: number): Uint8Array {
  const steps = new Uint8Array(Math.min(last + 1, bytes.length));
  const perStep = room / STEPS;
  const hottest = bytes.findIndex((size) => size > 0);
  let step = 0;
  let inStep = 0;
  for (let position = steps.length - 1; position >= 0; position--) {
    steps[position] = step;
    inStep += Math.min(bytes[position]!, room);
    if (inStep < perStep || position <= hottest || step === STEPS - 1) continue;
    step++;
    inStep = 0;
  }
  return steps;
}
