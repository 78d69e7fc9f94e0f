/**
 * A program of ours that outlives us: a cache, whose end would be the end of what it holds. Started in a session of its
 * own and bound to nothing of ours but the pipe that its output comes through; when that has no reader any more it gets
 * an error for each write, and no signal. While we live and do not read, a program that writes more than a pipe holds
 * (64 KiB) waits for us: whoever runs a cache at `-vv` should know.
 */
import { spawn } from 'node:child_process';
import { lineSplitter } from './line-splitter.ts';
import { WITHOUT_CAPABILITIES } from './unprivileged.ts';

/** What sh ends with when there is no such program; others may end with it for reasons of their own. */
const NOT_FOUND = 127;
/** How long a program may take to end after SIGTERM, in ms. */
const GRACE = 2_000;
/** An ignored signal stays ignored through exec; Node.js would give it its default action back. */
const IGNORE_SIGPIPE = 'trap "" PIPE; exec "$@"';

export interface LastingChildOptions {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly onLine: (line: string) => void;
  /** Once, when it ended or could not be started; `how` is for people: `exit code 1`, `SIGKILL`, `ENOENT`. */
  readonly onEnd: (how: string) => void;
}

export interface LastingChild {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** SIGTERM, and SIGKILL to its whole group when it does not end in time. */
  stop(): void;
}

/** Starts the program; failures to start are told to `onEnd` too. */
export function startLastingChild({ command, onLine, onEnd }: LastingChildOptions): LastingChild {
  let ended = false;
  let killer: NodeJS.Timeout | undefined;
  const words = [...WITHOUT_CAPABILITIES, '--', '/bin/sh', '-c', IGNORE_SIGPIPE, 'sh', ...command];
  const child = spawn('setpriv', words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const end = (how: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(killer);
    onEnd(how);
  };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', lineSplitter(onLine));
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => {
    const guess = code === NOT_FOUND ? `, as when there is no program ${command[0]}` : '';
    end(signal ?? `exit code ${code}${guess}`);
  });

  const signalGroup = (signal: NodeJS.Signals): void => {
    if (ended || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH') onLine(`(could not be sent ${signal}: ${code})`);
    }
  };
  return {
    pid: child.pid,
    stop() {
      signalGroup('SIGTERM');
      killer = setTimeout(() => signalGroup('SIGKILL'), GRACE);
    },
  };
}
