/** Looks up users by name, as getent(1) does, so that directory services count too. */
import { execFileSync } from 'node:child_process';

const DEADLINE = 5_000;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The user, or null when there is none. Blocks; for the start only. */
export function lookUpUser(name: string): User | null {
  let line: string;
  try {
    line = execFileSync('getent', ['passwd', name], { timeout: DEADLINE, encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return null; // getent exits 2 when the name is unknown
  }
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
