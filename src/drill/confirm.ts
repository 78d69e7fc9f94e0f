/** Asks a person at a terminal. */
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** True for y or yes; false for anything else, and at the end of the input or when `signal` aborts. */
export function confirm(
  question: string,
  signal: AbortSignal,
  input: Readable = process.stdin,
  output: Writable = process.stderr,
): Promise<boolean> {
  // Interrupted while what is asked was looked at: an abort that has been is not told again.
  if (signal.aborted) return Promise.resolve(false);
  const lines = createInterface({ input, output });
  return new Promise((resolve) => {
    const end = (answer: boolean) => {
      resolve(answer); // first: closing says no
      lines.close();
    };
    // At a terminal in raw mode Ctrl-C comes here, and is the process's all the same.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    lines.on('close', () => resolve(false));
    signal.addEventListener('abort', () => end(false));
    lines.question(`${question} [y/N] `, (answer) => end(/^y(es)?$/i.test(answer.trim())));
  });
}
