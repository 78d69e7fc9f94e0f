/** The bundled proxy in a pair: the first tutorial's transcript, its own death, its spare, and its end with the daemon. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { ask } from '../../src/lab/programs.ts';
import { bundledPair, proxyProcesses } from './support/bundled.ts';
import { measured } from './support/measured.ts';
import {
  type Changes,
  type Config,
  type Member,
  type Pair,
  PROXY,
  PROXY_PORT,
  startPair,
  waitServes,
} from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

async function bundled(front: Config = {}, changes: Changes = {}): Promise<Pair> {
  pair = await startPair({ config: (host) => bundledPair(host, front, changes) });
  return pair;
}

const asked = (request: string): Promise<string> => ask(pair.lab.client, PROXY, request);

/** Resolves when this host has the proxy that serves and a spare that had time to start. */
async function waitSpare({ host }: Member): Promise<void> {
  await until(`a proxy and its spare run on ${host.name}`, () => proxyProcesses(host).length === 2);
  await sleep(700);
}

const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[values.length >> 1]!;

describe('the first tutorial’s transcript through the virtual address', () => {
  test.each(['on_master', 'always'])('run: %s', async (run) => {
    const { a, b } = await bundled({ run });
    await a.proxyPid();
    expect(await asked('set k1 0 0 5\r\nhello')).toBe('STORED');
    const client = await pair.client(PROXY);
    await sleep(300);
    const killed = monotonicNow();
    a.memcached.kill('SIGKILL');
    await waitServes(b);
    await pair.waitHolder('b');
    expect(await asked('get k1')).toBe('VALUE k1 0 5\nhello\nEND');
    expect(await asked('set k2 0 0 5\r\nworld')).toBe('STORED');
    expect(await asked('get k2')).toBe('VALUE k2 0 5\nworld\nEND');
    await client.waitAnswer(killed + 500);
    const { longestGap, wrong, misses } = await client.stop();
    measured(`the client's longest gap, memcached killed, run: ${run}`, longestGap);
    expect({ wrong, misses }).toEqual({ wrong: 0, misses: 0 });
    expect(longestGap).toBeLessThan(1500);
  });
});

describe('kill -9 of the proxy', () => {
  test('five times, 3 s apart: the spare takes over, with no election', async () => {
    const { a, b } = await bundled();
    const elections = (await b.daemon.instance()).transitions;
    const client = await pair.client(PROXY);
    const gaps: number[] = [];
    for (let turn = 0; turn < 5; turn++) {
      await waitSpare(a);
      const pid = await a.proxyPid();
      const [spare] = proxyProcesses(a.host).filter((other) => other !== pid);
      const killed = monotonicNow();
      process.kill(pid, 'SIGKILL');
      await client.waitAnswer(killed + 100);
      gaps.push(await client.longestGap(killed));
      expect(await a.proxyPid()).toBe(spare);
      // Five deaths within ten seconds would be a fault.
      await sleep(2300);
    }
    await client.stop();
    measured(
      `the client's longest gap, proxy killed (each: ${gaps.map(Math.round).join(', ')})`,
      median(gaps),
    );
    expect(median(gaps)).toBeLessThan(150);
    expect((await a.daemon.instance()).state).toBe('MASTER');
    expect((await b.daemon.instance()).transitions).toEqual(elections);
    expect((await a.daemon.status()).proxies[0]).toMatchObject({ restarts: 5, up: true });
  });

  test('again a second later, and again: a spare is there each time', async () => {
    const { a } = await bundled();
    await waitSpare(a);
    const client = await pair.client(PROXY);
    const gaps: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const killed = monotonicNow();
      process.kill(await a.proxyPid(), 'SIGKILL');
      await client.waitAnswer(killed + 50);
      gaps.push(await client.longestGap(killed));
      await sleep(killed + 1050 - monotonicNow());
    }
    measured(`the client's longest gap, proxy killed each second`, median(gaps));
    expect(median(gaps)).toBeLessThan(150);
  });
});

