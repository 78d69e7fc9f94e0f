/** The log: pino's JSON lines on stdout, made for journald and for people who grep. */
import pino, { type Logger } from 'pino';

/** Writes without ever blocking: a reader that hangs must not hold up an advertisement. */
export function createLog(level: string): { readonly log: Logger; flush(): void } {
  const destination = pino.destination({ dest: 1, sync: false });
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
      try {
        destination.flushSync();
      } catch {
        // not open yet, or nobody reads
      }
    },
  };
}
