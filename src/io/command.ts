/** Runs a short program to its end, with a deadline and a bound on its output: hooks and check scripts. */
import { spawn } from 'node:child_process';
import { unprivileged, whyNotRun } from './unprivileged.ts';

/** What is kept of the output, in characters; the rest is read and thrown away. */
const KEPT_OUTPUT = 1_000;

export interface CommandOptions {
  /** The program and its arguments; no shell. */
  readonly command: readonly string[];
  /** Milliseconds after which the program and what it started are killed. */
  readonly timeout: number;
  /** Whom to run it as; undefined: as ourselves. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** How it ended. `how` is for people: `exit code 1`, `SIGSEGV`, `no end within 2000 ms`, `ENOENT`. */
export interface CommandResult {
  readonly outcome: 'success' | 'failure' | 'timeout' | 'not_runnable';
  readonly how: string;
  readonly output: string;
}

export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  /** Kills it and what it started. */
  kill(): void;
}

/** Starts the program, without the capabilities that we may have; the result never rejects. */
export function runCommand({ command, timeout, user, env }: CommandOptions): RunningCommand {
  const before = unprivileged();
  const [program, ...words] = [...before, ...command];
  const child = spawn(program!, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...env },
    ...user,
  });
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // the whole group is gone already
    }
  };
  const result = new Promise<CommandResult>((resolve) => {
    let output = '';
    let timedOut = false;
    const deadline = setTimeout(() => {
      timedOut = true;
      kill();
    }, timeout);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (output.length < KEPT_OUTPUT) output = (output + text).slice(0, KEPT_OUTPUT);
      });
    }
    const end = (outcome: CommandResult['outcome'], how: string): void => {
      clearTimeout(deadline);
      resolve({ outcome, how, output: output.trim() });
    };
    child.on('error', (error: NodeJS.ErrnoException) => end('not_runnable', error.code ?? error.message));
    // 'exit', not 'close': what it left running in the background may hold its output open for ever.
    child.on('exit', (code, signal) => {
      const unrunnable = whyNotRun(before, code, output);
      if (timedOut) end('timeout', `no end within ${timeout} ms`);
      else if (unrunnable !== null) end('not_runnable', unrunnable);
      else if (code === 0) end('success', 'exit code 0');
      else end('failure', signal ?? `exit code ${code}`);
    });
  });
  return { result, kill };
}
