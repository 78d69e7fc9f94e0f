/**
 * A file that says which process is our child, so that the daemon's successor knows it again. It is to lie where it goes
 * with a reboot.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from './process-identity.ts';

export interface ChildRecord extends ProcessIdentity {
  /** What it was started with, for a comparison with what the configuration says by then. */
  readonly command: readonly string[];
}

/** What a predecessor wrote; null when there is no such file or it is none of ours. */
export function readRecord(file: string): ChildRecord | null {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return isRecord(found) ? found : null;
  } catch {
    return null;
  }
}

/** Throws when it cannot be written. */
export function writeRecord(file: string, record: ChildRecord): void {
  // In one step: half a file would be none.
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The process has ended. */
export function removeRecord(file: string): void {
  rmSync(file, { force: true });
}

function isRecord(value: unknown): value is ChildRecord {
  const { pid, startTime, boot, command } = (value ?? {}) as Record<string, unknown>;
  return (
    Number.isSafeInteger(pid) &&
    typeof startTime === 'string' &&
    typeof boot === 'string' &&
    Array.isArray(command) &&
    command.every((word) => typeof word === 'string')
  );
}
