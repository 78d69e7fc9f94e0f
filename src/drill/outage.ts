/** How long clients were without an answer, before, by the fault and when it was undone. Pure. */
import type { Gap } from '../lab/client-ledger.ts';
import type { Moment } from './moment.ts';
import { milliseconds } from './words.ts';

/** Gaps up to so many ms are not told: a busy machine's own. */
export const THRESHOLD = 5;

/** When things were done, in ms on CLOCK_MONOTONIC. */
export interface Course {
  readonly watchedFrom: number;
  readonly struckAt: number;
  /** Null: it never came to that. */
  readonly undoneAt: number | null;
  readonly endedAt: number;
}

/** The longest times without a right answer, in ms; 0: none above the client's threshold. */
export interface Outage {
  /** Before the fault: the machine's own. */
  readonly before: number;
  readonly fault: number;
  /** Begun after the fault was undone. */
  readonly back: number;
}

/** @param gaps those that ended, and the one that did not */
export function outageOf(gaps: readonly Gap[], { watchedFrom, struckAt, undoneAt }: Course): Outage {
  const longest = (some: readonly Gap[]) => Math.max(0, ...some.map(({ gap }) => gap));
  const after = gaps.filter(({ to }) => to > struckAt);
  const isBack = ({ from }: Gap) => undoneAt !== null && from >= undoneAt;
  return {
    before: longest(gaps.filter(({ from, to }) => from >= watchedFrom && to <= struckAt)),
    // What began a moment before the fault and ended after it goes with the fault.
    fault: longest(after.filter((gap) => !isBack(gap))),
    back: longest(after.filter(isBack)),
  };
}

/** Gaps that are not longer than this many ms are not in the timeline, unless one is the longest of its time. */
const NOTABLE = 20;

/** Gaps up to so many ms may be the machine's own, going by the longest one before the fault. */
export const noiseOf = (before: number): number => Math.max(NOTABLE, 1.5 * before);

/** At most so many gaps of each time are in the timeline. */
const TOLD = 3;

/** The gaps as moments: the longest of those that stand out from what the machine does by itself, and one in any case. */
export function gapMoments(gaps: readonly Gap[], outage: Outage, course: Course): Moment[] {
  const noise = noiseOf(outage.before);
  const after = gaps.filter(({ to }) => to > course.struckAt);
  const isBack = ({ from }: Gap) => course.undoneAt !== null && from >= course.undoneAt;
  const notable = (some: readonly Gap[]) =>
    [...some]
      .sort((one, other) => other.gap - one.gap)
      .slice(0, TOLD)
      .filter(({ gap }, index) => index === 0 || gap > noise);
  return [...notable(after.filter((gap) => !isBack(gap))), ...notable(after.filter(isBack))].flatMap(
    ({ from, to, gap, reason }): Moment[] => [
      { t: from, who: 'client', mood: 'bad', text: `its last answer for ${milliseconds(gap)} (${reason})` },
      { t: to, who: 'client', mood: 'good', text: `is answered again, ${milliseconds(gap)} without` },
    ],
  );
}
