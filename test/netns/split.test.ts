/** Networks that are not whole: two masters for as long as they do not hear each other, one soon after; lost own addresses; keepalived as the peer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import {
  createPair,
  fastPair,
  firstTutorial,
  type Pair,
  PROXY_PORT,
  startPair,
  VIP,
} from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

const start = async (instance = {}) => {
  pair = await startPair({ config: (host) => fastPair(host, { instance }) });
  return pair;
};

describe('a partition', () => {
  test('makes two masters, and its end makes one again', async () => {
    const { a, b, lab } = await start();
    await lab.block(a.host, b.host, { ipProtocol: 112 });
    await lab.block(b.host, a.host, { ipProtocol: 112 });
    await b.daemon.waitState('MASTER');
    await sleep(1000);
    expect((await a.daemon.instance()).state).toBe('MASTER');
    await lab.unblock(a.host, b.host);
    await lab.unblock(b.host, a.host);
    const healed = monotonicNow();
    await b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
    measured('from the end of a partition to one holder (adverts each 200)', monotonicNow() - healed);
    expect((await a.daemon.instance()).state).toBe('MASTER');
    expect(await b.host.listens(PROXY_PORT)).toBe(false);
  });

  test('in one direction only, B silent to A: nothing happens', async () => {
    const { a, b, lab } = await start();
    await lab.block(b.host, a.host, { ipProtocol: 112 });
    await sleep(1500);
    expect(await pair.holders()).toEqual(['a']);
    expect((await b.daemon.instance()).state).toBe('BACKUP');
  });

  test('a third of all frames is lost: the pair elects and fails over all the same', async () => {
    const { a, b } = await start();
    await a.host.impair({ loss: 0.33 });
    await sleep(3000);
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    await pair.waitHolder('b');
    await a.host.heal();
    await a.startMemcached();
    await a.daemon.waitState('MASTER');
    await pair.waitHolder('a');
  });
});

describe('the host’s own address', () => {
  test('taken away: FAULT until it is back; B has the VIP meanwhile', async () => {
    const { a, b } = await start();
    await a.host.exec(['ip', 'addr', 'del', `${a.host.address}/24`, 'dev', 'eth0']);
    const { faults } = await a.daemon.waitState('FAULT');
    expect(faults[0]).toMatchObject({ kind: 'address', name: 'eth0' });
    await b.daemon.waitState('MASTER');
    await pair.waitHolder('b');
    await a.host.exec(['ip', 'addr', 'add', `${a.host.address}/24`, 'brd', '+', 'dev', 'eth0']);
    await a.daemon.waitState('MASTER');
    await pair.waitHolder('a');
  });

  test('the interface set down and up by an operator, several times in a second', async () => {
    const { a, b } = await start();
    for (let round = 0; round < 3; round += 1) {
      await a.host.exec(['ip', 'link', 'set', 'eth0', 'down']);
      await sleep(150);
      await a.host.exec(['ip', 'link', 'set', 'eth0', 'up']);
      await sleep(150);
    }
    await a.daemon.waitState('MASTER');
    await b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
    expect(a.daemon.process.running()).toBe(true);
  });
});

describe('a restart', () => {
  test('of both at once under a storm of signals leaves one holder', async () => {
    const { a, b } = await start();
    for (let round = 0; round < 2; round += 1) {
      a.daemon.process.kill('SIGKILL');
      b.daemon.process.kill('SIGKILL');
      await Promise.all([a.daemon.process.exited, b.daemon.process.exited]);
      await Promise.all([a.startDaemon(), b.startDaemon()]);
      a.daemon.process.kill('SIGHUP');
      await a.daemon.waitState('MASTER');
      await b.daemon.waitState('BACKUP');
      await pair.waitHolder('a');
    }
    // Told twice to end, it ends once, in order.
    a.daemon.process.kill('SIGTERM');
    a.daemon.process.kill('SIGTERM');
    a.daemon.process.kill('SIGINT');
    expect(await a.daemon.process.exited).toEqual({ code: 0, signal: null });
    await pair.waitHolder('b');
  });

  test('a BACKUP’s end is nobody’s business', async () => {
    const { a, b } = await start();
    const before = (await a.daemon.instance()).transitions;
    b.daemon.process.kill('SIGTERM');
    const told = monotonicNow();
    expect(await b.daemon.process.exited).toEqual({ code: 0, signal: null });
    expect(monotonicNow() - told).toBeLessThan(1500);
    expect((await a.daemon.instance()).transitions).toEqual(before);
    expect(await pair.holders()).toEqual(['a']);
  });
});

test('two virtual addresses, one with a prefix and a label, come and go together', async () => {
  pair = await startPair({
    config: (host) =>
      fastPair(host, {
        instance: {
          virtual_ipaddress: [VIP, { address: '10.9.0.251/24', label: 'eth0:ha', brd: '10.9.0.255' }],
          virtual_ipaddress_excluded: ['10.9.0.252/32 dev lo scope host'],
        },
      }),
  });
  const { a, b } = pair;
  const virtual = async ({ host }: typeof a) =>
    (await host.addresses())
      .filter(({ address }) => /^10\.9\.0\.25\d$/.test(address))
      .map(({ interface: dev, address, prefixLength, label, scope }) =>
        [dev, address, prefixLength, label, scope].join(' '),
      )
      .sort();
  const all = [
    'eth0 10.9.0.250 32 eth0 global',
    'eth0 10.9.0.251 24 eth0:ha global',
    'lo 10.9.0.252 32 lo host',
  ];
  await until('A holds all', async () => (await virtual(a)).join() === all.join());
  expect(await virtual(b)).toEqual([]);
  // Somebody removes the one with the label: that one alone is put back.
  await a.host.exec(['ip', 'addr', 'del', '10.9.0.251/24', 'dev', 'eth0']);
  await a.daemon.waitLog(/taken away by somebody else/);
  expect(await virtual(a)).toEqual(all);
  expect((await a.daemon.metrics()).value('memcache_ha_vip_readded_total')).toBe(1);
  a.memcached.kill('SIGKILL');
  await until('B holds all', async () => (await virtual(b)).join() === all.join());
  await until('A holds none', async () => (await virtual(a)).length === 0);
});

test('keepalived is the peer: each takes over from the other', async () => {
  pair = await createPair({ config: (host) => firstTutorial(host) });
  const { a, b } = pair;
  const capture = await startCapture(pair.lab.client, { filter: 'ip proto 112' });
  await a.startDaemon();
  const keepalived = await startKeepalived(
    b.host,
    `global_defs {
 router_id B
}
vrrp_instance VI_1 {
 state BACKUP
 interface eth0
 virtual_router_id 51
 priority 99
 advert_int 1
 authentication {
  auth_type PASS
  auth_pass 1111
 }
 virtual_ipaddress {
  ${VIP}
 }
}
`,
  );
  await a.daemon.waitState('MASTER');
  await keepalived.waitState('VI_1', 'BACKUP');
  await pair.waitHolder('a');
  const killed = monotonicNow();
  a.memcached.kill('SIGKILL');
  await keepalived.waitState('VI_1', 'MASTER');
  measured('from the kill of memcached to keepalived MASTER (Skew_Time 613)', monotonicNow() - killed);
  await pair.waitHolder('b');
  await a.startMemcached();
  await a.daemon.waitState('MASTER');
  await keepalived.waitState('VI_1', 'BACKUP');
  await pair.waitHolder('a');
  // keepalived took over from us and gave back; now ours takes over from it.
  a.daemon.process.kill('SIGTERM');
  expect((await a.daemon.process.exited).code).toBe(0);
  await pair.waitHolder('b');
  await a.startDaemon();
  await a.daemon.waitState('MASTER');
  await pair.waitHolder('a');
  expect((await a.daemon.metrics()).value('memcache_ha_vrrp_advertisements_discarded_total')).toBe(0);
  expect(await capture.complaints('vrrp')).toEqual([]);
});
