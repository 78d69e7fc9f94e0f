/**
 * `warm: true` with real daemons and memcacheds: who is MASTER while a copy lacks what the other one has. The records are
 * written by the test itself, and the clients ask the memcached of whoever holds the virtual address.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGeneration, GENERATION_KEY } from '../../src/core/generation.ts';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { ask } from '../../src/lab/programs.ts';
import { bundledPair } from './support/bundled.ts';
import { measured } from './support/measured.ts';
import {
  type Config,
  createPair,
  fastPair,
  type Member,
  type Pair,
  PROXY,
  startPair,
  VIP,
  waitServes,
} from './support/pair.ts';

const MEMCACHED = '127.0.0.1:11211';
/** Longer than two Master_Down_Intervals of any priority: 3 × 0.2 s and a Skew_Time below 0.2 s. */
const LONG_ENOUGH = 1800;

const TRACK = { track_memcached: [{ name: 'local', warm: true }] };

/** The memcached of this host beside the other one's. */
function withPeer(host: Host): Config {
  const peer = host.name === 'a' ? '10.9.0.102' : '10.9.0.101';
  return { local: { address: `${host.address}:11211`, peer, interval: 0.1, timeout: 0.3, rise: 1 } };
}

/** The fast pair without a proxy, both copies compared. */
function warmPair(host: Host, instance: Config = {}): Config {
  const sections = { memcached: withPeer(host), proxy: undefined };
  return fastPair(host, { instance: { ...TRACK, proxy: undefined, ...instance }, sections });
}

/** What the active proxy would write. */
async function setGeneration({ host }: Member, number: number): Promise<void> {
  const record = encodeGeneration({ number, tag: '0123456789abcdef', filling: false });
  const request = `set ${GENERATION_KEY} 0 0 ${record.length}\r\n${record}`;
  expect(await ask(host, MEMCACHED, request)).toBe('STORED');
}

async function loseGeneration({ host }: Member): Promise<void> {
  expect(await ask(host, MEMCACHED, `delete ${GENERATION_KEY}`)).toBe('DELETED');
}

const copyOf = async ({ daemon }: Member) => (await daemon.status()).memcached[0]!.copy;
const waitCopy = (member: Member, copy: string) =>
  until(`${member.host.name} says ${copy}`, async () => (await copyOf(member)) === copy);

async function alone(pair: Pair, master: 'a' | 'b'): Promise<void> {
  const other = master === 'a' ? 'b' : 'a';
  await pair[master].daemon.waitState('MASTER');
  await pair[other].daemon.waitState('BACKUP');
  await pair.waitHolder(master);
}

