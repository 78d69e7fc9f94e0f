/** Whether journald reads what we write, and how it is told how severe a line is. */
import { fstatSync } from 'node:fs';

/** syslog(3)'s priority of each level of the log, for the `<N>` of sd-daemon(3). */
export const PRIORITY = { trace: 7, debug: 7, info: 6, warn: 4, error: 3, fatal: 2 } as const;

/** True when this descriptor is the stream to journald that systemd names in JOURNAL_STREAM; systemd.exec(5). */
export function isJournal(fd: number, stream = process.env.JOURNAL_STREAM): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return stream === `${dev}:${ino}`;
}
