/** How late this process's own timers were: what the machine does to it, it does to everybody on it. */
import { monotonicNow } from '../../../src/lab/monotonic.ts';

const EVERY_MS = 20;
const KEPT_MS = 60_000;

export interface Stalls {
  /** The longest delay of a timer since then (ms on CLOCK_MONOTONIC, at most a minute ago), in ms. */
  worst(since: number): number;
  stop(): void;
}

export function watchStalls(): Stalls {
  let seen: { readonly t: number; readonly late: number }[] = [];
  let last = monotonicNow();
  const timer = setInterval(() => {
    const now = monotonicNow();
    const late = now - last - EVERY_MS;
    last = now;
    if (late > EVERY_MS) seen.push({ t: now, late });
    if (seen.length > 1000) seen = seen.filter(({ t }) => t > now - KEPT_MS);
  }, EVERY_MS);
  return {
    worst: (since) => Math.max(0, ...seen.filter(({ t }) => t >= since).map(({ late }) => late)),
    stop: () => clearInterval(timer),
  };
}
