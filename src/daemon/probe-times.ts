/**
 * How long the latest probes of a memcached took, in memory of a fixed size: a sample is the slowest probe of a second, or
 * a failed one, so that five minutes of it are there however often it is asked.
 */

/** Samples that are kept. */
const KEPT = 300;
/** Milliseconds that share a sample. */
const SPAN = 1000;

/** One sample: when its span began, in ms since the epoch, and how long the probe took in ms; null: it failed. */
export type ProbeSample = readonly [at: number, ms: number | null];

export interface ProbeTimes {
  /** `at` in ms since the epoch; `ms` null: the probe failed. */
  add(at: number, ms: number | null): void;
  /** Oldest first. */
  samples(): ProbeSample[];
}

export function createProbeTimes(): ProbeTimes {
  const spans = new Float64Array(KEPT);
  const times = new Float64Array(KEPT); // Infinity: failed
  let written = 0;
  return {
    add(at, ms) {
      const span = Math.floor(at / SPAN) * SPAN;
      const took = ms ?? Number.POSITIVE_INFINITY;
      const last = (written - 1 + KEPT) % KEPT;
      if (written > 0 && spans[last] === span) {
        times[last] = Math.max(times[last]!, took);
        return;
      }
      spans[written % KEPT] = span;
      times[written % KEPT] = took;
      // Stays within two rounds: what counts is where, and whether the first round is over.
      written = written + 1 === 2 * KEPT ? KEPT : written + 1;
    },
    samples() {
      const count = Math.min(written, KEPT);
      return Array.from({ length: count }, (_, index) => {
        const place = (written - count + index) % KEPT;
        const took = times[place]!;
        return [spans[place]!, took === Number.POSITIVE_INFINITY ? null : Math.round(took * 1000) / 1000];
      });
    },
  };
}
