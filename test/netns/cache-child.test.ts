/**
 * The first tutorial's pair with `memcached.local.command`: the daemon runs memcached, starts it again when it dies, and
 * neither the daemon's end nor its death ends the memcached.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { memcachedUser, startMemcached } from '../../src/lab/programs.ts';
import { cacheOf, cachePid, killProcess, put, read, waitUp } from './support/cache-child.ts';
import { controlOf, memcacheHa } from './support/daemon.ts';
import { measured } from './support/measured.ts';
import {
  type Config,
  createPair,
  fastPair,
  type Member,
  type Pair,
  PROXY,
  startPair,
} from './support/pair.ts';

let memory = '64';
const memcached = () => ['memcached', '-u', memcachedUser(), '-l', '0.0.0.0', '-p', '{port}', '-m', memory];

function config(host: Host, command: readonly string[] = memcached()): Config {
  const address = `${host.address}:11211`;
  return fastPair(host, {
    sections: { memcached: { local: { address, interval: 0.1, timeout: 0.3, fall: 2, rise: 1, command } } },
  });
}

/** Alive, and not a zombie that nobody waited for. */
const isRunning = ({ host }: Member, pid: number): boolean => host.pids().includes(pid);

describe('a pair that lives through it', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ config: (host) => config(host), memcached: false });
  });
  afterAll(() => pair.destroy());

  test('memcached runs as the user of its own command, on both hosts', async () => {
    for (const member of [pair.a, pair.b]) {
      const pid = await cachePid(member);
      const { stdout } = await member.host.exec(['ps', '-o', 'user=,args=', '-p', String(pid)]);
      expect(stdout.trim().replace(/\s+/g, ' ')).toBe(
        `${memcachedUser()} memcached -u ${memcachedUser()} -l 0.0.0.0 -p 11211 -m 64`,
      );
      expect(await cacheOf(member)).toEqual({ pid, restarts: 0, adopted: false, detail: '' });
    }
    // No FAULT at the start: the probe waits for what was just started.
    expect((await pair.a.daemon.instance()).transitions.map(({ to }) => to)).toEqual(['MASTER', 'BACKUP']);
  });

  test('kill -9: B takes over, memcached is started again, A takes it back', async () => {
    const { a, b } = pair;
    const client = await pair.client(PROXY);
    const before = await cachePid(a);
    const killed = monotonicNow();
    killProcess(before);
    await b.daemon.waitState('MASTER');
    const died = await a.daemon.waitLog(/^memcached local died \(SIGKILL\), starting it again in 0 ms/);
    const fault = await a.daemon.waitLog(/-> FAULT: memcached_down/);
    const listens = await a.daemon.waitLog(/^memcached local listens on/, { after: died.t });
    const after = await cachePid(a, before);
    await a.daemon.waitState('MASTER');
    await pair.waitHolder('a');
    await client.waitAnswer(monotonicNow());
    measured('from the kill to FAULT', fault.t - killed);
    measured('from the kill to the next memcached', listens.t - killed);
    measured("the client's longest gap, there and back", (await client.stop()).longestGap);
    expect(isRunning(a, after)).toBe(true);
    expect(await cacheOf(a)).toMatchObject({ pid: after, restarts: 1 });
    const metrics = await a.daemon.metrics();
    expect(metrics.value('memcache_ha_memcached_restarts_total', { name: 'local' })).toBe(1);
    expect(metrics.value('memcache_ha_memcached_process_up', { name: 'local' })).toBe(1);
    expect((await a.daemon.command('status')).stdout).toMatch(
      new RegExp(`^memcached local .* up .*, pid ${after}, restarted once$`, 'm'),
    );
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s of the daemon: the same memcached goes on, with what it holds',
    async (signal) => {
      const { a, b } = pair;
      const pid = await cachePid(a);
      await put(a.host, 'kept', signal);
      a.daemon.process.kill(signal);
      await a.daemon.process.exited;
      await b.daemon.waitState('MASTER');
      expect(isRunning(a, pid)).toBe(true);
      expect(await read(a.host, 'kept')).toBe(signal);
      if (signal === 'SIGTERM') {
        expect(a.daemon.log().map(({ msg }) => msg)).toContain(
          `memcached local goes on without the daemon, pid ${pid}`,
        );
        const released = await memcacheHa(a.host, 'release', '--config', a.daemon.file);
        expect(released.stdout).toContain(`memcached local goes on, pid ${pid}`);
      }
      await a.startDaemon();
      await a.daemon.waitState('MASTER');
      expect(await cacheOf(a)).toEqual({ pid, restarts: 0, adopted: true, detail: '' });
      expect(await read(a.host, 'kept')).toBe(signal);
      expect((await a.daemon.instance()).transitions.map(({ to }) => to)).not.toContain('FAULT');
    },
  );

  test('one that was adopted is started again when it dies, too', async () => {
    const { a, b } = pair;
    const before = await cachePid(a);
    expect((await cacheOf(a)).adopted).toBe(true);
    killProcess(before);
    await b.daemon.waitState('MASTER');
    await cachePid(a, before);
    await a.daemon.waitState('MASTER');
    expect(await cacheOf(a)).toMatchObject({ adopted: false, restarts: 1 });
    expect(await read(a.host, 'kept')).toBeNull();
  });

  test('another command is for the next start', async () => {
    const { b } = pair;
    const before = await cachePid(b);
    const restart = async (): Promise<string[]> => {
      b.daemon.process.kill('SIGTERM');
      await b.daemon.process.exited;
      await b.startDaemon();
      expect(await cachePid(b)).toBe(before);
      return b.daemon.log().flatMap(({ msg }) => (/another command/.test(msg) ? [msg] : []));
    };
    expect(await restart()).toEqual([]);
    memory = '128';
    expect(await restart()).toEqual([
      'memcached local runs with another command than the configuration has now; the new one is for its next start',
    ]);
    killProcess(before);
    const after = await cachePid(b, before);
    const { stdout } = await b.host.exec(['ps', '-o', 'args=', '-p', String(after)]);
    expect(stdout).toMatch(/ -m 128$/m);
  });
});

