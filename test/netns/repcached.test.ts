/**
 * The second tutorial's pair with `memcached.local.command`: whatever dies, no command is typed. What the tutorial does by
 * hand, to start the old master's repcached as slave of the new one, happens by itself.
 *
 * repcached is packaged nowhere: a stand-in takes its place (support/repcached.ts), or the real program, where there is
 * one: `REPCACHED=/usr/local/bin/repcached npm test`.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { bundle } from './support/bundle.ts';
import { cacheOf, cachePid, killProcess, put, readAll, waitUp } from './support/cache-child.ts';
import { measured } from './support/measured.ts';
import { type Config, createPair, type Member, type Pair, VIP } from './support/pair.ts';

/** repcached's own. */
const REPLICATION_PORT = 11212;
const ADDRESSES = { a: '10.9.0.101', b: '10.9.0.102' } as const;

let repcached: readonly string[];
beforeAll(async () => {
  const real = process.env.REPCACHED;
  repcached =
    real === undefined
      ? await bundle(
          `import { runRepcached } from './test/netns/support/repcached.ts'; runRepcached(process.argv.slice(2));`,
        )
      : [real];
});

/** VRRP v3 with adverts each 200 ms in place of the tutorial's v2, so that many elections fit into a test. */
function config(host: Host): Config {
  const isA = host.name === 'a';
  const local = {
    address: '127.0.0.1:11211',
    ...{ interval: 0.1, timeout: 0.3, fall: 3, rise: 1 },
    peer: isA ? ADDRESSES.b : ADDRESSES.a,
    command: [...repcached, '-u', 'root', '-m', '64', '-p', '{port}', '-x', '{peer}'],
  };
  return {
    memcached: { local },
    vrrp_instance: {
      VI_1: {
        ...{ state: 'BACKUP', interface: 'eth0', virtual_router_id: 51, priority: isA ? 150 : 100 },
        ...{ advert_int: 0.2, version: 3, nopreempt: true },
        track_memcached: ['local'],
        virtual_ipaddress: [VIP],
      },
    },
  };
}

