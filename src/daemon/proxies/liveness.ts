/**
 * Whether a program of ours still does anything: it is asked for a sign of life now and then, and one that gives none for
 * a few times in a row hangs. Owns the asking and the counting; how it is asked, and what is done about it, is the
 * caller's. Knows nothing of how long an answer should take: one that is merely busy answers late, and lives.
 */
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { Clock } from '../../io/clock.ts';

/** Between two questions. */
export const ASK_EVERY: Millis = 1_000;
/** So many in a row without an answer, each for ASK_EVERY, are a hang. */
export const UNANSWERED = 3;
/** A timer of ours that is later than this shows that we stood still, and perhaps the whole machine: nobody is to blame. */
const STOOD_STILL: Millis = 250;

export interface LivenessOptions {
  readonly clock: Clock;
  readonly ask: () => void;
  /** Once. It has been silent for so long. */
  readonly onHang: (silence: Millis) => void;
}

export interface Liveness {
  /** It gave a sign of life. The first one begins the counting: a start may take its time, and is bounded elsewhere. */
  answered(): void;
  /** It is watched no more. */
  stop(): void;
}

/** Asks from now on. */
export function watchLiveness({ clock, ask, onHang }: LivenessOptions): Liveness {
  let begun = false;
  let unanswered = 0;
  let cancel: () => void = () => {};

  const askAgain = (): void => {
    const due = clock.now() + ASK_EVERY;
    cancel = clock.at(due, () => {
      if (clock.now() - due > STOOD_STILL) unanswered = 0;
      if (unanswered >= UNANSWERED) return onHang(unanswered * ASK_EVERY);
      question();
    });
  };
  const question = (): void => {
    if (begun) unanswered++;
    ask();
    askAgain();
  };

  question();
  return {
    answered() {
      begun = true;
      unanswered = 0;
    },
    stop: () => cancel(),
  };
}
