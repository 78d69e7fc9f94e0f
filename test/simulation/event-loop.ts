/**
 * The event loop of one daemon: its clock, and its sockets. It can be stopped (SIGSTOP, a paused VM) and killed. As with
 * io/clock.ts, a process that wakes reads its sockets before it acts on a timer of the clock.
 */
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import type { Clock } from '../../src/io/clock.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './virtual-clock.ts';

/** Datagrams that a socket keeps for a process that does not read: Linux's default buffer has room for about so many. */
const SOCKET_BUFFER = 256;

export interface EventLoop {
  readonly clock: Clock;
  /** A datagram to read, now or when the process goes on. */
  datagram(action: () => void): void;
  /** Anything else that the process is told: a signal, a pipe, the timer of a check. Its order when waking is anybody's. */
  told(action: () => void): void;
  pause(): void;
  resume(): void;
  /** Nothing runs any more. */
  kill(): void;
}

interface Timer {
  readonly callback: () => void;
  armed: boolean;
}

/** `lateness` is how late a timer may fire, in ms. */
export function createEventLoop(scheduler: Scheduler, prng: Prng, lateness: Millis): EventLoop {
  let condition: 'running' | 'paused' | 'dead' = 'running';
  let unread: (() => void)[] = [];
  let untold: (() => void)[] = [];
  let due: Timer[] = [];

  const fire = (timer: Timer): void => {
    if (!timer.armed) return;
    timer.armed = false;
    timer.callback();
  };

  return {
    clock: {
      now: () => scheduler.now,
      at(deadline, callback) {
        const timer: Timer = { callback, armed: true };
        const cancel = scheduler.at(Math.max(deadline, scheduler.now) + prng.between(0, lateness), () => {
          if (condition === 'running') fire(timer);
          else if (condition === 'paused') due.push(timer);
        });
        return () => {
          timer.armed = false;
          cancel();
        };
      },
    },
    datagram(action) {
      if (condition === 'running') action();
      else if (condition === 'paused' && unread.length < SOCKET_BUFFER) unread.push(action);
    },
    told(action) {
      if (condition === 'running') action();
      else if (condition === 'paused') untold.push(action);
    },
    pause() {
      condition = 'paused';
    },
    resume() {
      condition = 'running';
      const actions = shuffled(unread, untold, prng);
      const timers = due;
      unread = [];
      untold = [];
      due = [];
      for (const action of actions) action();
      for (const timer of timers) fire(timer);
    },
    kill() {
      condition = 'dead';
      unread = [];
      untold = [];
      due = [];
    },
  };
}

/** Both in their own order, one among the other as it comes. */
function shuffled<T>(a: readonly T[], b: readonly T[], prng: Prng): T[] {
  const all: T[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const takesA = j === b.length || (i < a.length && prng.chance(a.length / (a.length + b.length)));
    all.push(takesA ? a[i++]! : b[j++]!);
  }
  return all;
}