describe('a pair whose copies are compared', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await createPair({ config: (host) => warmPair(host) });
    for (const member of [pair.a, pair.b]) await setGeneration(member, 3);
    await Promise.all([pair.a.startDaemon(), pair.b.startDaemon()]);
    await alone(pair, 'a');
  });
  afterAll(() => pair.destroy());

  test('equal copies are whole, and the priorities decide', async () => {
    const { a, b } = pair;
    const peer = { address: `${b.host.address}:11211`, status: 'up', detail: '', generation: 3 };
    expect((await a.daemon.status()).memcached[0]).toMatchObject({ copy: 'whole', generation: 3, peer });
    expect(await a.daemon.instance()).toMatchObject({ priority: 100, cold: [] });
    const scrape = await a.daemon.metrics();
    expect(scrape.value('memcache_ha_memcached_whole', { name: 'local' })).toBe(1);
    expect(scrape.value('memcache_ha_memcached_generation', { name: 'local', copy: 'local' })).toBe(3);
    expect(scrape.value('memcache_ha_memcached_generation', { name: 'local', copy: 'peer' })).toBe(3);
    expect((await b.daemon.metrics()).value('memcache_ha_memcached_whole', { name: 'local' })).toBe(1);
  });

  test('A comes back empty: it stays out while B is whole', async () => {
    const { a, b } = pair;
    a.memcached.kill('SIGKILL');
    await a.daemon.waitState('FAULT');
    await b.daemon.waitState('MASTER');
    const back = monotonicNow();
    await a.startMemcached();
    await a.daemon.waitState('BACKUP');
    // In the same moment as it was up again: there is no time at which it could have been MASTER.
    expect((await a.daemon.instance()).transitions[0]).toMatchObject({
      from: 'FAULT',
      to: 'BACKUP',
      reason: 'recovered',
      detail: 'memcached local is cold: no generation, peer 3',
    });
    await sleep(LONG_ENOUGH);
    expect(await a.daemon.instance()).toMatchObject({
      state: 'BACKUP',
      priority: 1,
      configured_priority: 100,
      faults: [],
      cold: [{ kind: 'memcached', name: 'local', detail: 'cold: no generation, peer 3' }],
    });
    expect(await pair.holders()).toEqual(['b']);
    const told = a.daemon.log().filter(({ t, msg }) => t > back && /^memcached local is cold/.test(msg));
    expect(told.map(({ msg }) => msg)).toEqual([
      'memcached local is cold (no generation, peer 3), so this host is MASTER only while no other is',
    ]);
    const scrape = await a.daemon.metrics();
    expect(scrape.value('memcache_ha_memcached_whole', { name: 'local' })).toBe(0);
    expect(scrape.value('memcache_ha_memcached_generation', { name: 'local', copy: 'local' })).toBe(0);
    expect((await a.daemon.get('/healthz')).status).toBe(200);
    const { stdout } = await a.daemon.command('status');
    expect(stdout).toMatch(/memcached local {2}\S+ {2}up {2}cold \(no generation, peer 3\) {2}version/);
    expect(stdout).toContain(
      'memcached local is cold: no generation, peer 3: MASTER only while no other host is',
    );
  });

  test('refilled, it has the address again', async () => {
    const { a } = pair;
    const filled = monotonicNow();
    await setGeneration(a, 3);
    await a.daemon.waitState('MASTER');
    measured('from the record to MASTER (probe 100, Master_Down_Interval 722)', monotonicNow() - filled);
    await alone(pair, 'a');
    expect((await a.daemon.instance()).transitions[0]).toMatchObject({ reason: 'preempt' });
  });

  test('the MASTER turns cold in its place: it hands over with hardly a gap', async () => {
    const { a } = pair;
    const client = await pair.client(`${VIP}:11211`);
    const lost = monotonicNow();
    await loseGeneration(a);
    await alone(pair, 'b');
    await client.waitAnswer(monotonicNow() + 300);
    const gap = (await client.stop()).longestGap;
    measured("the client's longest gap, the MASTER turned cold", gap);
    expect(monotonicNow() - lost).toBeLessThan(3000);
    expect(gap).toBeLessThan(600);
    expect((await a.daemon.instance()).transitions[0]).toMatchObject({
      from: 'MASTER',
      to: 'BACKUP',
      reason: 'memcached_cold',
      detail: 'memcached local is cold: no generation, peer 3',
    });
  });

  test("B's copy is killed while A is cold: A serves at once", async () => {
    const { a, b } = pair;
    const killed = monotonicNow();
    b.memcached.kill('SIGKILL');
    await a.daemon.waitState('MASTER');
    measured('from the kill to A, cold until then, MASTER (Skew_Time 199)', monotonicNow() - killed);
    expect(monotonicNow() - killed).toBeLessThan(1500);
    await waitCopy(a, 'whole');
    expect((await a.daemon.instance()).priority).toBe(100);
    await a.daemon.waitLog(/its peer 10\.9\.0\.102:11211 is gone: connection refused/);
  });

  test('B comes back behind what A went on with: it is B that stays out', async () => {
    const { a, b } = pair;
    await setGeneration(a, 4);
    await b.startMemcached();
    await b.daemon.waitState('BACKUP');
    await waitCopy(b, 'cold (no generation, peer 4)');
    await setGeneration(b, 3);
    await waitCopy(b, 'cold (generation 3, peer 4)');
    await alone(pair, 'a');
  });

  test('B is whole and A is not, but the daemon on B stops: A serves all the same, until B is there again', async () => {
    const { a, b } = pair;
    await setGeneration(b, 5);
    await alone(pair, 'b');
    expect(await copyOf(a)).toBe('cold (generation 4, peer 5)');
    await b.daemon.process.stop();
    await a.daemon.waitState('MASTER');
    await pair.waitHolder('a');
    await sleep(LONG_ENOUGH);
    // It is MASTER for want of another, and does not hand over to nobody again and again.
    expect(await a.daemon.instance()).toMatchObject({ state: 'MASTER', priority: 1 });
    expect(await pair.holders()).toEqual(['a']);

    // Whole and then cold again, it hands over once more; nobody is there, and nobody notices.
    await setGeneration(a, 5);
    await waitCopy(a, 'whole');
    const client = await pair.client(`${VIP}:11211`);
    const lost = monotonicNow();
    await loseGeneration(a);
    await a.daemon.waitLog(/^MASTER -> BACKUP: memcached_cold/, { after: lost });
    await a.daemon.waitLog(/^BACKUP -> MASTER: master_down/, { after: lost });
    await client.waitAnswer(monotonicNow() + 300);
    expect((await client.stop()).longestGap).toBeLessThan(600);
    await setGeneration(a, 4);

    await b.startDaemon();
    await alone(pair, 'b');
  });

  test('a host that starts beside a peer that does not answer waits for one timeout, and is MASTER', async () => {
    const { a, b } = pair;
    await a.daemon.process.stop();
    await b.host.unplug();
    const started = monotonicNow();
    await a.startDaemon();
    await a.daemon.waitState('MASTER');
    measured('from the start to MASTER (timeout 300, Master_Down_Interval 722)', monotonicNow() - started);
    expect(monotonicNow() - started).toBeLessThan(4000);
    expect((await a.daemon.status()).memcached[0]).toMatchObject({
      copy: 'whole',
      peer: { status: 'down', generation: null },
    });
    await b.host.plug();
    await alone(pair, 'b');
  });
});

