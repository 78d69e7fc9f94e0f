/** Looks up users by name and names by number, as getent(1) does, so that directory services count too. */
import { execFileSync } from 'node:child_process';

const DEADLINE = 5_000;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The user, or null when there is none. Blocks; for the start only. */
export function lookUpUser(name: string): User | null {
  const entry = find('passwd', name);
  return entry === null ? null : { uid: Number(entry[2]), gid: Number(entry[3]) };
}

/** The user's name, or the number itself when it has none. Blocks; for commands only. */
export function nameOfUser(uid: number): string {
  return find('passwd', String(uid))?.[0] ?? String(uid);
}

/** Likewise for a group. */
export function nameOfGroup(gid: number): string {
  return find('group', String(gid))?.[0] ?? String(gid);
}

function find(database: 'passwd' | 'group', key: string): string[] | null {
  try {
    const options = { timeout: DEADLINE, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('getent', [database, key], options).trimEnd().split(':');
  } catch {
    return null; // getent exits 2 when there is none
  }
}
