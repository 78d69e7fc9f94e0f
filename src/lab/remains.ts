/**
 * Leaving nothing behind: kills what runs in the lab's own namespaces, deletes them, also when the owner is
 * interrupted, and sweeps up after owners that were killed. Everything here is synchronous, because an exit handler
 * can wait for nothing. Touches no namespace and no process outside the names it is given.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where iproute2 keeps named network namespaces. */
const NETNS_DIRECTORY = '/run/netns';

export const namespacePath = (namespace: string): string => join(NETNS_DIRECTORY, namespace);

/** What a lab owns outside this process. */
export interface Remains {
  readonly namespaces: readonly string[];
  readonly directories: readonly string[];
}

/** The processes whose network namespace is this one, zombies left out; empty when there is no such namespace. */
export function pidsIn(namespace: string): number[] {
  let link: string;
  try {
    link = `net:[${statSync(namespacePath(namespace)).ino}]`;
  } catch {
    return [];
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/net`) === link;
      } catch {
        return false; // it ended meanwhile, or is a zombie
      }
    })
    .map(Number);
}

/**
 * SIGKILLs every process in the namespace, also those that a program there started by itself.
 * @throws Error when some are still there after 5 s
 */
export function killAllIn(namespace: string): void {
  const deadline = Date.now() + 5000;
  for (let pids = pidsIn(namespace); pids.length > 0; pids = pidsIn(namespace)) {
    // Power goes for all at once: stopped first, nobody lives to see another die.
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) signalAll(pids, signal);
    if (Date.now() > deadline)
      throw new Error(`${namespace}: these processes do not die: ${pids.join(', ')}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // it was faster
    }
  }
}

/** Kills, deletes and removes; what is gone already is no error. */
export function remove(remains: Remains): void {
  const present = remains.namespaces.filter((namespace) => existsSync(namespacePath(namespace)));
  for (const namespace of present) killAllIn(namespace);
  if (present.length > 0) {
    const input = present.map((namespace) => `netns del ${namespace}\n`).join('');
    const ip = spawnSync('ip', ['-force', '-batch', '-'], { input, encoding: 'utf8', timeout: 10_000 });
    // Two sweeps at once may delete the same orphan: a deletion that failed counts only where something is left.
    const left = present.filter((namespace) => existsSync(namespacePath(namespace)));
    if (left.length > 0)
      throw new Error(`cannot remove ${left.join(', ')}: ${ip.error?.message ?? ip.stderr.trim()}`);
  }
  for (const directory of remains.directories) rmSync(directory, { recursive: true, force: true });
}

/**
 * Removes the namespaces and temporary directories that labs of this prefix left whose owner no longer lives.
 * @returns the names of what was removed
 */
export function sweep(prefix: string): string[] {
  const owned = new RegExp(`^${prefix}(\\d+)(n\\d+)?-`);
  const orphans = (directory: string) =>
    (existsSync(directory) ? readdirSync(directory) : []).filter((entry) => {
      const pid = owned.exec(entry)?.[1];
      return pid !== undefined && !existsSync(`/proc/${pid}`);
    });
  const namespaces = orphans(NETNS_DIRECTORY);
  const directories = orphans(tmpdir());
  remove({ namespaces, directories: directories.map((directory) => join(tmpdir(), directory)) });
  return [...namespaces, ...directories];
}

const live = new Set<Remains>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function removeLive(): void {
  for (const remains of live) {
    live.delete(remains);
    try {
      remove(remains);
    } catch (error) {
      process.stderr.write(`lab: ${(error as Error).message}\n`);
    }
  }
}

function onSignal(signal: NodeJS.Signals): void {
  removeLive();
  unguard();
  // Whoever else listens decides what the signal means; if nobody does, it must end us as it would have without the lab.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function unguard(): void {
  process.off('exit', removeLive);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

/** From now on these remains go when this process exits, throws or is told to end. Returns the release of the guard. */
export function guard(remains: Remains): () => void {
  if (live.size === 0) {
    process.on('exit', removeLive); // also after an uncaught exception
    for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  live.add(remains);
  return () => {
    live.delete(remains);
    if (live.size === 0) unguard();
  };
}
