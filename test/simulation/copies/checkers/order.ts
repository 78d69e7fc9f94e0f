/** Which of two requests was certainly over before the other began: the clients' order, in real time and on one connection. */
import { SETTLED_MS } from '../expectations.ts';
import type { History, Operation } from '../history.ts';
import type { Reach } from '../reach.ts';

/** Its proxy may have died, and the next one has to be started; or it is stopped for a moment. */
export const DUE_TOLERANCE_MS = 2500;
/** Else proxies look for what is due at least this often, in ms. */
const DUE_LOOK_MS = 600;

/**
 * After this a request cannot take effect any more. One that was answered: its answer. One that was not: a bounded time
 * after its connection was lost, or after its proxy went on, or when a copy carried it out that had it in its kernel
 * all the while. Nobody can call such a request back, so its value is not old before that.
 */
export function effectiveEnd(operation: Operation, reach: Reach): number {
  const later = operation.kind === 'flush later' ? operation.ttl * 1000 + DUE_TOLERANCE_MS : 0;
  return outcomeEnd(operation, reach) + later;
}

function outcomeEnd(operation: Operation, reach: Reach): number {
  switch (operation.outcome) {
    case 'done':
    case 'refused':
      return operation.endedAt;
    case 'silent':
      return Math.max(operation.endedAt, operation.lateAt);
    case 'pending':
      return Number.POSITIVE_INFINITY;
    case 'failed':
    case 'lost': {
      const settled = reach.runningSince(operation.host, operation.endedAt) + SETTLED_MS;
      return Math.max(settled, operation.lateAt);
    }
  }
}

/** Requests of one connection are carried out in their order. */
function isEarlierOnConnection(first: Operation, second: Operation): boolean {
  return first.connection === second.connection && first.position < second.position;
}

/** The earliest that a flush_all may take effect. */
export function dueAt({ sentAt, ttl }: Operation): number {
  return sentAt + ttl * 1000;
}

export interface Order {
  readonly end: (operation: Operation) => number;
  /** When a flush has taken effect, unless nobody was there to carry it out in time. */
  readonly due: (flush: Operation) => number;
  precedes(first: Operation, second: Operation): boolean;
}

export function orderOf(history: History, reach: Reach): Order {
  const ends = new Float64Array(history.operations.length).fill(-1);
  const end = (operation: Operation): number => {
    const known = ends[operation.id]!;
    if (known >= 0) return known;
    const found = effectiveEnd(operation, reach);
    ends[operation.id] = found;
    return found;
  };
  return {
    end,
    due: (flush) => (flush.kind === 'flush_all' ? end(flush) : end(flush) - DUE_TOLERANCE_MS + DUE_LOOK_MS),
    precedes: (first, second) => end(first) < second.sentAt || isEarlierOnConnection(first, second),
  };
}

/** The requests that flush everything, but for those that are due later and that another one may have taken the place of. */
export function flushesOf({ operations }: History, order: Order): Operation[] {
  const flushes = operations.filter(({ kind }) => kind === 'flush_all' || kind === 'flush later');
  const isReplaced = (flush: Operation): boolean =>
    flushes.some((one) => one !== flush && order.end(one) > flush.sentAt && one.sentAt < order.end(flush));
  return flushes.filter((flush) => flush.kind === 'flush_all' || !isReplaced(flush));
}
