/** Waiting for something to become true, always with a bound. Knows nothing of hosts or programs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from './monotonic.ts';

/** How long to wait and how often to look, both in milliseconds. */
export interface UntilOptions {
  /** Default 10 000. */
  readonly timeout?: number;
  /** Pause between two probes; default 20. */
  readonly every?: number;
}

/**
 * Probes until the probe returns something truthy, and returns that. A probe that throws is a probe that has not
 * come true yet.
 * @param what what is awaited, as it should read in the error: "b holds 10.9.0.250"
 * @throws Error naming what was awaited, for how long, and what the last probe returned or threw
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  options: UntilOptions = {},
): Promise<Exclude<T, false | 0 | '' | null | undefined>> {
  const timeout = options.timeout ?? 10_000;
  const start = monotonicNow();
  for (;;) {
    let last: string;
    try {
      const seen = await withinTime(probe, timeout - (monotonicNow() - start));
      if (seen) return seen as Exclude<T, false | 0 | '' | null | undefined>;
      last = `last seen: ${show(seen)}`;
    } catch (error) {
      last = `last error: ${error instanceof Error ? error.message : String(error)}`;
    }
    const waited = monotonicNow() - start;
    if (waited >= timeout) throw new Error(`waited ${Math.round(waited)} ms in vain until ${what}; ${last}`);
    await sleep(Math.min(options.every ?? 20, Math.max(1, timeout - waited)));
  }
}

/** A probe that hangs must not outlive the wait; one turn of grace, so that the last probe is a fair one. */
async function withinTime<T>(probe: () => T | Promise<T>, left: number): Promise<T> {
  const result = probe();
  if (!(result instanceof Promise)) return result;
  const timer = new AbortController();
  try {
    const late = sleep(Math.max(left, 0) + 1000, undefined, { signal: timer.signal, ref: true });
    return await Promise.race([
      result,
      late.then(() => {
        throw new Error('the probe itself did not return');
      }),
    ]);
  } finally {
    timer.abort();
  }
}

function show(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
