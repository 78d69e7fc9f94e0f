/** When to start a program again that died: at once, then with growing pauses, and when to give up. Decides only. */
import type { Millis } from './vrrp/parameters.ts';

/** Deaths within the window that are a fault. */
export const MAX_DEATHS = 5;
/** The window in which deaths are counted. */
export const DEATH_WINDOW: Millis = 10_000;
/** Pause before the second restart in a window; it doubles with every further one. The first has none. */
export const FIRST_PAUSE: Millis = 100;
/** A program that lived for so long has worked: a pause would only keep its clients waiting. */
export const WORKED: Millis = 1_000;
/** How long the fault of a program that was given up lasts; it doubles with every further one, up to the longest. */
export const FIRST_FAULT: Millis = 60_000;
export const LONGEST_FAULT: Millis = 3_600_000;

/** Memory of a supervisor. */
export interface Supervision {
  /** Times of the latest deaths. */
  readonly deaths: readonly Millis[];
  /** How often it was given up in a row. */
  readonly faults: number;
  /** When it may run again after the latest death: what lies before is not to its credit. */
  readonly startsAt: Millis;
}

export const UNTROUBLED: Supervision = { deaths: [], faults: 0, startsAt: 0 };

/** `restart`: start it again after the pause; `fault`: it is given up for so long. */
export interface Decision {
  readonly supervision: Supervision;
  readonly action: 'restart' | 'fault';
  readonly pause: Millis;
}

/**
 * Decides on a death at `now`. `hopeless`: it never came to work, so there is nothing to count. A program that lived
 * for longer than the longest fault has its past forgiven.
 */
export function onDeath(before: Supervision, now: Millis, hopeless: boolean): Decision {
  const faults = now - before.startsAt > LONGEST_FAULT ? 0 : before.faults;
  const deaths = [...before.deaths.filter((death) => now - death < DEATH_WINDOW), now];
  if (hopeless || deaths.length >= MAX_DEATHS) {
    const pause = Math.min(FIRST_FAULT * 2 ** faults, LONGEST_FAULT);
    const supervision = { deaths: [now], faults: faults + 1, startsAt: now + pause };
    return { supervision, action: 'fault', pause };
  }
  const worked = now - before.startsAt >= WORKED;
  const pause = worked || deaths.length === 1 ? 0 : FIRST_PAUSE * 2 ** (deaths.length - 2);
  return { supervision: { deaths, faults, startsAt: now + pause }, action: 'restart', pause };
}
