/**
 * The client's book-keeping: how long there was no right answer, and why. Pure: times are arguments, milliseconds on
 * one monotonic clock; the gaps it tells of are measured from right answer to right answer.
 */

/** A time without a right answer, from one right answer to the next. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly gap: number;
  /** The first thing that went wrong in it; `late answer` when nothing did but time passed. */
  readonly reason: string;
}

/** What the client tells while it runs. `gap` of answer-lost is how long it has lasted so far. */
export interface GapEvent {
  readonly t: number;
  readonly event: 'answer-lost' | 'answered-again';
  readonly gap: number;
  readonly reason: string;
}

/** How it stands. */
export interface Standing {
  readonly firstAnswer: number | null;
  readonly lastAnswer: number | null;
  /** Milliseconds since the last right answer; 0 before the first. */
  readonly openGap: number;
  /** The longest of the gaps that ended after `since`, and of the open one. Gaps under the threshold count only as open. */
  readonly longestGap: number;
}

export interface Summary extends Standing {
  readonly requests: number;
  /** Right answers. */
  readonly answers: number;
  /** Those of them that would be a miss or wrong for a client that expects its value (--expect-any). */
  readonly tolerated: number;
  readonly misses: number;
  /** Another value, or an error line. */
  readonly wrong: number;
  /** Requests without any answer: closed, refused, given up. */
  readonly failures: number;
  /** How often the request had to be sent for the right answer that took most; 1: none failed, 0: there was none. */
  readonly mostTries: number;
  /** At most 10 000, the first ones; longestGap knows them all. */
  readonly gaps: readonly Gap[];
  /** Milliseconds from request to right answer; null without any. */
  readonly p50: number | null;
  readonly p99: number | null;
}

export type Failure = 'misses' | 'wrong' | 'failures';

export interface Ledger {
  request(): void;
  /** A right answer at `t` to a request sent at `sent`. */
  right(t: number, sent: number): void;
  /** The right answer that follows is one only because any will do. */
  tolerated(): void;
  failed(kind: Failure, reason: string): void;
  /** Something that failed no request and yet explains the gap that may follow. */
  remark(reason: string): void;
  /** Time passes; call it often enough to be told of a loss while it lasts. */
  tick(t: number): void;
  standing(t: number, since?: number): Standing;
  summary(t: number): Summary;
}

const MOST_GAPS = 10_000;

/** Latencies are counted in steps of 10 µs up to a second, so that an hour of requests costs no more than a minute. */
const STEPS_PER_MILLISECOND = 100;
const STEPS = 1000 * STEPS_PER_MILLISECOND;

/** @param threshold a gap longer than this many milliseconds is told and kept */
export function createLedger(threshold: number, tell: (event: GapEvent) => void): Ledger {
  const counts = { requests: 0, answers: 0, tolerated: 0, misses: 0, wrong: 0, failures: 0 };
  const latencies = new Uint32Array(STEPS + 1);
  const gaps: Gap[] = [];
  let firstAnswer: number | null = null;
  let lastAnswer: number | null = null;
  let longest = 0;
  let lost = false;
  let reason: string | null = null;
  let failedInARow = 0;
  let mostTries = 0;

  const openGap = (t: number) => (lastAnswer === null ? 0 : Math.max(0, t - lastAnswer));
  const lose = (t: number) => {
    lost = true;
    tell({ t, event: 'answer-lost', gap: round(openGap(t)), reason: reason ?? 'no answer yet' });
  };
  const standing = (t: number, since = Number.NEGATIVE_INFINITY): Standing => {
    const closed = since === Number.NEGATIVE_INFINITY ? longest : longestSince(gaps, since);
    return {
      firstAnswer,
      lastAnswer,
      openGap: round(openGap(t)),
      longestGap: round(Math.max(closed, openGap(t))),
    };
  };
  return {
    request: () => {
      counts.requests += 1;
    },
    right: (t, sent) => {
      counts.answers += 1;
      mostTries = Math.max(mostTries, failedInARow + 1);
      failedInARow = 0;
      const step = Math.min(STEPS, Math.round((t - sent) * STEPS_PER_MILLISECOND));
      latencies[step] = (latencies[step] ?? 0) + 1;
      const gap = openGap(t);
      if (lastAnswer !== null && gap > threshold) {
        const why = reason ?? 'late answer';
        if (!lost) lose(t);
        if (gaps.length < MOST_GAPS) gaps.push({ from: lastAnswer, to: t, gap: round(gap), reason: why });
        tell({ t, event: 'answered-again', gap: round(gap), reason: why });
      }
      longest = Math.max(longest, gap);
      firstAnswer ??= t;
      lastAnswer = t;
      lost = false;
      reason = null;
    },
    tolerated: () => {
      counts.tolerated += 1;
    },
    failed: (kind, why) => {
      counts[kind] += 1;
      failedInARow += 1;
      reason ??= why;
    },
    remark: (why) => {
      reason ??= why;
    },
    tick: (t) => {
      if (!lost && openGap(t) > threshold) lose(t);
    },
    standing,
    summary: (t) => ({
      ...standing(t),
      ...counts,
      mostTries,
      gaps,
      p50: percentile(latencies, counts.answers, 0.5),
      p99: percentile(latencies, counts.answers, 0.99),
    }),
  };
}

function longestSince(gaps: readonly Gap[], since: number): number {
  return gaps.reduce((longest, { to, gap }) => (to > since ? Math.max(longest, gap) : longest), 0);
}

function percentile(latencies: Uint32Array, total: number, share: number): number | null {
  if (total === 0) return null;
  let seen = 0;
  const step = latencies.findIndex((count) => {
    seen += count;
    return seen >= total * share;
  });
  return step / STEPS_PER_MILLISECOND;
}

const round = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000;
