/**
 * The first tutorial's pair with two copies: the memcached that comes back empty is refilled before it is read, the one that
 * was cut off gives no old value, and what was deleted stays deleted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { bundledPair } from './support/bundled.ts';
import { type ManyKeys, startManyKeys } from './support/many-keys.ts';
import { measured } from './support/measured.ts';
import { type Config, type Member, type Pair, PROXY, startPair, waitServes } from './support/pair.ts';

let pair: Pair;
let keys: ManyKeys;
afterEach(() => pair.destroy());

const peerOf = (host: Host) => (host.name === 'a' ? '10.9.0.102:11211' : '10.9.0.101:11211');

/** Each host's proxy asks its own memcached first, as in the tutorial; `warm` as in `track_memcached`. */
async function start(warm: boolean, front: Config = {}): Promise<void> {
  pair = await startPair({
    config: (host) => {
      const own = `${host.address}:11211`;
      const local = { address: own, peer: peerOf(host), interval: 0.1, timeout: 0.3, fall: 2, rise: 1 };
      return bundledPair(
        host,
        { servers: [own], backups: [peerOf(host)], run: 'always', ...front },
        { instance: { track_memcached: [{ name: 'local', warm }] }, sections: { memcached: { local } } },
      );
    },
  });
  await pair.a.proxyPid();
  keys = await startManyKeys(pair.lab.client, PROXY);
}

/** Both copies are up and whole for the proxy that serves on this host. */
async function waitWhole({ daemon, host }: Member): Promise<void> {
  await until(
    `both copies are whole for ${host.name}`,
    async () => {
      const [proxy] = (await daemon.status()).proxies;
      return (
        proxy?.up === true && proxy.copies.length === 2 && proxy.copies.every(({ up, whole }) => up && whole)
      );
    },
    { timeout: 30_000 },
  ).catch((error: Error) => {
    const said = daemon.log().filter(({ msg }) => msg.includes('proxy'));
    throw new Error(
      `${error.message}; the log says:\n${said
        .map(({ msg }) => msg)
        .slice(-20)
        .join('\n')}`,
    );
  });
}

describe.each([[true], [false]])('warm: %s', (warm) => {
  test('memcached of A is killed, is back empty, A preempts; then that of B is killed: every key is read all the time', async () => {
    const range = { from: 0, to: 100_000 };
    await start(warm, { refill_items: 40_000 });
    const { a, b } = pair;
    await keys.write(range, 1);
    await keys.watch(range, 1);
    a.memcached.kill('SIGKILL');
    await waitServes(b);
    await sleep(500);
    const back = performance.now();
    await a.startMemcached();
    await waitServes(a);
    measured(`from A's memcached back empty to A serving, warm: ${warm}`, performance.now() - back);
    await waitWhole(a);
    measured(`from A's memcached back empty to both copies whole, warm: ${warm}`, performance.now() - back);
    expect(await keys.read(range, 1)).toMatchObject({ hits: 100_000, misses: 0, wrong: [] });
    b.memcached.kill('SIGKILL');
    await sleep(500);
    expect(await keys.read(range, 1)).toMatchObject({ hits: 100_000, misses: 0, wrong: [] });
    const watched = await keys.stopWatching();
    expect(watched).toMatchObject({ misses: 0, wrong: [] });
    expect(watched.reads).toBeGreaterThan(5000);
  });
});

