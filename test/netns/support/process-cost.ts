/** What processes cost, by /proc. */
import { readFileSync } from 'node:fs';

/** Clock ticks per second of /proc/PID/stat; the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory of processes in MB, shared pages counted in each. */
export function residentMegabytes(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]),
  );
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** CPU seconds that processes and the children they waited for have used. */
export function cpuSeconds(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}
