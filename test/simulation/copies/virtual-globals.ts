/**
 * Puts virtual time in the place of the global timers and clocks while a simulation runs, and takes it away again. What
 * is started belongs to the virtual process whose code is running. Code under test must use the globals, not
 * `node:timers/promises`. Randomness that is drawn from node:crypto stays random: nothing may depend on its value.
 */
import type { Scheduler } from '../virtual-clock.ts';
import { currentProcess, type VirtualImmediate, type VirtualTimer } from './virtual-process.ts';

/** What Date.now() says at virtual time 0: a date like any other, in ms since 1970. */
export const EPOCH_MS = 1_780_000_000_000;

class Timeout {
  #timer: VirtualTimer;
  readonly #start: () => VirtualTimer;
  constructor(start: () => VirtualTimer) {
    this.#start = start;
    this.#timer = start();
  }
  cancel(): void {
    this.#timer.cancel();
  }
  refresh(): this {
    this.#timer.cancel();
    this.#timer = this.#start();
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}

type Callback = (...args: unknown[]) => void;

function setTimeout_(callback: Callback, delay = 1, ...args: unknown[]): Timeout {
  const process = currentProcess();
  return new Timeout(() => process.startTimer(delay, () => callback(...args)));
}

function setInterval_(callback: Callback, delay = 1, ...args: unknown[]): Timeout {
  const process = currentProcess();
  const interval: Timeout = new Timeout(() =>
    process.startTimer(delay, () => {
      interval.refresh();
      callback(...args);
    }),
  );
  return interval;
}

function clear(timeout: unknown): void {
  if (timeout instanceof Timeout) timeout.cancel();
}

function setImmediate_(callback: Callback, ...args: unknown[]): VirtualImmediate {
  return currentProcess().setImmediate(() => callback(...args));
}

function clearImmediate_(immediate: VirtualImmediate | undefined): void {
  if (immediate !== undefined) immediate.callback = null;
}

/** Runs `action`, synchronously, with `scheduler` as the clock of everything. */
export function withVirtualTime<T>(scheduler: Scheduler, action: () => T): T {
  const replaced = [
    [globalThis, 'setTimeout', setTimeout_],
    [globalThis, 'clearTimeout', clear],
    [globalThis, 'setInterval', setInterval_],
    [globalThis, 'clearInterval', clear],
    [globalThis, 'setImmediate', setImmediate_],
    [globalThis, 'clearImmediate', clearImmediate_],
    [performance, 'now', () => scheduler.now],
    [Date, 'now', () => Math.floor(EPOCH_MS + scheduler.now)],
  ] as const;
  const before = replaced.map(([owner, name]) => Object.getOwnPropertyDescriptor(owner, name));
  for (const [owner, name, value] of replaced)
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  try {
    return action();
  } finally {
    replaced.forEach(([owner, name], index) => {
      const descriptor = before[index];
      if (descriptor !== undefined) Object.defineProperty(owner, name, descriptor);
      else delete (owner as unknown as Record<string, unknown>)[name];
    });
  }
}

/**
 * Calls `action` outside of any microtask, where process._tickCallback can run those of the virtual processes: a
 * simulation is synchronous, and the code in it may still use promises.
 */
export function atTopLevel<T>(action: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(action());
      } catch (error) {
        reject(error);
      }
    });
  });
}
