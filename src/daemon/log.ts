/** The log: pino's JSON lines on stdout, made for journald and for people who grep. */
import { fstatSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { setNonBlocking } from '../io/libc.ts';

const STDOUT = 1;
/** Log that waits for a reader who is behind, in bytes; what comes beyond it is lost. */
const LONGEST_BACKLOG = 1_000_000;
/** How long the end of the process waits for such a reader, in ms. */
const LAST_PATIENCE = 500;

/** Writes without ever blocking: a reader that hangs must hold up neither an advertisement nor our end. */
export function createLog(level: string): { readonly log: Logger; flush(): void } {
  stopWaitingForReader();
  let giveUpAt = Number.POSITIVE_INFINITY;
  const destination = pino.destination({
    dest: STDOUT,
    sync: false,
    maxLength: LONGEST_BACKLOG,
    retryEAGAIN: () => performance.now() < giveUpAt,
  });
  destination.on('error', () => {}); // nobody reads us any more; that is no reason to stop
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return {
    log,
    flush() {
      if (giveUpAt === Number.POSITIVE_INFINITY) giveUpAt = performance.now() + LAST_PATIENCE;
      try {
        destination.flushSync();
      } catch {
        // Not open yet, or the reader hangs. Destroyed, so that pino does not try the same again at the very end.
        destination.destroy();
      }
    },
  };
}

/**
 * A write to a full pipe or socket waits in one of Node's threads, and the exit waits for that thread. Terminals are
 * left alone: the setting would be the shell's too.
 */
function stopWaitingForReader(): void {
  const stdout = fstatSync(STDOUT);
  if (stdout.isFIFO() || stdout.isSocket()) setNonBlocking(STDOUT);
}
