/** flush_all, which concerns every backend at once. */
import { submitText } from './backend-output.ts';
import { answer, NO_COPY } from './call.ts';
import { rewriteRecords } from './generations.ts';
import { answerWrite } from './raise.ts';
import type { Backend, Call, Op, ProxyState } from './types.ts';

const OK = Buffer.from('OK\r\n');

interface Flushing {
  waiting: number;
  answered: boolean;
}

/** Empties all backends that are up, `delay` seconds from now (0 or less: now); `op` is in its client's queue. */
export function flushAll(proxy: ProxyState, op: Op, delay: number): void {
  const flushing: Flushing = { waiting: 0, answered: false };
  const line = delay > 0 ? `flush_all ${delay}\r\n` : 'flush_all\r\n';
  for (const backend of proxy.backends) {
    if (!backend.up) continue;
    flushing.waiting++;
    submitText(flushCall(backend, op, flushing), line);
  }
  rewriteRecords(proxy);
  proxy.refills.onFlush(Math.max(0, delay));
  // What was decided before the flush and is carried to the other copy after it must not come to life there.
  if (delay <= 0) for (const lock of proxy.locks.values()) lock.voided = true;
  if (flushing.waiting === 0) {
    proxy.counters.noCopy++;
    answer(op, proxy.backends[0]!, NO_COPY, 0, NO_COPY.length);
  }
}

function flushCall(backend: Backend, op: Op, flushing: Flushing): Call {
  return {
    backend,
    op,
    pair: null,
    side: 0,
    shape: 'line',
    finish: () => {
      backend.flushes++;
      flushed(backend, op, flushing, true);
    },
    lost: () => flushed(backend, op, flushing, false),
    next: null,
    bytes: OK,
    from: 0,
    to: 0,
    value: null,
    context: null,
  };
}

function flushed(backend: Backend, op: Op, flushing: Flushing, answered: boolean): void {
  flushing.answered ||= answered;
  if (--flushing.waiting > 0) return;
  if (flushing.answered) answerWrite(op, backend, OK, 0, OK.length);
  else answer(op, backend, NO_COPY, 0, NO_COPY.length);
}