describe('a proxy that hangs (SIGSTOP)', () => {
  test('is killed after three silent seconds, the spare takes over, with no election', async () => {
    const { a, b } = await bundled();
    const elections = (await b.daemon.instance()).transitions;
    await waitSpare(a);
    const client = await pair.client(PROXY);
    const pid = await a.proxyPid();
    const stopped = monotonicNow();
    process.kill(pid, 'SIGSTOP');
    await sleep(2_500);
    expect(await a.proxyPid()).toBe(pid);
    await client.waitAnswer(stopped + 500);
    const gap = await client.longestGap(stopped);
    await client.stop();
    measured("the client's longest gap, proxy hung", gap);
    expect(gap).toBeLessThan(8_000);
    await a.daemon.waitLog(/^proxy front died \(hung: no sign of life for 3 s, killed\), starting it again/);
    expect((await a.daemon.status()).proxies[0]).toMatchObject({ restarts: 1, up: true });
    expect((await b.daemon.instance()).transitions).toEqual(elections);
  });

  test('is not to blame when the daemon stood still as well', async () => {
    const { b } = await bundled({ run: 'always' });
    await until('B has its spare', () => proxyProcesses(b.host).length === 1);
    const [spare] = proxyProcesses(b.host);
    await sleep(1_500);
    const all = [b.daemon.process.pid, spare!];
    for (const pid of all) process.kill(pid, 'SIGSTOP');
    await sleep(6_000);
    for (const pid of all) process.kill(pid, 'SIGCONT');
    await sleep(1_500);
    expect(proxyProcesses(b.host)).toEqual([spare]);
  });
});

describe('where it runs', () => {
  test('run: always: ready on the BACKUP, listening on the MASTER alone', async () => {
    const { a, b } = await bundled({ run: 'always' });
    await a.proxyPid();
    await until('B has its spare', () => proxyProcesses(b.host).length === 1);
    const [warm] = proxyProcesses(b.host);
    await sleep(1000);
    expect(proxyProcesses(b.host)).toEqual([warm]);
    expect(await b.host.listens(PROXY_PORT)).toBe(false);
    a.daemon.process.kill('SIGTERM');
    await waitServes(b);
    expect(await b.proxyPid()).toBe(warm);
    const { ms } = await b.daemon.waitLog(/^proxy front listens/);
    measured('from the takeover until the warm proxy listens', Number(ms));
    expect(Number(ms)).toBeLessThan(100);
  });

  test('run: on_master: nothing on the BACKUP, and nothing left on a MASTER that became one', async () => {
    const { a, b } = await bundled({ run: 'on_master' });
    await waitSpare(a);
    expect(proxyProcesses(b.host)).toEqual([]);
    expect((await a.daemon.command('drain')).code).toBe(0);
    await waitServes(b);
    const { ms } = await b.daemon.waitLog(/^proxy front listens/);
    measured('from the takeover until the cold proxy listens', Number(ms));
    await pair.waitHolder('b');
    await until('the proxy left A', () => proxyProcesses(a.host).length === 0, { timeout: 4000 });
  });
});

describe('its end', () => {
  test('kill -9 of the daemon: no proxy and no spare after 1 s', async () => {
    const { a } = await bundled();
    await waitSpare(a);
    a.daemon.process.kill('SIGKILL');
    await until('no process of the proxy is left', () => proxyProcesses(a.host).length === 0, {
      timeout: 1000,
    });
    await waitServes(pair.b);
  });

  test.each(['on_master', 'always'])('SIGTERM to the daemon leaves nothing, run: %s', async (run) => {
    const { a, b } = await bundled({ run });
    await waitSpare(a);
    for (const { daemon, host, memcached } of [a, b]) {
      daemon.process.kill('SIGTERM');
      expect(await daemon.process.exited).toEqual({ code: 0, signal: null });
      expect(host.pids()).toEqual([memcached.pid]);
    }
  });

  test('five deaths in ten seconds: given up, and the peer serves', async () => {
    const { a, b } = await bundled();
    await waitSpare(a);
    expect(await asked('set k1 0 0 5\r\nhello')).toBe('STORED');
    const end = monotonicNow() + 8000;
    let last = 0;
    while (monotonicNow() < end && (await a.daemon.instance()).state !== 'FAULT') {
      const [front] = (await a.daemon.status()).proxies;
      if (front?.up === true && front.pid !== null && front.pid !== last) {
        last = front.pid;
        process.kill(last, 'SIGKILL');
      }
      await sleep(10);
    }
    await a.daemon.waitState('FAULT');
    await waitServes(b);
    await pair.waitHolder('b');
    expect((await a.daemon.instance()).faults[0]).toMatchObject({ kind: 'proxy', name: 'front' });
    expect(await asked('get k1')).toBe('VALUE k1 0 5\nhello\nEND');
  });
});
