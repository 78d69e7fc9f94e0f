/**
 * Which writes count for a read. A read through the proxy P that began at t must not show anything older than a write W if
 * all of this holds:
 *
 * 1. W was answered as done before t (or stands before the read on the same connection).
 * 2. A copy C carried W out, or took its outcome over in a refill, and C's process has lived ever since.
 * 3. P could reach C all the time from RECOGNITION_MS before t until the read was answered: the links between their hosts
 *    were whole and not slower than a timeout, C was not stopped, P was not stopped. P's own start is no excuse: it has to
 *    compare before it answers.
 * 4. W is not on the losing side of a tie. Both sides wrote alone if W is on C only, and by the time that C was read, or emptied
 *    if that was earlier, the other copy held something that a client wrote and that C never got. Then one side's writes
 *    go, and either may. But it is one side: a run in which a read misses what A alone had, and another one, of the same
 *    tie, misses what B alone had, is in the wrong.
 *
 * So a write counts although a proxy emptied C, as long as nobody wrote to the other copy alone; a write that only a dead copy
 * held counts never again; and what P cannot reach does not count for P until it can.
 */
import { RECOGNITION_MS } from '../expectations.ts';
import { type CopyHistory, epochAt, HOSTS, type Host, type Operation, otherHost } from '../history.ts';
import { type Evidence, eraAt } from './evidence.ts';
import { aloneSince, heldAt } from './held.ts';

export interface Counting {
  /** The copy by which `write` counts for `read`, or null. Call it only for reads that show something older. */
  countsBy(write: Operation, read: Operation): Host | null;
}

export function createCounting(evidence: Evidence): Counting {
  const { history, reach, eras } = evidence;
  /** By tie: whose writes may have stayed. */
  const winners = new Map<string, Set<Host>>();
  const alone = new Map<string, number>();

  const sinceAlone = (host: Host, era: number, otherEra: number): number => {
    const name = `${host} ${era} ${otherEra}`;
    let since = alone.get(name);
    if (since === undefined) {
      since = aloneSince(evidence, host, era, otherEra);
      alone.set(name, since);
    }
    return since;
  };

  /** Whether `write`, on `host` only since `at`, was in a tie that the other side may have won. */
  const lostTie = (write: Operation, host: Host, at: number, until: number): boolean => {
    const other = otherHost(host);
    // Its proxy may not know yet that another one has emptied this copy: to it the tie goes on.
    const apart = reach.apartSince(write.host, other, write.sentAt - RECOGNITION_MS, at);
    const era = eraAt(evidence, host, Math.max(lifeBegan(history.copies[host], at), Math.min(at, apart)));
    const moment = Math.min(until, eras[host].endOf(era));
    const otherEra = eraAt(evidence, other, moment);
    if (otherEra < 0 || sinceAlone(other, otherEra, era) > moment) return false;
    const tie = host === 'A' ? `${era} ${otherEra}` : `${otherEra} ${era}`;
    const left = winners.get(tie) ?? new Set(HOSTS);
    winners.set(tie, left);
    left.delete(host);
    return left.size > 0;
  };

  return {
    countsBy(write, read) {
      const { host: proxy, sentAt, endedAt } = read;
      for (const host of HOSTS) {
        if (!reach.wasReachable(proxy, host, sentAt - RECOGNITION_MS, endedAt)) continue;
        if (!reach.ranFreely(proxy, sentAt, endedAt)) continue;
        const held = heldAt(evidence, host, write, sentAt);
        if (held === null) continue;
        const both = heldAt(evidence, otherHost(host), write, sentAt) !== null;
        if (both || !lostTie(write, host, held, endedAt)) return host;
      }
      return null;
    },
  };
}

/** When the process that the copy had at `time` was started. */
function lifeBegan(copy: CopyHistory, time: number): number {
  const { life } = copy.epochs[epochAt(copy, time)]!;
  return copy.epochs.find((epoch) => epoch.life === life)!.at;
}
