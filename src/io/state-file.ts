/**
 * A small file that tells the next run of this program how this one stood, for as long as the machine is up: rewritten
 * whole and in one step, in the background. Knows nothing of what it says.
 */
import { readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

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

/** What a predecessor wrote; null when there is nothing that can be read. */
export function readStateFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch {
    return null;
  }
}

/** Writes nothing before the first change. */
export function openStateFile({ path, content, pause, onError }: StateFileOptions): StateFile {
  let closed = false;
  let failed = false;
  let waiting = false;
  let again = false;
  let lastBegan = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    again = false;
    lastBegan = performance.now();
    try {
      // In one step: who is killed in the middle of it leaves the one before.
      await writeFile(`${path}.new`, `${JSON.stringify(content())}\n`, { mode: 0o600 });
      await rename(`${path}.new`, path);
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
      writing = write();
    };
    timer = setTimeout(begin, Math.max(0, lastBegan + pause() - performance.now()));
  };

  return {
    changed,
    async remove() {
      closed = true;
      clearTimeout(timer);
      await writing;
      for (const left of [path, `${path}.new`]) rmSync(left, { force: true });
    },
  };
}
