/** The processes of this host, as proc(5) has them. */
import { readdir, readFile } from 'node:fs/promises';

/** One process. `command`: its arguments from argv[0] on; empty for a kernel thread. */
export interface Process {
  readonly pid: number;
  /** The name that ps shows: at most 15 characters. */
  readonly name: string;
  readonly command: readonly string[];
}

/** Everything that runs now. A process that ends while we look is left out. */
export async function listProcesses(): Promise<Process[]> {
  const entries = await readdir('/proc');
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const processes = await Promise.all(pids.map(readProcess));
  return processes.filter((process) => process !== null);
}

/** One process; null: it has ended. */
export async function readProcess(pid: number): Promise<Process | null> {
  try {
    const [name, command] = await Promise.all([
      readFile(`/proc/${pid}/comm`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    return {
      pid,
      name: name.trimEnd(),
      command: command === '' ? [] : command.replace(/\0$/, '').split('\0'),
    };
  } catch {
    return null;
  }
}