test('with nopreempt the address stays where it went when a copy was cold', async () => {
  const pair = await startPair({ config: (host) => warmPair(host, { state: 'BACKUP', nopreempt: true }) });
  try {
    const { a, b } = pair;
    // Nobody has ever written a record: whole as they stand.
    expect([await copyOf(a), await copyOf(b)]).toEqual(['whole', 'whole']);
    await setGeneration(b, 1);
    await alone(pair, 'b');
    await setGeneration(a, 1);
    await waitCopy(a, 'whole');
    await sleep(LONG_ENOUGH);
    expect((await a.daemon.instance()).priority).toBe(100);
    await alone(pair, 'b');
  } finally {
    await pair.destroy();
  }
});

test('with the bundled proxy: back empty, A waits for its refill, and no key is missed meanwhile', async () => {
  const items = 1500;
  const pair = await startPair({
    config: (host) =>
      bundledPair(host, { refill_items: 1000 }, { instance: TRACK, sections: { memcached: withPeer(host) } }),
  });
  try {
    const { a, b, lab } = pair;
    await waitServes(a);
    const value = (i: number) => `v${String(i % 1000).padStart(3, '0')}`;
    const sets = Array.from({ length: items }, (_, i) => `set k${i} 0 0 4 noreply\r\n${value(i)}\r\n`);
    expect(await ask(lab.client, PROXY, `${sets.join('')}get k7`)).toBe('VALUE k7 0 4\nv007\nEND');
    const client = await pair.client(PROXY, { key: 'k8', set: false, expectAny: false, value: 'v008' });

    const killed = monotonicNow();
    a.memcached.kill('SIGKILL');
    await waitServes(b);
    await a.startMemcached();
    await a.daemon.waitLog(/^memcached local is (cold|filling)/, { after: killed });
    const waiting = monotonicNow();
    await a.daemon.waitState('MASTER', 20_000);
    measured(`from cold to MASTER, ${items} items at 1000 per second`, monotonicNow() - waiting);
    // The refill alone takes so long.
    expect(monotonicNow() - waiting).toBeGreaterThan(1000);
    await pair.waitHolder('a');
    const filled = a.daemon.log().filter(({ t, msg }) => t > killed && /^memcached local is whole/.test(msg));
    expect(filled).toHaveLength(1);
    expect(await ask(a.host, MEMCACHED, 'get k7 k1499')).toBe(
      'VALUE k7 0 4\nv007\nVALUE k1499 0 4\nv499\nEND',
    );
    await client.waitAnswer(monotonicNow() + 300);
    expect((await client.stop()).longestGap).toBeLessThan(1000);
  } finally {
    await pair.destroy();
  }
});
