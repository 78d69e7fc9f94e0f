/**
 * What was answered is on both copies, if its proxy could reach both before and meanwhile: what one of them lacks then is
 * lost with the other one. And it is on one of them at least, whatever happens.
 */
import { Violation } from '../../violation.ts';
import { RECOGNITION_MS, REPAIRED_MS } from '../expectations.ts';
import { HOSTS, type Host, type Operation } from '../history.ts';
import type { Evidence } from './evidence.ts';
import { heldAt } from './held.ts';

const WRITES = new Set(['set', 'add', 'replace', 'cas', 'append', 'prepend', 'incr', 'delete']);

/** The copy has it, or was flushed since, which makes it void. */
function isCarried(evidence: Evidence, host: Host, write: Operation, by: number): boolean {
  if (heldAt(evidence, host, write, by) !== null) return true;
  return evidence.history.copies[host].epochs.some(({ at }) => at >= write.sentAt && at <= by);
}

export function checkCarried(evidence: Evidence): void {
  const { history, reach } = evidence;
  for (const write of history.operations) {
    if (write.outcome !== 'done' || !WRITES.has(write.kind)) continue;
    const from = write.sentAt - RECOGNITION_MS;
    const by = write.endedAt + REPAIRED_MS;
    const holders = HOSTS.filter((host) => isCarried(evidence, host, write, by));
    if (holders.length === 2) continue;
    const undisturbed = HOSTS.every((host) => reach.wasReachable(write.host, host, from, by));
    if (undisturbed && reach.ranFreely(write.host, from, by))
      throw new Violation(
        'carried',
        `${write.kind} #${write.id} of ${write.key} was answered, and is on ${holders.join() || 'no copy'} only`,
      );
    const dead = HOSTS.some((host) =>
      history.copies[host].deaths.some((death) => death >= write.sentAt && death <= by),
    );
    if (holders.length === 0 && !dead)
      throw new Violation(
        'carried',
        `${write.kind} #${write.id} of ${write.key} was answered, and is nowhere`,
      );
  }
}
