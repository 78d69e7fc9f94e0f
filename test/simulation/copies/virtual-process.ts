/**
 * A Node process on virtual time: its timers, its immediates and the turns of its event loop, in libuv's order (timers that
 * are due, what became readable, immediates). It can be stopped (SIGSTOP), woken and killed. It knows nothing of what
 * runs in it; virtual-globals.ts gives that code its setTimeout and its clocks.
 */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';

export interface VirtualProcess {
  readonly name: string;
  readonly alive: boolean;
  readonly stopped: boolean;
  /** Runs `task` as this process's code, now: its start, a signal. */
  enter(task: () => void): void;
  /** Something became ready (readable, writable, connected): `task` runs in one of the next turns. */
  poll(task: () => void): void;
  startTimer(delay: number, callback: () => void): VirtualTimer;
  setImmediate(callback: () => void): VirtualImmediate;
  stop(): void;
  resume(): void;
  /** Nothing of it runs any more. */
  kill(): void;
}

export interface VirtualTimer {
  cancelled: boolean;
  cancel(): void;
}

export interface VirtualImmediate {
  callback: (() => void) | null;
}

/** How long after something became ready a turn begins: mostly at once, at times late enough that more has come. */
const SOON_MS = 0.02;
const LATE_MS = 1;
const LATE_CHANCE = 0.1;
/** A timer fires up to this late. */
const TIMER_LATENESS_MS = 1;

let current: VirtualProcess | null = null;

/** Whose code is running. */
export function currentProcess(): VirtualProcess {
  if (current === null) throw new Error('no virtual process is running');
  return current;
}

/** Promises' continuations and process.nextTick, which Node runs after each callback. */
const runMicrotasks = (process as unknown as { _tickCallback: () => void })._tickCallback;

export function createProcess(scheduler: Scheduler, prng: Prng, name: string): VirtualProcess {
  let condition: 'running' | 'stopped' | 'dead' = 'running';
  let due: (() => void)[] = [];
  let ready: (() => void)[] = [];
  let immediates: VirtualImmediate[] = [];
  let turnAsked = false;

  const enter = (task: () => void): void => {
    const before = current;
    current = self;
    try {
      task();
      runMicrotasks();
    } finally {
      current = before;
    }
  };

  const turn = (): void => {
    if (condition !== 'running') return;
    const timers = due;
    const tasks = ready;
    if (timers.length > 0) due = [];
    if (tasks.length > 0) ready = [];
    for (const timer of timers) if (condition === 'running') enter(timer);
    for (const task of tasks) if (condition === 'running') enter(task);
    const now = immediates;
    if (now.length === 0) return;
    immediates = [];
    for (const { callback } of now) if (callback !== null && condition === 'running') enter(callback);
    if (immediates.length > 0) askTurn();
  };

  const askTurn = (): void => {
    if (turnAsked || condition !== 'running') return;
    turnAsked = true;
    const delay = prng.chance(LATE_CHANCE) ? prng.between(0, LATE_MS) : prng.between(0, SOON_MS);
    scheduler.at(scheduler.now + delay, () => {
      turnAsked = false;
      turn();
    });
  };

  const self: VirtualProcess = {
    name,
    get alive() {
      return condition !== 'dead';
    },
    get stopped() {
      return condition === 'stopped';
    },
    enter(task) {
      if (condition === 'dead') return;
      enter(task);
      if (immediates.length > 0) askTurn();
    },
    poll(task) {
      if (condition === 'dead') return;
      ready.push(task);
      askTurn();
    },
    startTimer(delay, callback) {
      const wait = Math.max(1, Number.isFinite(delay) ? delay : 1);
      const timer: VirtualTimer = { cancelled: false, cancel: () => {} };
      const fire = (): void => {
        if (!timer.cancelled) callback();
      };
      const forget = scheduler.at(scheduler.now + wait + prng.between(0, TIMER_LATENESS_MS), () => {
        if (condition === 'dead') return;
        due.push(fire);
        turn();
      });
      timer.cancel = () => {
        timer.cancelled = true;
        forget();
      };
      return timer;
    },
    setImmediate(callback) {
      const immediate: VirtualImmediate = { callback };
      immediates.push(immediate);
      return immediate;
    },
    stop() {
      if (condition === 'running') condition = 'stopped';
    },
    resume() {
      if (condition !== 'stopped') return;
      condition = 'running';
      turn();
    },
    kill() {
      condition = 'dead';
      due = [];
      ready = [];
      immediates = [];
    },
  };
  return self;
}
