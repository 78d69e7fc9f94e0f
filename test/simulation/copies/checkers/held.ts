/** What a copy held when: whether it carried a write out, and what it missed that the other one has. Looks, does not judge. */
import { RECOGNITION_MS } from '../expectations.ts';
import {
  type CopyHistory,
  type CopyRecord,
  epochAt,
  type Host,
  type Operation,
  otherHost,
  recordsOf,
} from '../history.ts';
import type { Version } from '../values.ts';
import type { Evidence } from './evidence.ts';
import { dueAt } from './order.ts';

export const isTombstone = (write: Operation): boolean => write.kind === 'delete' || isFlush(write);

const isFlush = ({ kind }: Operation): boolean => kind === 'flush_all' || kind === 'flush later';

/** Whether `version` is what `write` made, or came of it. */
export function contains(version: Version, write: Operation): boolean {
  if (write.counted !== null)
    return version.base === write.counted.base && version.count >= write.counted.count;
  return version.base === write.id || version.added.includes(write.id);
}

function shows(record: CopyRecord, write: Operation): boolean {
  // Before that it was another one's doing: two sides that write alone may count to the same number.
  if (record.at < write.sentAt) return false;
  if (isTombstone(write)) return record.version === null;
  return record.version !== null && contains(record.version, write);
}

/**
 * When a copy first carried `write` out, or took over what came of it, in the life of its process at `by`; by then. That a
 * proxy emptied it says nothing about a deletion: what it was filled with after that may be older. `inTime`: not for a
 * connection whose other end had given the copy up.
 */
export function heldAt(
  { history, order }: Evidence,
  host: Host,
  write: Operation,
  by: number,
  inTime = false,
): number | null {
  const copy = history.copies[host];
  const now = epochAt(copy, by);
  if (now < 0 || copy.deaths.some((death) => death <= by && death > copy.epochs[now]!.at)) return null;
  const { life } = copy.epochs[now]!;
  if (isFlush(write)) {
    const latest = Math.min(by, order.end(write));
    const flush = copy.epochs.find(
      (epoch, index) =>
        epoch.at >= dueAt(write) &&
        epoch.at <= latest &&
        isFlushed(copy, index) &&
        epoch.life === life &&
        !(inTime && epoch.late),
    );
    return flush?.at ?? null;
  }
  // Nothing tells one deletion from another: what comes after its end is another one's.
  const latest = write.kind === 'delete' ? Math.min(by, order.end(write)) : by;
  for (const record of recordsOf(copy, write.key)) {
    if (record.at > latest) break;
    if (inTime && record.late) continue;
    if (copy.epochs[record.epoch]!.life === life && shows(record, write)) return record.at;
  }
  return null;
}

/** Whether an epoch began with a flush_all, not with a process. */
function isFlushed({ epochs }: CopyHistory, epoch: number): boolean {
  return epochs[epoch - 1]?.life === epochs[epoch]!.life;
}

/** What reaches the other copy within this time, ms, was on its way. */
const GRACE_MS = 1000;

const CHANGES = new Set(['set', 'add', 'replace', 'cas', 'append', 'prepend', 'incr', 'delete', 'flush_all']);

/** When the copy of `host` carried `write` out in `era`, or null. */
function madeIn(
  { history, eras, order }: Evidence,
  host: Host,
  era: number,
  write: Operation,
): number | null {
  const { epochs, records } = history.copies[host];
  const { eraOf } = eras[host];
  const end = order.end(write);
  if (write.kind === 'flush_all') {
    const flush = epochs.find(
      ({ at }, epoch) =>
        eraOf[epoch] === era && isFlushed(history.copies[host], epoch) && at >= write.sentAt && at <= end,
    );
    return flush?.at ?? null;
  }
  const made = records
    .get(write.key)
    ?.find((one) => eraOf[one.epoch] === era && one.at <= end && shows(one, write));
  return made?.at ?? null;
}

/**
 * Since when the copy of `host`, in `era`, has had something that a client wrote and that the other copy, in its era
 * `otherEra`, never got: Infinity when there is nothing of the kind. A touch and a flush_all that is due later leave
 * no trace in a copy: those through a proxy that could not reach the other copy count as missed.
 */
export function aloneSince(evidence: Evidence, host: Host, era: number, otherEra: number): number {
  const { history, order, reach, eras } = evidence;
  const other = history.copies[otherHost(host)];
  const began = Math.max(history.copies[host].epochs[era]!.at, other.epochs[otherEra]?.at ?? 0);
  const left = eras[host].endOf(era);
  const otherLeft = eras[otherHost(host)].endOf(otherEra);
  let since = Number.POSITIVE_INFINITY;
  for (const write of history.operations) {
    const end = order.end(write);
    if (write.kind === 'touch' || write.kind === 'flush later') {
      const at = Math.max(write.sentAt, began);
      if (at >= since || at > Math.min(end, left)) continue;
      if (!reach.wasReachable(write.host, otherHost(host), write.sentAt - RECOGNITION_MS, end)) since = at;
    } else if (CHANGES.has(write.kind)) {
      const at = madeIn(evidence, host, era, write);
      if (at === null || at < began || at >= since) continue;
      // What it got when it was emptied and refilled after that does not count.
      const by = Math.min(Math.max(end, at) + GRACE_MS, otherLeft);
      const got = heldAt(evidence, otherHost(host), write, by, true);
      if (got === null || got >= otherLeft) since = at;
    }
  }
  return since;
}
