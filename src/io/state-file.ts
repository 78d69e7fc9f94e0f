/**
 * A small file that tells the next run of this program how this one stood, for as long as the machine is up: written
 * whole, in the background. Knows nothing of what it says.
 */
import { close, openSync, readFileSync, rmSync, write } from 'node:fs';

/** What it says is filled up to a multiple of so many bytes, so that a shorter text leaves nothing of a longer one. */
const GRAIN = 1024;

export interface StateFileOptions {
  readonly path: string;
  /** What it says now; asked for when it is written. */
  readonly content: () => unknown;
  /** No oftener than once in so many ms; the first change after a pause is written at once. */
  readonly pause: () => number;
  /** The first of any number of failures in a row. */
  readonly onError: (error: Error) => void;
}

export interface StateFile {
  /** What it says has changed. Returns at once. */
  changed(): void;
  /** Removes it; nothing is written any more. */
  remove(): Promise<void>;
}

/** What a predecessor wrote; null when there is nothing that can be read, or it died while it wrote. */
export function readStateFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return null;
  }
}

/**
 * Writes nothing before the first change, which replaces what a predecessor wrote. A write is one system call on an open
 * descriptor: ten a second cost next to nothing, as a new file each time would not.
 */
export function openStateFile({ path, content, pause, onError }: StateFileOptions): StateFile {
  let fd: number | null = null;
  let length = 0;
  let closed = false;
  let failed = false;
  let waiting = false;
  let again = false;
  let lastBegan = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const writeNow = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (fd === null) {
        rmSync(path, { force: true });
        fd = openSync(path, 'wx', 0o600);
      }
      const text = `${JSON.stringify(content())}\n`;
      length = Math.max(length, Math.ceil(Buffer.byteLength(text) / GRAIN) * GRAIN);
      const bytes = Buffer.alloc(length, ' ');
      bytes.write(text);
      write(fd, bytes, 0, length, 0, (error, written) => {
        if (error !== null) reject(error);
        else if (written < length) reject(new Error(`${path}: no space left`));
        else resolve();
      });
    });

  const attempt = async (): Promise<void> => {
    again = false;
    lastBegan = performance.now();
    try {
      await writeNow();
      failed = false;
    } catch (error) {
      if (!failed) onError(error as Error);
      failed = true;
    }
    waiting = false;
    if (again) changed();
  };

  const changed = (): void => {
    again = true;
    if (waiting || closed) return;
    waiting = true;
    const begin = (): void => {
      writing = attempt();
    };
    timer = setTimeout(begin, Math.max(0, lastBegan + pause() - performance.now()));
  };

  return {
    changed,
    async remove() {
      closed = true;
      clearTimeout(timer);
      await writing;
      if (fd !== null) close(fd, () => {});
      rmSync(path, { force: true });
    },
  };
}
