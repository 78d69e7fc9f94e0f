/** Where `status --watch` shows one picture after the other: the whole terminal, or a stream with one after another. */
import type { WriteStream } from 'node:tty';

export interface Screen {
  /** Shows this instead of what it showed before. */
  show(text: string): void;
  /** Leaves things as they were found. */
  close(): void;
}

const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'; // the other buffer, no cursor, no wrapping
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';

/** The terminal's own other buffer, so that what was on it comes back. What does not fit is told. */
export function terminalScreen(out: Pick<WriteStream, 'write' | 'rows'>): Screen {
  out.write(ENTER);
  return {
    show(text) {
      const lines = text.trimEnd().split('\n');
      const room = Math.max(2, out.rows ?? 24);
      const shown =
        lines.length <= room
          ? lines
          : [...lines.slice(0, room - 1), `(${lines.length - room + 1} more lines: make the window higher)`];
      // Line by line over the old ones: a screen that is cleared first flickers.
      out.write(`\x1b[H${shown.map((line) => `${line}\x1b[K`).join('\n')}\x1b[J`);
    },
    close: () => void out.write(LEAVE),
  };
}

/** Each picture below the last one. */
export function streamScreen(write: (text: string) => void): Screen {
  return { show: (text) => write(`${text.trimEnd()}\n\n`), close() {} };
}
