/** How far a refill is: counts, and the rate of the last seconds. Owns numbers only; time is an argument, in ms. */
import type { Pass, Progress, Skipped } from './refill-types.ts';

/** The rate is that of so many ms, out of samples so far apart. */
const RATE_OVER = 5_000;
const SAMPLE_EVERY = 250;

interface Sample {
  readonly at: number;
  readonly done: number;
  readonly copied: number;
  readonly bytes: number;
}

export interface Counting {
  /** A new pass, of about `total` items. */
  begin(pass: Pass, total: number, now: number): void;
  /** It has become known that the pass has so many. */
  setTotal(total: number): void;
  copied(bytes: number): void;
  skipped(why: Skipped): void;
  /** Dealt with, whatever became of it: copied, skipped, or found to be there. */
  done(count: number): void;
  waited(ms: number): void;
  /** An item that was not copied for an error that a memcached answered. */
  failed(error: string): void;
  progress(now: number): Progress;
}

function nothingSkipped(): Record<Skipped, number> {
  return {
    present: 0,
    unwanted: 0,
    gone: 0,
    stale: 0,
    written: 0,
    cold: 0,
    'too-large': 0,
    'no-memory': 0,
    unnameable: 0,
    error: 0,
  };
}

export function createCounting(startedAt: number): Counting {
  let pass: Pass = 'copying';
  let total = 0;
  let done = 0;
  let copied = 0;
  let copiedBytes = 0;
  let busyWaits = 0;
  let busyFor = 0;
  let isWaiting = false;
  let lastError = '';
  let samples: Sample[] = [];
  let skipped = nothingSkipped();

  const sample = (now: number): Sample => {
    const last = samples.at(-1);
    const current = { at: now, done, copied, bytes: copiedBytes };
    if (last === undefined || now - last.at >= SAMPLE_EVERY) {
      samples.push(current);
      while (samples.length > 2 && now - samples[1]!.at >= RATE_OVER) samples.shift();
    }
    return current;
  };

  return {
    begin(next, about, now) {
      pass = next;
      total = about;
      done = 0;
      isWaiting = false;
      // Who was left out at the limit of the room was decided in the first pass; asked again, nobody there has any.
      skipped = { ...nothingSkipped(), cold: next === 'checking' ? skipped.cold : 0 };
      samples = [];
      sample(now);
    },
    setTotal(count) {
      total = count;
    },
    copied(bytes) {
      copied++;
      copiedBytes += bytes;
    },
    skipped(why) {
      if (why !== 'cold' || pass !== 'checking') skipped[why]++;
    },
    done(count) {
      isWaiting = false;
      done += count;
    },
    waited(ms) {
      busyWaits++;
      busyFor += ms;
      isWaiting = true;
    },
    failed(error) {
      skipped.error++;
      lastError = error;
    },
    progress(now) {
      const current = sample(now);
      const since = samples[0]!;
      const seconds = (now - since.at) / 1000;
      const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0);
      const speed = perSecond(current.done - since.done);
      const left = Math.max(0, total - done);
      return {
        pass,
        done,
        total: Math.max(total, done),
        copied,
        copiedBytes,
        itemsPerSecond: perSecond(current.copied - since.copied),
        bytesPerSecond: perSecond(current.bytes - since.bytes),
        elapsed: now - startedAt,
        remaining: speed > 0 ? (left / speed) * 1000 : null,
        skipped: { ...skipped },
        busyWaits,
        busyFor,
        isWaiting,
        lastError,
      };
    },
  };
}
