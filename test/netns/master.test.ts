/** What belongs to a MASTER: its proxy never starts, its address is taken away. At adverts each 200 ms. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import {
  type Changes,
  createPair,
  fastPair,
  type Pair,
  PROXY,
  PROXY_PORT,
  startPair,
  VIP,
  waitServes,
} from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

const fast = async (changes: Changes = {}) => {
  pair = await startPair({ config: (host) => fastPair(host, changes) });
  return pair;
};

/** A pair whose proxy on A is this one, and never comes to listen. */
async function withBrokenProxyOnA(command: readonly string[]) {
  const broken = { front: { listen: PROXY, command } };
  pair = await createPair({
    config: (host) => fastPair(host, host.name === 'a' ? { sections: { proxy: broken } } : {}),
  });
  await pair.a.startDaemon();
  await pair.b.startDaemon();
  return pair;
}

describe('the proxy', () => {
  test('that cannot start on A: five deaths are a fault that says why, and B takes over', async () => {
    const { a, b } = await withBrokenProxyOnA(['sh', '-c', 'echo no such backend >&2; exit 1']);
    await a.daemon.waitState('FAULT');
    await waitServes(pair.b);
    await pair.waitHolder('b');
    const log = a.daemon.log().map(({ level, msg }) => `${level} ${msg}`);
    expect(log.filter((line) => /^(warn|error) proxy front died/.test(line))).toEqual([
      'warn proxy front died (exit code 1), starting it again in 0 ms',
      'warn proxy front died (exit code 1), starting it again in 100 ms',
      'warn proxy front died (exit code 1), starting it again in 200 ms',
      'warn proxy front died (exit code 1), starting it again in 400 ms',
      'error proxy front died (exit code 1), giving it up for 60 s',
    ]);
    expect(log).toContain('info proxy front says: no such backend');
    expect(log).toContain(
      'error MASTER -> FAULT: proxy_failed, proxy front: keeps dying (exit code 1), given up for 1 min',
    );
    expect((await b.daemon.instance()).transitions[0]).toMatchObject({
      to: 'MASTER',
      reason: 'master_resigned',
    });
    // An operator who mended it need not wait for the minute to end.
    expect((await a.daemon.command('resume')).code).toBe(0);
    await a.daemon.waitLog(/proxy front may be started again/);
  });

  test('of a program that does not exist is the same fault', async () => {
    const { a } = await withBrokenProxyOnA(['/no/such/proxy']);
    await a.daemon.waitState('FAULT');
    await waitServes(pair.b);
    expect((await a.daemon.instance()).faults[0]).toMatchObject({ kind: 'proxy', name: 'front' });
    expect(a.daemon.log().some(({ msg }) => msg.includes('/no/such/proxy'))).toBe(true);
  });

  test('run: always is a warm standby on both hosts', async () => {
    const { a, b } = await fast({
      sections: {
        proxy: {
          front: {
            listen: `0.0.0.0:${PROXY_PORT}`,
            run: 'always',
            command: ['memcached', '-u', 'nobody', '-l', '0.0.0.0', '-p', String(PROXY_PORT)],
          },
        },
      },
    });
    const [onA, onB] = [await a.proxyPid(), await b.proxyPid()];
    a.daemon.process.kill('SIGTERM');
    await a.daemon.process.exited;
    await b.daemon.waitState('MASTER');
    expect(a.host.pids()).not.toContain(onA);
    expect(await b.proxyPid()).toBe(onB);
  });
});

describe('the virtual address', () => {
  test('taken away by somebody: put back with its ARPs, counted, with no election', async () => {
    const { a } = await fast({ instance: { garp_master_delay: 0 } });
    await a.proxyPid();
    const capture = await startCapture(pair.lab.client, { filter: `arp src host ${VIP}` });
    const client = await pair.client(PROXY);
    const before = (await a.daemon.instance()).transitions;
    const removed = monotonicNow();
    await a.host.exec(['ip', 'addr', 'del', `${VIP}/32`, 'dev', 'eth0']);
    const again = await a.daemon.waitLog(/taken away by somebody else/, { after: removed });
    measured('from `ip addr del` until the VIP is back and announced', again.t - removed);
    expect(await a.host.holds(VIP)).toBe(true);
    await capture.waitFrames('arp', 5);
    await client.waitAnswer(removed + 100);
    expect((await client.stop()).longestGap).toBeLessThan(600);
    expect((await a.daemon.instance()).transitions).toEqual(before);
    const scrape = await a.daemon.metrics();
    expect(scrape.value('memcache_ha_vip_readded_total', { address: VIP })).toBe(1);
    expect(scrape.value('memcache_ha_vip_held', { address: VIP })).toBe(1);
  });

  test('is on with a lease that the daemon renews, and never runs out while it lives', async () => {
    const { a } = await fast();
    const leases: number[] = [];
    const end = monotonicNow() + 2500;
    while (monotonicNow() < end) {
      const held = (await a.host.addresses()).find(({ address }) => address === VIP);
      leases.push(held?.validLifetime ?? -1);
      await sleep(50);
    }
    // The kernel tells whole seconds, rounded down; the lease is one second.
    expect(Math.min(...leases)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...leases)).toBeLessThanOrEqual(1);
  });
});
