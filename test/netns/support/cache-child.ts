/** Pairs whose daemons run the memcacheds themselves. */
import type { CacheStatus } from '../../../src/daemon/status.ts';
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { ask } from '../../../src/lab/programs.ts';
import type { Member } from './pair.ts';

/** Every host's own memcached, from inside the host. */
const LOCAL = '127.0.0.1';
const PORT = 11211;

/** What the daemon says of the memcached that it runs. */
export async function cacheOf({ daemon }: Member): Promise<CacheStatus> {
  const [memcached] = (await daemon.status()).memcached;
  if (memcached?.process == null) throw new Error('the daemon runs no memcached');
  return memcached.process;
}

/** The pid of a memcached that runs and is another than `before`. */
export function cachePid(member: Member, before: number | null = null): Promise<number> {
  return until(`${member.host.name} has a memcached other than ${before}`, async () => {
    const { pid } = await cacheOf(member);
    return pid !== before && pid;
  });
}

/** Resolves when the daemon finds its memcached up. */
export async function waitUp({ host, daemon }: Member): Promise<void> {
  await until(
    `memcached on ${host.name} is up`,
    async () => (await daemon.status()).memcached[0]?.status === 'up',
  );
}

/** Stores a value, in the host's own memcached or another; @throws Error when it does not say STORED */
export async function put(host: Host, key: string, value: string, at = LOCAL): Promise<void> {
  const answer = await ask(host, `${at}:${PORT}`, `set ${key} 0 0 ${value.length}\r\n${value}`);
  if (answer !== 'STORED') throw new Error(`set ${key}: ${answer}`);
}

/** The value in a host's own memcached; null: a miss. */
export async function read(host: Host, key: string): Promise<string | null> {
  const answer = await ask(host, `${LOCAL}:${PORT}`, `get ${key}`);
  return /^VALUE \S+ \d+ \d+\n(.*)\nEND$/s.exec(answer)?.[1] ?? null;
}

/** All values that a host's own memcached has of these keys, asked at once. */
export async function readAll(host: Host, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const answer = await ask(host, `${LOCAL}:${PORT}`, `get ${keys.join(' ')}`);
  return new Map(
    [...answer.matchAll(/^VALUE (\S+) \d+ \d+\n(.*)$/gm)].map(([, key, value]) => [key!, value!]),
  );
}

/** SIGKILLs a process, and says so when it is not there. */
export function killProcess(pid: number): void {
  process.kill(pid, 'SIGKILL');
}
