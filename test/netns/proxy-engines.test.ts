/** Other programs in the bundled proxy's place, by name: what works here works, and what is missing is told. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { ask } from '../../src/lab/programs.ts';
import { bundledPair } from './support/bundled.ts';
import { MEMCACHE_HA, startDaemon, writeConfig } from './support/daemon.ts';
import { createPair, type Pair, PROXY, startPair, waitServes } from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

const asked = (request: string): Promise<string> => ask(pair.lab.client, PROXY, request);

test('engine: nutcracker serves', async () => {
  pair = await startPair({ config: (host) => bundledPair(host, { engine: 'nutcracker' }) });
  await pair.a.proxyPid();
  expect(await asked('set k1 0 0 5\r\nhello')).toBe('STORED');
  expect(await asked('get k1')).toBe('VALUE k1 0 5\nhello\nEND');
});

test('engine: magent where there is no magent: a fault that names it, and the other host serves', async () => {
  pair = await createPair({
    config: (host) => bundledPair(host, host.name === 'a' ? { engine: 'magent' } : {}),
  });
  const { a, b } = pair;
  await a.startDaemon();
  await b.startDaemon();
  await a.daemon.waitLog(/^MASTER -> FAULT: proxy_failed, proxy front: .*no program magent/);
  await waitServes(b);
  await pair.waitHolder('b');
  expect(await asked('set k1 0 0 5\r\nhello')).toBe('STORED');
});

describe('engine: memcached-proxy', () => {
  /** Where a host finds only this instead of its memcached. */
  function fakeMemcached(host: Host, script: string): Readonly<Record<string, string>> {
    const file = join(host.directory, 'memcached');
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return { PATH: `${host.directory}:${process.env.PATH}` };
  }

  test('a memcached without a proxy: run refuses with one line, and leaves no process', async () => {
    pair = await createPair({ config: (host) => bundledPair(host, { engine: 'memcached-proxy' }) });
    const { host, memcached } = pair.a;
    const env = fakeMemcached(host, 'echo memcached 1.6.18');
    // A second proxy, whose spare is there already when the first is refused.
    const config = bundledPair(host, {}, {});
    const { front } = config.proxy as { front: object };
    const refused = { ...front, listen: '10.9.0.250:12001', engine: 'memcached-proxy' };
    const proxy = { warm: { ...front, run: 'always' }, front: refused };
    const file = writeConfig(host, { ...config, proxy });
    const daemon = host.spawn([...MEMCACHE_HA, 'run', '--config', file], { env });
    expect(await daemon.exited).toEqual({ code: 1, signal: null });
    // What comes before is a warning that no instance uses the other proxy.
    expect(daemon.stderr.lines.at(-1)?.text).toBe(
      'memcache-ha: proxy front: engine memcached-proxy: memcached 1.6.18 has no built-in proxy; 1.6.23 or later is needed, built with --enable-proxy',
    );
    expect(host.pids()).toEqual([memcached.pid]);
  });

  test('the memcached that is installed serves the pair, or is refused', async () => {
    pair = await createPair({ config: (host) => bundledPair(host, { engine: 'memcached-proxy' }) });
    const { a, b } = pair;
    const { stdout } = await a.host.exec(['memcached', '-h']);
    if (!stdout.includes('proxy_config')) {
      await expect(startDaemon(a.host, bundledPair(a.host, { engine: 'memcached-proxy' }))).rejects.toThrow(
        /has no built-in proxy; 1\.6\.23 or later is needed/,
      );
      return;
    }
    await a.startDaemon();
    await b.startDaemon();
    await waitServes(a);
    expect(await asked('set k1 0 0 5\r\nhello')).toBe('STORED');
    expect(await asked('incr n 1')).toBe('NOT_FOUND');
    a.memcached.kill('SIGKILL');
    await waitServes(b);
    await pair.waitHolder('b');
    expect(await asked('get k1')).toBe('VALUE k1 0 5\nhello\nEND');
    expect(await asked('set k2 0 0 5\r\nworld')).toBe('STORED');
    expect(await asked('get k2')).toBe('VALUE k2 0 5\nworld\nEND');
  });
});