describe('what stands in the way', () => {
  let pair: Pair;
  afterEach(() => pair.destroy());

  test('somebody else’s memcached is probed as it is, and replaced when it ends', async () => {
    pair = await createPair({ config: (host) => config(host), memcached: false });
    const { a } = pair;
    const other = await startMemcached(a.host);
    await a.startDaemon();
    await a.daemon.waitState('MASTER');
    expect(await cacheOf(a)).toMatchObject({ pid: null, detail: 'something else listens at its address' });
    expect(a.host.pids().filter((pid) => pid === other.pid)).toEqual([other.pid]);
    other.kill('SIGTERM');
    await other.exited;
    await cachePid(a);
    await a.daemon.waitState('MASTER');
  });

  test('a pid that was used again is not taken for the memcached', async () => {
    pair = await createPair({ config: (host) => config(host), memcached: false });
    const { a } = pair;
    await a.startDaemon();
    const before = await cachePid(a);
    a.daemon.process.kill('SIGKILL');
    await a.daemon.process.exited;
    killProcess(before);
    // What is left of it is a record with another start time than this process's.
    const stranger = a.host.spawn(['sleep', '60']);
    const file = `${controlOf(a.host).replace(/[^/]*$/, '')}local.memcached.json`;
    await a.host.exec(['sed', '-i', `s/"pid":${before}/"pid":${stranger.pid}/`, file]);
    await a.startDaemon();
    const after = await cachePid(a);
    expect(after).not.toBe(stranger.pid);
    expect(await cacheOf(a)).toMatchObject({ adopted: false });
    expect(stranger.running()).toBe(true);
  });

  test('one that keeps dying is given up, and tried again after resume', async () => {
    // Works once a file is there.
    const command = (host: Host) => [
      'sh',
      '-c',
      `[ -e ${host.directory}/well ] || { echo no memory >&2; exit 71; }; exec ${memcached().join(' ')}`,
    ];
    pair = await createPair({ config: (host) => config(host, command(host)), memcached: false });
    const { a } = pair;
    await a.startDaemon();
    await a.daemon.waitLog(/^memcached local died \(exit code 71\), giving it up for 60 s/);
    await a.daemon.waitLog(/^memcached local says: no memory/);
    const { detail, restarts } = await cacheOf(a);
    expect(detail).toBe('keeps dying (exit code 71), given up for 1 min');
    expect(restarts).toBe(4);
    expect((await a.daemon.instance()).faults).toEqual([{ kind: 'memcached', name: 'local', detail }]);
    await a.host.exec(['touch', `${a.host.directory}/well`]);
    await a.daemon.command('resume');
    await waitUp(a);
    await a.daemon.waitState('MASTER');
  });

  test('a program that is not there is named', async () => {
    pair = await createPair({ config: (host) => config(host, ['no-such-memcached']), memcached: false });
    await pair.a.startDaemon();
    const died = await pair.a.daemon.waitLog(/^memcached local died/);
    expect(died.msg).toContain('exit code 127, as when there is no program no-such-memcached');
    await until(
      'it is a fault',
      async () => (await pair.a.daemon.instance()).faults[0]?.kind === 'memcached',
    );
  });
});
