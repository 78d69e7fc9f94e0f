/**
 * flush_all, which concerns every backend at once. One with a delay is kept in the records of the copies (generation.ts)
 * and carried out by the proxy that is active when it is due, on all of them at once: memcached itself has room for one
 * flush only, so that emptying a copy would cancel it, and it would bring back what was emptied before.
 */
import { submitText } from './backend-output.ts';
import { answer, NO_COPY } from './call.ts';
import { groupOf, hasPartner } from './copies.ts';
import { answerWrite, raise } from './raise.ts';
import { writeRecord } from './record.ts';
import type { Backend, Call, Op, ProxyState } from './types.ts';

const OK = Buffer.from('OK\r\n');
/** A delay beyond thirty days is a date (memcached doc/protocol.txt, "Expiration times"). */
const LONGEST_DELAY_S = 30 * 24 * 3600;

interface Flushing {
  waiting: number;
  answered: boolean;
}

/** Empties all backends that are up, `delay` seconds from now (0 or less: now); `op` is in its client's queue. */
export function flushAll(proxy: ProxyState, op: Op, delay: number): void {
  const now = Date.now();
  const due = delay > LONGEST_DELAY_S ? delay * 1000 : now + delay * 1000;
  if (due > now) flushLater(proxy, op, delay, due);
  else flushNow(proxy, op);
}

/** Empties all backends that are up. One that was to be flushed later is no longer, as in memcached. */
export function flushNow(proxy: ProxyState, op: Op): void {
  const { generations } = proxy;
  const flushing = newFlushing();
  for (const backend of proxy.backends) {
    if (backend.up) submitFlush(backend, op, flushing, 'flush_all\r\n');
  }
  setFlushAt(proxy, undefined);
  // It took the records too.
  if (generations.record !== null && generations.active) {
    for (const backend of groupOf(proxy)) if (backend.up) rewriteRecord(backend);
  }
  proxy.refills.onFlush();
  // What was decided before the flush and is carried to the other copy after it must not come to life there.
  for (const lock of proxy.locks.values()) lock.voided = true;
  endWhenAnswered(proxy.backends[0]!, op, flushing);
}

/** `due`: ms since 1970. A backend without a partner is never emptied by the proxy, so it can keep its own time. */
function flushLater(proxy: ProxyState, op: Op, delay: number, due: number): void {
  const flushing = newFlushing();
  const copies = groupOf(proxy).filter(({ up }) => up);
  if (copies.length > 0) {
    if (proxy.generations.record === null) raise(proxy);
    setFlushAt(proxy, due);
    proxy.log(0, `a client has everything flushed at ${new Date(due).toISOString()}`);
  }
  for (const backend of proxy.backends) {
    if (!backend.up) continue;
    if (hasPartner(backend)) {
      flushing.waiting++;
      rewriteRecord(backend, () => flushed(backend, op, flushing, backend.up));
    } else {
      submitFlush(backend, op, flushing, `flush_all ${delay}\r\n`);
    }
  }
  endWhenAnswered(proxy.backends[0]!, op, flushing);
}

function setFlushAt(proxy: ProxyState, flushAt: number | undefined): void {
  const { generations } = proxy;
  if (generations.record === null || generations.record.flushAt === flushAt) return;
  generations.record = { ...generations.record, flushAt };
  // A comparison under way has read the other one.
  generations.epoch++;
}

function rewriteRecord(backend: Backend, done?: () => void): void {
  const { record } = backend.proxy.generations;
  writeRecord(backend, { ...record!, filling: !backend.whole || record!.filling }, done);
}

function newFlushing(): Flushing {
  return { waiting: 1, answered: false };
}

function submitFlush(backend: Backend, op: Op, flushing: Flushing, line: string): void {
  flushing.waiting++;
  submitText(flushCall(backend, op, flushing), line);
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

/** All that there is to ask was asked. */
function endWhenAnswered(backend: Backend, op: Op, flushing: Flushing): void {
  if (flushing.waiting === 1) backend.proxy.counters.noCopy++;
  flushed(backend, op, flushing, false);
}

function flushed(backend: Backend, op: Op, flushing: Flushing, answered: boolean): void {
  flushing.answered ||= answered;
  if (--flushing.waiting > 0) return;
  if (flushing.answered) answerWrite(op, backend, OK, 0, OK.length);
  else answer(op, backend, NO_COPY, 0, NO_COPY.length);
}
