/** Runs a program for what it writes to its standard output, bounded in time and in size. Knows nothing of the answer. */
import { execFile } from 'node:child_process';

export interface AnswerOptions {
  /** The program and its arguments; no shell. It dies with this process. */
  readonly command: readonly string[];
  /** Milliseconds after which it is killed. */
  readonly timeout: number;
  /** Bytes of output after which it is killed. */
  readonly longest: number;
}

/** The whole output of a program that ended with 0; rejects with one line that says what happened instead. */
export function askProgram({ command, timeout, longest }: AnswerOptions): Promise<string> {
  const words = ['--pdeathsig', 'KILL', '--', ...command];
  const bounds = { timeout, maxBuffer: longest, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile('setpriv', words, bounds, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.killed) reject(new Error(`no answer within ${timeout} ms and ${longest} bytes`));
      else reject(new Error(complaint(stderr) ?? error.message));
    });
  });
}

/** The line of its standard error that says most; null: it said nothing. Node.js shows its own code before the error. */
function complaint(stderr: string): string | null {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^\w*Error: /.test(line)) ?? lines[0] ?? null;
}
