/** Which process a pid means: pids are used again, a pid with its start time and the boot that it belongs to is not. */
import { readFileSync } from 'node:fs';
import { bootId } from './boot.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the boot to its start; proc(5), field 22 of stat. */
  readonly startTime: string;
  readonly boot: string;
}

/** The process that has this pid now; null when there is none, or only a zombie. */
export function identify(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in field 2 stands in parentheses and may hold anything, parentheses too.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[18];
    if (startTime === undefined || state === 'Z' || state === 'X') return null;
    return { pid, startTime, boot: bootId() };
  } catch {
    return null;
  }
}

/** True while that very process runs. */
export function isAlive({ pid, startTime, boot }: ProcessIdentity): boolean {
  const now = identify(pid);
  return now !== null && now.startTime === startTime && now.boot === boot;
}
