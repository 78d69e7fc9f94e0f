/**
 * A read never returns a value older than a write that counts (counts.ts), and what was deleted does not come back. A miss
 * is always allowed here. `incr` reads too: it answers one more than it found.
 *
 * A value is older than a write when every request that it came of (its set, what was appended, what counted it up) was over
 * before that write began, as the clients can tell: a request without an answer may still take effect for a while.
 */
import { Violation } from '../../violation.ts';
import type { History, Operation, Reading } from '../history.ts';
import type { Version } from '../values.ts';
import { createCounting } from './counts.ts';
import type { Evidence } from './evidence.ts';
import { contains, isTombstone } from './held.ts';
import { flushesOf } from './order.ts';

const WRITES = new Set([
  'set',
  'add',
  'replace',
  'cas',
  'append',
  'prepend',
  'incr',
  'delete',
  'flush_all',
  'flush later',
]);

/** What was answered as done; a delete that found nothing has made sure of it. */
function isAnsweredWrite({ kind, outcome }: Operation): boolean {
  return WRITES.has(kind) && (outcome === 'done' || (kind === 'delete' && outcome === 'refused'));
}

function readingsOf(history: History): Reading[] {
  const counted = history.operations.flatMap((operation): Reading[] => {
    const { counted: result, outcome, key } = operation;
    if (result === null || outcome !== 'done') return [];
    return [{ operation, key, version: { ...result, count: result.count - 1 } }];
  });
  return [...history.readings, ...counted].sort(
    (left, right) => left.operation.sentAt - right.operation.sentAt,
  );
}

interface KeyWrites {
  /** Those that a read may not be older than. */
  readonly answered: readonly Operation[];
  readonly increments: readonly Operation[];
}

function writesByKey({ history, order }: Evidence): (key: string) => KeyWrites {
  const flushes = flushesOf(history, order).filter(isAnsweredWrite);
  const byKey = new Map<string, { answered: Operation[]; increments: Operation[] }>();
  for (const operation of history.operations) {
    if (operation.key === '') continue;
    let writes = byKey.get(operation.key);
    if (writes === undefined) {
      writes = { answered: [...flushes], increments: [] };
      byKey.set(operation.key, writes);
    }
    if (isAnsweredWrite(operation)) writes.answered.push(operation);
    if (operation.kind === 'incr') writes.increments.push(operation);
  }
  return (key) => byKey.get(key) ?? { answered: flushes, increments: [] };
}

/** The requests that a version may have come of last. */
function makers(
  history: History,
  version: Version,
  increments: readonly Operation[],
  by: number,
): Operation[] {
  const made = [version.base, ...version.added].map((id) => history.operations[id]!);
  if (version.count === 0) return made;
  const exact = increments.filter(
    ({ counted }) => counted?.base === version.base && counted.count === version.count,
  );
  if (exact.length > 0) return [...made, ...exact];
  return [...made, ...increments.filter(({ counted, sentAt }) => counted === null && sentAt < by)];
}

function isIn(version: Version, write: Operation): boolean {
  return !isTombstone(write) && contains(version, write);
}

/** Counted up further from the same number. */
function isFurther(write: Operation, version: Version): boolean {
  const { counted } = write;
  return counted !== null && counted.base === version.base && counted.count > version.count;
}

export function checkStale(evidence: Evidence): void {
  const { history, order } = evidence;
  const counting = createCounting(evidence);
  const writesOf = writesByKey(evidence);
  for (const { operation: read, key, version } of readingsOf(history)) {
    if (read.outcome !== 'done') continue;
    const { answered, increments } = writesOf(key);
    const from = makers(history, version, increments, read.endedAt);
    for (const write of answered) {
      if (write === read || !order.precedes(write, read) || isIn(version, write)) continue;
      const older = isFurther(write, version) || from.every((one) => order.precedes(one, write));
      if (!older) continue;
      const by = counting.countsBy(write, read);
      if (by === null) continue;
      const shown = [version.base, ...version.added].map((id) => `#${id}`).join(' ');
      throw new Violation(
        'stale',
        `request #${read.id} through ${read.host} was told the value of ${shown}${version.count > 0 ? ` counted to ${version.count}` : ''} for ${key}, which is older than ${write.kind} #${write.id} that ${by} holds`,
      );
    }
  }
}
