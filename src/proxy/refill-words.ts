/** A refill in the words of the log, and in the numbers of a report. No decisions. */
import type { RefillReport } from '../config/bundled-proxy.ts';
import type { Outcome, Progress } from '../sync/refill-types.ts';

/** The names of the two copies, as on the command line. */
export interface RefillNames {
  readonly target: string;
  readonly source: string;
}

/** What is told outside of a refill under way. */
export function reportRefill({ target, source }: RefillNames, progress: Progress): RefillReport {
  const { pass, done, total, copied, itemsPerSecond, remaining, isWaiting } = progress;
  return {
    target,
    source,
    pass,
    waiting: isWaiting,
    done,
    total,
    stored: copied,
    rate: Math.round(itemsPerSecond),
    left: remaining === null ? null : Math.ceil(remaining / 1000),
  };
}

/** How far it is. */
export function describeProgress({ target, source }: RefillNames, progress: Progress): string {
  const { pass, done, total, itemsPerSecond, remaining, isWaiting } = progress;
  if (isWaiting) return `refilling ${target} waits: ${source} lists its keys for somebody else`;
  const left = remaining === null ? '' : `, ${Math.ceil(remaining / 1000)} s left`;
  return `refilling ${target}: ${pass}, ${done} of ${total} items, ${Math.round(itemsPerSecond)}/s${left}`;
}

/** What it did, once it is complete. */
export function describeEnd({ target, source }: RefillNames, progress: Progress): string {
  const { copied, copiedBytes, elapsed, skipped } = progress;
  const told = Object.entries(skipped).filter(
    ([why, count]) => count > 0 && why !== 'present' && why !== 'unwanted' && why !== 'written',
  );
  const left = told.map(([why, count]) => `${count} ${why}`).join(', ');
  const megabytes = (copiedBytes / 1e6).toFixed(1);
  const did = `${copied} items, ${megabytes} MB, ${(elapsed / 1000).toFixed(1)} s`;
  return `refilled ${target} from ${source}: ${did}${left === '' ? '' : `; not copied: ${left}`}`;
}

/** Why it ended before it was complete. */
export function whyEnded({ target, source }: RefillNames, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'complete':
      return 'the copies changed';
    case 'stopped':
      return outcome.reason;
    case 'failed':
      return `${outcome.peer} ${outcome.peer === 'source' ? source : target}: ${outcome.reason}`;
  }
}
