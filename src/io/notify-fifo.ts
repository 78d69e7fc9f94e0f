/** keepalived's notify FIFO: a named pipe that gets one line for each transition. Never blocks: who does not read, misses. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, writeSync } from 'node:fs';

const DEADLINE = 2_000;

export interface NotifyFifo {
  /** Writes a line; one that does not fit is lost, as with keepalived. */
  write(line: string): void;
  close(): void;
}

/** Opens the pipe, making it with mode 0600 when it is not there; throws when it cannot. */
export function openNotifyFifo(path: string): NotifyFifo {
  if (!existsSync(path)) make(path);
  // Open for reading too: then there always is a reader, and neither open nor write fails for the lack of one.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    write(line) {
      try {
        writeSync(fd, `${line}\n`);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    },
    close: () => closeSync(fd),
  };
}

function make(path: string): void {
  try {
    execFileSync('mkfifo', ['-m', '600', path], { timeout: DEADLINE, stdio: 'pipe' });
  } catch (error) {
    // What the program said is the last line of Node's message.
    throw new Error(
      String((error as Error).message)
        .trim()
        .split('\n')
        .at(-1),
    );
  }
}
