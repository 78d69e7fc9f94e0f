/**
 * The log: pino's JSON lines on stdout, made for journald and for people who grep. When journald reads, each line has its
 * priority in front, which journald takes off: `journalctl -p warning` works, and `-o cat` is JSON. For a terminal there is
 * a form without JSON.
 */
import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import pino, { type DestinationStream, type Level, type Logger } from 'pino';
import { isJournal, PRIORITY } from '../io/journal.ts';
import { setNonBlocking } from '../io/libc.ts';

const STDOUT = 1;
/** Log that waits for a reader who is behind, in bytes; what comes beyond it is lost. */
const LONGEST_BACKLOG = 1_000_000;
/** How long the end of the process waits for such a reader, in ms. */
const LAST_PATIENCE = 500;

export interface Log {
  readonly log: Logger;
  /** Writes what waits; bounded. */
  flush(): void;
}

/**
 * Writes without ever blocking: a reader that hangs must hold up neither an advertisement nor our end. `pretty`: for
 * people at a terminal, with colours there.
 */
export async function createLog(level: string, pretty: boolean): Promise<Log> {
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
    pretty ? await prettified(destination) : isJournal(STDOUT) ? prioritised(destination) : destination,
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

/** In the form of `1999-12-31 23:59:59.999 INFO: message`, with what else is in the line below it. */
async function prettified(destination: DestinationStream): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const colorize = isatty(STDOUT) && process.env.NO_COLOR === undefined;
  const prettify = prettyFactory({
    colorize,
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
    ignore: 'pid',
  });
  return { write: (line) => destination.write(prettify(line)) };
}

/** Each line with its priority in front, as sd-daemon(3) has it. */
function prioritised(destination: DestinationStream): DestinationStream {
  return {
    write(line) {
      const level = /^\{"level":"(\w+)"/.exec(line)?.[1] as Level;
      destination.write(`<${PRIORITY[level]}>${line}`);
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
