/** Keeps what a backend's clock says by its own answers to `stats`: expiry times that are dates are dates by that clock. */
import { narrowClock, readClock, type ServerClock, uncertaintyOf } from '../core/server-clock.ts';
import { submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import type { Backend } from './types.ts';

/** Good enough, in seconds: what is kept is to be right by the second. */
const CERTAIN_S = 0.05;
const ASK_EVERY_MS = 50;
/** A second passes, and the clock ticks. */
const ASK_FOR_MS = 1300;

/** Before the first answer: as if it were this host's. */
export function guessedClock(): ServerClock {
  const local = (Date.now() - performance.now()) / 1000;
  return { least: local - 1, most: local + 1 };
}

/** `backend` answered `seconds` to a question that was asked at `asked` (ms of `performance.now()`), on a new connection. */
export function firstTime(backend: Backend, seconds: number, asked: number): void {
  backend.clock = readClock(seconds, asked, performance.now());
}

/** The same on a connection that has told the time before. */
export function tellTime(backend: Backend, seconds: number, asked: number): void {
  backend.clock = narrowClock(backend.clock, readClock(seconds, asked, performance.now()));
}

/** Asks until the clock was seen to tick. */
export function learnClock(backend: Backend): void {
  const { socket } = backend;
  const deadline = performance.now() + ASK_FOR_MS;
  const ask = (): void => {
    if (!backend.up || backend.socket !== socket || performance.now() > deadline) return;
    if (uncertaintyOf(backend.clock) <= CERTAIN_S) return;
    const asked = performance.now();
    const call = internalCall(backend, 'stats', (_call, buffer, start, end) => {
      const time = /^STAT time (\d+)/m.exec(buffer.toString('latin1', start, end))?.[1];
      if (time !== undefined) tellTime(backend, Number(time), asked);
      setTimeout(ask, ASK_EVERY_MS).unref();
    });
    submitText(call, 'stats\r\n');
  };
  ask();
}
