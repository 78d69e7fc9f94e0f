/** Counts the processes of a vrrp_track_process. keepalived is told of them by the kernel; we look every second. */
import type { ProcessConfig } from '../../config/config.ts';
import { matchesProcess, quorumMet } from '../../core/track-process.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import { listProcesses } from '../../io/processes.ts';
import type { Report } from './report.ts';

const LOOK_EVERY: Millis = 1_000;

/** Begins at once; returns what ends it. A change counts when it has lasted for fork_delay or terminate_delay. */
export function startProcess(config: ProcessConfig, report: Report): () => void {
  let stopped = false;
  let reported: boolean | null = null;
  let changedAt: Millis | null = null;
  let looking = false;

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    const processes = await listProcesses().finally(() => {
      looking = false;
    });
    if (stopped) return;
    const count = processes.filter(({ name, command }) => matchesProcess(config, name, command)).length;
    const met = quorumMet(config, count);
    if (met === reported) {
      changedAt = null;
    } else {
      changedAt ??= performance.now();
      const delay = met ? config.forkDelay : config.terminateDelay;
      if (reported !== null && performance.now() - changedAt < delay) return;
      changedAt = null;
      reported = met;
    }
    const limit =
      config.quorumMax === null ? `at least ${config.quorum}` : `${config.quorum} to ${config.quorumMax}`;
    const detail = `${count} processes ${config.process}, ${limit} are wanted`;
    report(reported ? { ok: true } : { ok: false, final: true, detail });
  };
  const timer = setInterval(() => void look(), LOOK_EVERY);
  void look();
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
