/**
 * A long-running program of ours: started in a session of its own, without the capabilities that we may have, killed by
 * the kernel when this process dies (even by SIGKILL), its output handed over line by line. Whether to start it again is
 * decided by core/supervise.ts.
 */
import { spawn } from 'node:child_process';
import { lineSplitter } from './line-splitter.ts';
import { WITHOUT_CAPABILITIES } from './unprivileged.ts';

/** What setpriv ends with when there is no such program; a shell script may end with it for reasons of its own. */
const NOT_FOUND = 127;
/** What the inherited descriptor is in the program. */
export const INHERITED = 3;
/** How long a program may take to end after SIGTERM, in ms. */
const GRACE = 2_000;

export interface ChildOptions {
  /** The program and its arguments; no shell. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** True: its standard input is a pipe to `write`, which ends when we do. */
  readonly input?: boolean;
  /** A descriptor of ours that it has as INHERITED. */
  readonly inherit?: number;
  readonly onLine: (line: string) => void;
  /** Once, when it ended or could not be started; `how` is for people: `exit code 1`, `SIGKILL`, `ENOENT`. */
  readonly onEnd: (how: string) => void;
}

export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Writes to its standard input; nothing without `input`. */
  write(text: string): void;
  /** SIGTERM, and SIGKILL to its whole group when it does not end in time. */
  stop(): void;
  /** SIGKILL to its whole group: it would not hear anything else. */
  kill(): void;
}

/** Starts the program; failures to start are told to `onEnd` too. */
export function startChild({ command, env, input = false, inherit, onLine, onEnd }: ChildOptions): Child {
  let ended = false;
  let killer: NodeJS.Timeout | undefined;
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...WITHOUT_CAPABILITIES, '--', ...command], {
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe', ...(inherit === undefined ? [] : [inherit])],
    detached: true,
    env: { ...process.env, ...env },
  });
  const end = (how: string): void => {
    if (ended) return;
    ended = true;
    clearTimeout(killer);
    onEnd(how);
  };
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', lineSplitter(onLine));
  child.stdin?.on('error', () => {}); // its death is told by 'exit'
  child.on('error', (error) => end(error.message));
  child.on('exit', (code, signal) => {
    const guess = code === NOT_FOUND ? `, as when there is no program ${command[0]}` : '';
    end(signal ?? `exit code ${code}${guess}`);
  });

  const signalGroup = (signal: NodeJS.Signals): void => {
    if (ended || child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // it ended in this very moment
    }
  };
  return {
    pid: child.pid,
    write: (text) => void child.stdin?.write(text),
    stop() {
      signalGroup('SIGTERM');
      killer = setTimeout(() => signalGroup('SIGKILL'), GRACE);
    },
    kill: () => signalGroup('SIGKILL'),
  };
}