describe('the drill', () => {
  let pair: Pair;
  /** Everything that was written through the virtual address, in its order. */
  const written: string[] = [];
  beforeAll(async () => {
    pair = await createPair({ config, memcached: false });
  });
  afterAll(() => pair.destroy());

  const write = async (...keys: string[]): Promise<void> => {
    for (const key of keys) {
      await until(`${key} is stored through the virtual address`, () =>
        put(pair.lab.client, key, `v-${key}`, VIP).then(() => true),
      );
      written.push(key);
    }
  };
  /** Resolves when this host has all that was written. */
  const waitWhole = ({ host }: Member): Promise<unknown> =>
    until(`${host.name} has ${written.length} keys`, async () => {
      const values = await readAll(host, written);
      return written.every((key) => values.get(key) === `v-${key}`);
    });
  const waitPartner = ({ host, daemon }: Member, timeout = 20_000): Promise<unknown> =>
    until(
      `the repcached on ${host.name} has its partner`,
      async () => (await daemon.metrics()).value('memcache_ha_memcached_partner', { name: 'local' }) === 1,
      { timeout },
    );
  const words = async (member: Member): Promise<string> =>
    readFileSync(`/proc/${await cachePid(member)}/cmdline`, 'latin1').replaceAll('\0', ' ');

  test('both hosts boot at once: one repcached becomes the slave of the other', async () => {
    const { a, b } = pair;
    await Promise.all([a.startDaemon(), b.startDaemon()]);
    await until('one is MASTER', async () => (await pair.holders()).length === 1);
    await Promise.all([waitPartner(a), waitPartner(b)]);
    await Promise.all([waitUp(a), waitUp(b)]);
    await write('k1', 'k2');
    await Promise.all([waitWhole(a), waitWhole(b)]);
  });

  /** kill -9 of the MASTER's repcached, and what the tutorial's reader would type next. */
  const failover = async (from: Member, to: Member): Promise<void> => {
    const before = await cachePid(from);
    const bystander = await cachePid(to);
    await waitPartner(to);
    await to.daemon.waitState('BACKUP');
    const killed = monotonicNow();
    killProcess(before);
    await to.daemon.waitState('MASTER');
    await pair.waitHolder(to.host.name as 'a' | 'b');
    await write(`meanwhile-${written.length}`);
    const after = await cachePid(from, before);
    await waitWhole(from);
    measured(
      `from the kill on ${from.host.name} until it has all that ${to.host.name} has`,
      monotonicNow() - killed,
    );
    await from.daemon.waitState('BACKUP');
    await waitPartner(from);
    await write(`later-${written.length}`);
    await Promise.all([waitWhole(from), waitWhole(to)]);
    expect(await words(from)).toMatch(new RegExp(`-x ${ADDRESSES[to.host.name as 'a' | 'b']} $`));
    expect(await cachePid(from)).toBe(after);
    // The one with the data was left alone.
    expect(await cachePid(to)).toBe(bystander);
    expect(await pair.holders()).toEqual([to.host.name]);
  };

  test('the MASTER’s repcached is killed, then the new MASTER’s, then again', async () => {
    const { a, b } = pair;
    const first = (await pair.holders())[0] === 'a' ? a : b;
    const second = first === a ? b : a;
    await failover(first, second);
    await failover(second, first);
    await failover(first, second);
  });

  test('the MASTER loses its power: it is a slave again although its peer took its old one for alive', async () => {
    const [from, to] = (await pair.holders())[0] === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
    const bystander = await cachePid(to);
    await from.host.powerOff();
    await to.daemon.waitState('MASTER');
    await from.host.powerOn();
    await from.startDaemon();
    await write('after-power');
    await waitPartner(from, 30_000);
    await waitWhole(from);
    await from.daemon.waitState('BACKUP');
    expect(await cachePid(to)).toBe(bystander);
    expect(await pair.holders()).toEqual([to.host.name]);
  });

  /** Starts a host's repcached anew while the other's has a slave already; returns that slave, to be killed. */
  const strand = async (away: Member, here: Member): Promise<LabProcess> => {
    await waitPartner(away);
    const pid = await cachePid(away);
    away.daemon.process.kill('SIGTERM');
    await away.daemon.process.exited;
    killProcess(pid);
    // As a slave that lost its power is to the real program: a connection that nobody ends.
    await until('it waits for a slave', () => here.host.listens(REPLICATION_PORT));
    const script = `exec 3<>/dev/tcp/${here.host.address}/${REPLICATION_PORT} && echo in && exec sleep 60`;
    const slave = pair.lab.client.spawn(['bash', '-c', script]);
    await slave.stdout.waitFor(/in/);
    await away.startDaemon();
    await away.daemon.waitLog(/^memcached local serves alone while another host is MASTER/);
    return slave;
  };

  test('its peer has another slave: it goes on trying, and its host is no candidate with an empty cache', async () => {
    const [away, here] = (await pair.holders())[0] === 'a' ? [pair.b, pair.a] : [pair.a, pair.b];
    const slave = await strand(away, here);
    expect((await away.daemon.waitState('FAULT')).faults).toEqual([
      {
        kind: 'memcached',
        name: 'local',
        detail: `serves alone, is to become the slave of ${here.host.address}`,
      },
    ]);
    expect((await away.daemon.metrics()).value('memcache_ha_memcached_partner', { name: 'local' })).toBe(0);
    slave.kill('SIGKILL');
    await waitPartner(away);
    await waitWhole(away);
    await away.daemon.waitState('BACKUP');
    expect(await pair.holders()).toEqual([here.host.name]);
  });

  test('while it goes on trying the MASTER loses its power: it serves with what it has', async () => {
    const [away, here] = (await pair.holders())[0] === 'a' ? [pair.b, pair.a] : [pair.a, pair.b];
    const slave = await strand(away, here);
    await away.daemon.waitState('FAULT');
    const off = monotonicNow();
    await here.host.powerOff();
    slave.kill('SIGKILL');
    await away.daemon.waitState('MASTER');
    measured('from the power loss until the one that was alone serves', monotonicNow() - off);
    written.length = 0;
    await write('with-nothing');
    await here.host.powerOn();
    await here.startDaemon();
    await waitPartner(here);
    await waitWhole(here);
    expect(await pair.holders()).toEqual([away.host.name]);
  });

  test('alone in the world it serves at once, without a peer; the other becomes its slave', async () => {
    const [here, away] = (await pair.holders())[0] === 'a' ? [pair.a, pair.b] : [pair.b, pair.a];
    await away.host.powerOff();
    const before = await cachePid(here);
    const killed = monotonicNow();
    killProcess(before);
    await cachePid(here, before);
    await here.daemon.waitState('MASTER');
    measured('from the kill until it serves alone', monotonicNow() - killed);
    expect(await words(here)).not.toContain(' -x ');
    written.length = 0; // both copies are gone
    await write('anew');
    await away.host.powerOn();
    await away.startDaemon();
    await waitPartner(away);
    await waitWhole(away);
    expect(await cacheOf(away)).toMatchObject({ detail: '' });
    expect(await pair.holders()).toEqual([here.host.name]);
  });
});
