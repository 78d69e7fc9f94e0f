/** Runs a program to its end and collects what it said. For programs that go on see process.ts. */
import { spawn } from 'node:child_process';

/** What a finished program left behind. `code` is null when a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Text for its stdin; without it stdin is empty. */
  readonly input?: string;
  /** Milliseconds after which it is killed and the run fails; default 10 000. */
  readonly deadline?: number;
  /** Return a non-zero exit instead of throwing; the deadline throws all the same. */
  readonly allowFailure?: boolean;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs `words` (program and arguments, no shell).
 * @throws Error with the command, its exit and its stderr when it fails, cannot be started or passes the deadline
 */
export async function run(words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const stdout = await runForBytes(words, options);
  return { ...stdout, stdout: stdout.stdout.toString('utf8') };
}

/** As `run`, with stdout as the bytes it is. */
export function runForBytes(
  words: readonly string[],
  options: RunOptions = {},
): Promise<Omit<Finished, 'stdout'> & { readonly stdout: Buffer }> {
  const [program, ...rest] = words;
  if (program === undefined) throw new Error('run: no program given');
  const deadline = options.deadline ?? 10_000;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
      // A grandchild may hold the pipes open for ever: 'close' would then never come.
      child.stdout.destroy();
      child.stderr.destroy();
    }, deadline);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    // EPIPE of a program that does not read its input says nothing that its exit does not say.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`cannot run ${words.join(' ')}: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const stderr = Buffer.concat(err).toString('utf8');
      if (late)
        reject(new Error(`${words.join(' ')}: not done after ${deadline} ms; stderr: ${stderr.trim()}`));
      else if (code !== 0 && options.allowFailure !== true) {
        const stdout = Buffer.concat(out).toString('utf8').trim().slice(0, 2000);
        reject(
          new Error(
            `${words.join(' ')}: exit ${code ?? signal}; stderr: ${stderr.trim()}; stdout: ${stdout}`,
          ),
        );
      } else resolve({ code, signal, stdout: Buffer.concat(out), stderr });
    });
  });
}
