/** What an installed program says of itself. Only for the start: it waits for the program. */
import { spawnSync } from 'node:child_process';

/** How long a program may take to say it, in ms. */
const PATIENCE = 2_000;

/** What `program -h` says, or null when there is no such program or it does not answer in time. */
export function readHelp(program: string): string | null {
  const { error, stdout, stderr } = spawnSync(program, ['-h'], { encoding: 'utf8', timeout: PATIENCE });
  return error === undefined ? stdout + stderr : null;
}
