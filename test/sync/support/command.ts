/** Runs `memcache-ha sync`, bundled from the sources, as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, PROGRAM } from '../../../build.mjs';

export interface Sync {
  readonly child: ChildProcess;
  /** What it said so far. */
  readonly said: () => { readonly stdout: string; readonly stderr: string };
  /** Resolves when it has ended; fails, and ends it, when that takes longer than `within` ms. */
  readonly end: (
    within?: number,
  ) => Promise<{ code: number | null; stdout: string; stderr: string; ms: number }>;
}

export interface SyncProgram {
  /** Starts it with these arguments behind `sync`. */
  start(...args: string[]): Sync;
  remove(): void;
}

/** Bundles the command. */
export async function buildSync(): Promise<SyncProgram> {
  const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-sync-'));
  const file = join(directory, PROGRAM);
  await bundle(directory, 'test', false);
  return {
    start: (...args) => run(process.execPath, [file, 'sync', ...args]),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

function run(program: string, args: string[]): Sync {
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    said: () => ({ stdout, stderr }),
    async end(within = 30_000) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGKILL');
      }, within);
      const code = await ended;
      clearTimeout(timer);
      if (late) throw new Error(`no end within ${within} ms: ${stdout}${stderr}`);
      return { code, stdout, stderr, ms: performance.now() - startedAt };
    },
  };
}
