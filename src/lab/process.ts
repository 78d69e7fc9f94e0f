/** A long-lived program, inside a network namespace or here. Owns its start, its signals and its output; not what it is. */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LineLog, lineLog } from './line-log.ts';

/** How a program ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Run it as this user. Programs that change their user by themselves (`memcached -u`) thereby lose the
   * parent-death signal (prctl(2)), so the change is made before the start.
   */
  readonly user?: string;
}

export interface LabProcess {
  /** The program's own pid: neither nsenter nor setpriv forks. */
  readonly pid: number;
  readonly words: readonly string[];
  readonly stdin: Writable;
  readonly stdout: LineLog;
  readonly stderr: LineLog;
  /** Resolves when it has ended, never rejects. */
  readonly exited: Promise<Exit>;
  running(): boolean;
  /** Sends a signal (default SIGTERM) to the program alone; false when it has ended already. */
  kill(signal?: NodeJS.Signals): boolean;
  /** Sends SIGTERM, after `deadline` ms (default 5000) SIGKILL, and waits for the end. */
  stop(deadline?: number): Promise<Exit>;
}

/**
 * Starts `words` in the namespace. The kernel kills it when this process dies, however that dies; it has a
 * session of its own, so that Ctrl-C reaches the owner of the lab and not the programs behind its back.
 * @throws Error when nsenter cannot be started; a program that does not exist ends with code 127
 */
export function spawnIn(
  namespacePath: string,
  words: readonly string[],
  options: SpawnOptions = {},
): LabProcess {
  return start(['nsenter', `--net=${namespacePath}`, '--'], words, options);
}

/** As `spawnIn`, in no namespace but our own. @throws Error when setpriv cannot be started */
export function spawnHere(words: readonly string[], options: SpawnOptions = {}): LabProcess {
  return start([], words, options);
}

function start(enter: readonly string[], words: readonly string[], options: SpawnOptions): LabProcess {
  const asUser =
    options.user === undefined ? [] : ['--reuid', options.user, '--regid', options.user, '--init-groups'];
  const command = [...enter, 'setpriv', '--pdeathsig', 'KILL', ...asUser, '--', ...words];
  const child = spawn(command[0]!, command.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let ended = false;
  const exited = new Promise<Exit>((resolve) => {
    child.on('exit', (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  child.on('error', () => {
    // Either there is no pid, which throws below, or a signal could not be delivered, which kill() returns.
  });
  if (child.pid === undefined) throw new Error(`cannot start ${command[0]} for ${words.join(' ')}`);
  child.stdin.on('error', () => {});
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => !ended && child.kill(signal);
  return {
    pid: child.pid,
    words,
    stdin: child.stdin,
    stdout: lineLog(child.stdout),
    stderr: lineLog(child.stderr),
    exited,
    running: () => !ended,
    kill,
    stop: async (deadline = 5000) => {
      kill('SIGTERM');
      const timer = new AbortController();
      const late = sleep(deadline, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
      if ((await Promise.race([exited, late])) === 'late') kill('SIGKILL');
      timer.abort();
      return exited;
    },
  };
}
