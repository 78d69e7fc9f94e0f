/**
 * Which of several living copies are whole, by their generations. Pure decisions: who lives and what its record says is
 * found out by the proxy, and what follows from the verdict (emptying, refilling, raising) is done there.
 */
import { type Generation, isBehind } from './generation.ts';

/** What is known of one copy: its record, null when it has none, undefined when it is not there. */
export type CopyRecord = Generation | null | undefined;

/** Every copy that is there is in exactly one of the three lists, by its place in what was compared. */
export interface Verdict {
  /** May be read. */
  readonly whole: readonly number[];
  /** Nothing in them is old, but much is missing: they were emptied for the record that the whole ones have. */
  readonly filling: readonly number[];
  /** To be emptied before anybody reads them. */
  readonly behind: readonly number[];
  /** The record of the whole ones; null when none of them has one. */
  readonly record: Generation | null;
  /**
   * Both sides went on alone and counted to the same number. The whole ones are then those of the preferred side; this is
   * the place of the copy whose record decides between proxies that prefer different sides, or null: no tie.
   */
  readonly arbiter: number | null;
}

/**
 * Compares copies. A copy is whole when no living copy has a higher generation. Copies none of which ever had a record are
 * whole as they stand. When only copies that were being filled are left, the one furthest on is the best there is.
 * A tie is won by a side that heard a client since it went on alone, for the other one was only cut off; else by
 * `preferred`, which lists places, most preferred first.
 */
export function compareCopies(copies: readonly CopyRecord[], preferred: readonly number[]): Verdict {
  const there = copies.flatMap((record, place) => (record === undefined ? [] : [{ place, record }]));
  const best = there.filter(
    ({ record }) =>
      !there.some((other) => isBehind(record, other.record ?? null)) && isCandidate(record, there),
  );
  const tags = new Set(best.map(({ record }) => record?.tag));
  const tie = tags.size > 1;
  const rank = ({ place, record }: (typeof there)[number]) => {
    const at = preferred.indexOf(place);
    return (at === -1 ? preferred.length : at) + (record?.unheard ? copies.length + 1 : 0);
  };
  const winner = best.reduce((first, next) => (rank(next) < rank(first) ? next : first), best[0]!);
  if (winner === undefined) return { whole: [], filling: [], behind: [], record: null, arbiter: null };
  const record = winner.record ?? null;
  const whole = best.filter((copy) => copy.record?.tag === record?.tag).map(({ place }) => place);
  const rest = there.filter(({ place }) => !whole.includes(place));
  const follows = (copy: (typeof there)[number]) =>
    copy.record?.filling === true &&
    record !== null &&
    copy.record.number === record.number &&
    copy.record.tag === record.tag;
  return {
    whole,
    filling: rest.filter(follows).map(({ place }) => place),
    behind: rest.filter((copy) => !follows(copy)).map(({ place }) => place),
    record,
    arbiter: tie ? arbiterOf(best) : null,
  };
}

/** Among copies without a whole one, those that were being filled go before those without a record, the highest first. */
function isCandidate(
  record: Generation | null,
  there: readonly { readonly record: Generation | null }[],
): boolean {
  const isWhole = (other: Generation | null) => other !== null && !other.filling;
  if (there.some((other) => isWhole(other.record))) return isWhole(record);
  const highest = Math.max(0, ...there.map((other) => other.record?.number ?? 0));
  return (record?.number ?? 0) === highest;
}

/** The copy with the smallest tag: every proxy finds the same one. */
function arbiterOf(tied: readonly { readonly place: number; readonly record: Generation | null }[]): number {
  return tied.reduce((first, next) => (next.record!.tag < first.record!.tag ? next : first)).place;
}

/**
 * The number that a proxy raises a copy to: above everything it has seen. One that has seen nothing (`seen` 0: it was
 * started beside a copy without a record while another copy is away) must take it that others counted on, and takes the
 * time in seconds, which no counting reaches.
 */
export function raisedNumber(seen: number, now: number): number {
  return seen === 0 ? Math.max(1, Math.floor(now / 1000)) : seen + 1;
}
