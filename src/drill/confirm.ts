/** Asks a person at a terminal. */
import { createInterface } from 'node:readline';

/** True for y or yes; false for anything else, and at the end of the input or when `signal` aborts. */
export function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const end = (answer: boolean) => {
      lines.close();
      resolve(answer);
    };
    // At a terminal in raw mode Ctrl-C comes here, and is the process's all the same.
    lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    lines.on('close', () => resolve(false));
    signal.addEventListener('abort', () => end(false));
    lines.question(`${question} [y/N] `, (answer) => end(/^y(es)?$/i.test(answer.trim())));
  });
}
