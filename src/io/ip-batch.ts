/**
 * One long-lived `ip -batch`: a command costs a third of a millisecond instead of the four of a process. Commands run
 * strictly in order. A success is silent, so a query that always answers `[]` follows each command as its fence.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/** Longest time for one command. */
const DEADLINE = 2_000;
/** Answers nothing, on any host, at once. */
const FENCE = 'addr show dev lo to 255.255.255.255/32';
/** Its interface cache goes stale when an interface is made anew; then the process is started again. */
const STALE_CACHE = /Cannot find device|does not exist/;

/** A command that the kernel or `ip` refused; the message is what `ip` said. */
export class IpError extends Error {}

export interface IpBatch {
  /**
   * Runs one `ip` command (without the word `ip`) and gives its JSON output, empty for a change; rejects with
   * IpError. A query must be one that never answers `[]`, which is the fence's word.
   */
  run(command: string): Promise<string>;
  close(): void;
}

interface Pending {
  readonly command: string;
  readonly retried: boolean;
  readonly resolve: (output: string) => void;
  readonly reject: (error: IpError) => void;
}

/** Starts nothing until the first command. */
export function openIpBatch(): IpBatch {
  let child: ChildProcessWithoutNullStreams | null = null;
  let current: Pending | null = null;
  let queue: Pending[] = [];
  let output = '';
  let errors = '';
  let deadline: NodeJS.Timeout | undefined;
  let closed = false;

  const start = (): ChildProcessWithoutNullStreams => {
    const words = ['--pdeathsig', 'KILL', 'ip', '-j', '-force', '-batch', '-'];
    const started = spawn('setpriv', words, { stdio: 'pipe' });
    started.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (started === child && fenceReached(output)) settleSoon();
    });
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    started.stdin.on('error', () => {}); // its death is told by 'close'
    started.on('error', (error) => lost(started, error.message));
    started.on('close', () => lost(started, 'ip -batch ended'));
    return started;
  };

  /** What was written to stderr before the fence may be read only in the next turn. */
  const settleSoon = (): void => {
    const settling = current;
    setImmediate(() => setImmediate(() => settling === current && settle()));
  };

  const settle = (): void => {
    const done = current;
    if (done === null) return;
    const failure = errors.trim().replaceAll(/\s*Command failed -:\d+\s*/g, '');
    const answer = output.trimEnd().replace(/\[\]$/, '').trim();
    clearTimeout(deadline);
    current = null;
    if (errors === '') done.resolve(answer);
    else if (STALE_CACHE.test(failure) && !done.retried) {
      stop();
      queue.unshift({ ...done, retried: true });
    } else done.reject(new IpError(failure));
    next();
  };

  const lost = (which: ChildProcessWithoutNullStreams, why: string): void => {
    if (which !== child) return;
    stop();
    const failed = current;
    current = null;
    clearTimeout(deadline);
    failed?.reject(new IpError(why));
    next();
  };

  const stop = (): void => {
    const stopped = child;
    child = null;
    stopped?.kill('SIGKILL');
  };

  const next = (): void => {
    if (current !== null || closed) return;
    current = queue.shift() ?? null;
    if (current === null) return;
    output = '';
    errors = '';
    child ??= start();
    const { command } = current;
    const running = child;
    deadline = setTimeout(
      () => lost(running, `no answer from ip within ${DEADLINE} ms: ${command}`),
      DEADLINE,
    );
    child.stdin.write(`${command}\n${FENCE}\n`);
  };

  return {
    run: (command) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new IpError('closed'));
        queue.push({ command, retried: false, resolve, reject });
        next();
      }),
    close() {
      closed = true;
      clearTimeout(deadline);
      stop();
      for (const pending of current === null ? queue : [current, ...queue])
        pending.reject(new IpError('closed'));
      queue = [];
      current = null;
    },
  };
}

/** The fence's own answer is the last array, alone on its line. */
function fenceReached(output: string): boolean {
  return /(^|\n)\[\]\s*\n$/.test(output);
}
