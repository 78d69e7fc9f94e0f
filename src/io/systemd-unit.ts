/** The systemd service that a process belongs to, and starting or stopping one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest time for a question, and for a start or a stop, in ms. */
const QUESTION = 5_000;
const JOB = 90_000;

/** The service whose main process this is; null: none, or systemd does not run this host (sd_booted(3)). */
export async function unitOf(pid: number): Promise<string | null> {
  if (!existsSync('/run/systemd/system')) return null;
  const unit = unitInCgroup(await readFile(`/proc/${pid}/cgroup`, 'latin1').catch(() => ''));
  if (unit === null) return null;
  try {
    const { stdout } = await run('systemctl', ['show', '-p', 'MainPID', '--value', '--', unit], {
      timeout: QUESTION,
    });
    return Number(stdout.trim()) === pid ? unit : null;
  } catch {
    return null;
  }
}

/** Of /proc/PID/cgroup: the innermost service of the system's own manager. */
export function unitInCgroup(text: string): string | null {
  const paths = text.split('\n').map((line) => line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1));
  for (const path of paths) {
    if (path.includes('/user.slice/')) continue; // a user's own manager is not ours to command
    const found = path.split('/').findLast((part) => part.endsWith('.service'));
    if (found !== undefined) return found;
  }
  return null;
}

/** Resolves when it runs; nothing happens to one that runs already. Rejects with what systemctl said. */
export const startUnit = (unit: string): Promise<void> => job('start', unit);

/** Resolves when it has ended. Rejects with what systemctl said. */
export const stopUnit = (unit: string): Promise<void> => job('stop', unit);

async function job(verb: 'start' | 'stop', unit: string): Promise<void> {
  try {
    await run('systemctl', [verb, '--', unit], { timeout: JOB });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim();
    throw new Error(`systemctl ${verb} ${unit}: ${said || (error as Error).message}`);
  }
}