describe('A is cut off from B and the clients, and lives', () => {
  const all = { from: 0, to: 3000 };
  const overwritten = { from: 0, to: 1000 };
  const deleted = { from: 1000, to: 2000 };
  const untouched = { from: 2000, to: 3000 };

  async function cutOffAndWriteThroughB(): Promise<void> {
    await start(false);
    await keys.write(all, 1);
    await pair.a.host.unplug();
    await waitServes(pair.b);
    await keys.write(overwritten, 2);
    await keys.remove(deleted);
  }

  /** Every read is the new value, or a miss that stays one. */
  async function expectNews(): Promise<void> {
    expect(await keys.read(overwritten, 2)).toMatchObject({ hits: 1000, wrong: [] });
    expect(await keys.read(deleted, 1)).toMatchObject({ misses: 1000, wrong: [] });
    expect(await keys.read(untouched, 1)).toMatchObject({ hits: 1000, wrong: [] });
  }

  async function healAndExpectNews(): Promise<void> {
    const { a } = pair;
    await keys.watch(overwritten, 2);
    await a.host.plug();
    await waitServes(a);
    await pair.waitHolder('a');
    await expectNews();
    await waitWhole(a);
    await expectNews();
    expect(await keys.stopWatching()).toMatchObject({ misses: 0, wrong: [] });
  }

  test('back again it answers with the news', async () => {
    await cutOffAndWriteThroughB();
    await healAndExpectNews();
  });

  test('the same with its proxy restarted meanwhile', async () => {
    await cutOffAndWriteThroughB();
    process.kill(await pair.a.proxyPid(), 'SIGKILL');
    await sleep(300);
    await pair.a.proxyPid();
    await healAndExpectNews();
  });

  test('the same with its memcached restarted meanwhile', async () => {
    await cutOffAndWriteThroughB();
    pair.a.memcached.kill('SIGKILL');
    await pair.a.memcached.exited;
    await pair.a.startMemcached();
    await sleep(300);
    await healAndExpectNews();
  });

  test('the same with the proxy of B restarted meanwhile', async () => {
    await cutOffAndWriteThroughB();
    process.kill(await pair.b.proxyPid(), 'SIGKILL');
    await sleep(300);
    await waitServes(pair.b);
    await keys.write({ from: 0, to: 10 }, 2);
    await healAndExpectNews();
  });

  test('the same with the memcached of B restarted meanwhile: misses, and nothing old', async () => {
    await cutOffAndWriteThroughB();
    pair.b.memcached.kill('SIGKILL');
    await pair.b.memcached.exited;
    await pair.b.startMemcached();
    await waitServes(pair.b);
    await sleep(500);
    await keys.write({ from: 0, to: 10 }, 2);
    await pair.a.host.plug();
    await waitServes(pair.a);
    await pair.waitHolder('a');
    expect(await keys.read(overwritten, 2)).toMatchObject({ hits: 10, wrong: [] });
    expect(await keys.read(deleted, 1)).toMatchObject({ misses: 1000, wrong: [] });
  });
});

test('both sides write alone for a while: afterwards both copies agree', async () => {
  await start(false);
  const { a, b, lab } = pair;
  const shared = { from: 0, to: 2000 };
  await keys.write(shared, 1);
  await lab.block(a.host, b.host, {});
  await lab.block(b.host, a.host, {});
  await waitServes(b);
  const onA = await startManyKeys(a.host, PROXY);
  const onB = await startManyKeys(b.host, PROXY);
  await onA.write({ from: 0, to: 500 }, 2);
  await onB.write({ from: 400, to: 900 }, 3);
  await onB.remove({ from: 1000, to: 1100 });
  await lab.unblock(a.host, b.host);
  await lab.unblock(b.host, a.host);
  await waitServes(a);
  await pair.waitHolder('a');
  await waitWhole(a);
  const through = async (target: string) => {
    const own = await startManyKeys(lab.client, target);
    const found = [1, 2, 3].map((version) => own.read(shared, version));
    const counts = await Promise.all(found).then((all) => all.map(({ hits }) => hits));
    await own.end();
    return counts;
  };
  const ofA = await through('10.9.0.101:11211');
  expect(await through('10.9.0.102:11211')).toEqual(ofA);
  expect(await through(PROXY)).toEqual(ofA);
  expect([
    [1500, 500, 0],
    [1400, 0, 500],
  ]).toContainEqual(ofA);
});
