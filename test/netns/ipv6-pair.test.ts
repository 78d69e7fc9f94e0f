/** A pair of ours over IPv6: it elects, survives a killed memcached, a power cut and a killed daemon. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startClient } from '../../src/lab/client.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { startMemcached } from '../../src/lab/programs.ts';
import { type Daemon, MEMCACHE_HA, startDaemon } from './support/daemon.ts';
import { MASTER_DOWN, ours, PAIR, priorityOf, SKEW, VIP } from './support/ipv6.ts';
import { measured } from './support/measured.ts';

const PROXY = `[${VIP}]:12000`;

function daemonConfig(host: Host) {
  const instance = ours({ ...PAIR, priority: priorityOf(host) });
  return {
    memcached: { local: { address: '[::1]:11211', interval: 0.2, timeout: 0.3, rise: 1 } },
    proxy: { front: { listen: PROXY, servers: ['[::1]:11211'] } },
    vrrp_instance: { VI_6: { ...instance, track_memcached: ['local'], proxy: 'front' } },
  };
}

describe('a pair of ours', () => {
  let lab: Lab<'a' | 'b'>;
  const daemons = {} as Record<'a' | 'b', Daemon>;
  const memcacheds = {} as Record<'a' | 'b', LabProcess>;
  const start = async (name: 'a' | 'b') => {
    memcacheds[name] = await startMemcached(lab.hosts[name], { extraArguments: ['-l', '::'] });
    daemons[name] = await startDaemon(lab.hosts[name], daemonConfig(lab.hosts[name]));
  };
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhapairsix', ipv6: true });
    await start('a');
    await start('b');
  });
  afterAll(() => lab.destroy());

  const holders = async () => {
    const { a, b } = lab.hosts;
    return [...((await a.holds(VIP)) ? ['a'] : []), ...((await b.holds(VIP)) ? ['b'] : [])].join('');
  };
  const client = async () => {
    const options = {
      target: PROXY,
      command: [...MEMCACHE_HA, 'lab-client'],
      expectAny: true,
      giveUp: 50,
    };
    const started = startClient(lab.client, options);
    await started.started;
    return started;
  };

  test('the higher priority is MASTER; both see each other by their link-local addresses', async () => {
    await daemons.a.waitState('MASTER');
    const backup = await daemons.b.waitState('BACKUP');
    await until('A alone holds the address', async () => (await holders()) === 'a');
    await until('B hears A', async () => (await daemons.b.instance()).master?.address === 'fe80::101');
    expect(backup.virtual_addresses.map(({ address }) => address)).toEqual(['fe80::250', VIP]);
    expect((await daemons.a.status()).memcached[0]).toMatchObject({ address: '[::1]:11211', status: 'up' });
  });

  test('kill -9 of memcached on A: B has it within Skew_Time, and A takes it back', async () => {
    const clients = await client();
    const killed = monotonicNow();
    memcacheds.a.kill('SIGKILL');
    await daemons.b.waitState('MASTER');
    await clients.waitAnswer(killed + 100);
    await until('B alone holds the address', async () => (await holders()) === 'b');
    const gap = await clients.longestGap(killed);
    measured(`IPv6, the client's longest gap, memcached killed (Skew_Time ${Math.round(SKEW)})`, gap);
    expect(gap).toBeLessThan(SKEW + 700);

    const back = monotonicNow();
    memcacheds.a = await startMemcached(lab.hosts.a, { extraArguments: ['-l', '::'] });
    await daemons.a.waitState('MASTER');
    await clients.waitAnswer(monotonicNow() + 300);
    measured("IPv6, the client's longest gap, A preempts", await clients.longestGap(back));
    await until('A alone holds the address', async () => (await holders()) === 'a');
    await clients.stop();
  });

  test('power off of A: B has it within Master_Down_Interval', async () => {
    const clients = await client();
    const cut = monotonicNow();
    await lab.hosts.a.powerOff();
    await daemons.b.waitState('MASTER');
    await clients.waitAnswer(cut + 100);
    const gap = await clients.longestGap(cut);
    measured(
      `IPv6, the client's longest gap, power off (Master_Down_Interval ${Math.round(MASTER_DOWN)})`,
      gap,
    );
    expect(gap).toBeLessThan(MASTER_DOWN + 1000);
    await clients.stop();
  });

  test('A comes back, its link goes down and up, and it waits for its link-local address', async () => {
    const { a } = lab.hosts;
    await a.powerOn();
    await start('a');
    await daemons.a.waitState('MASTER');
    await a.exec(['ip', 'link', 'set', 'eth0', 'down']); // the kernel drops every IPv6 address with it
    await daemons.a.waitState('FAULT');
    await daemons.b.waitState('MASTER');
    await a.exec(['ip', 'link', 'set', 'eth0', 'up']);
    await until('A has no address to speak from', async () =>
      (await daemons.a.instance()).faults.every(({ kind }) => kind === 'address'),
    );
    // With duplicate address detection, as a kernel makes its own: it cannot be spoken from before that has ended.
    await a.exec(['ip', 'addr', 'add', `${a.ipv6!.linkLocal}/64`, 'dev', 'eth0']);
    await daemons.a.waitState('MASTER');
    await until('A alone holds the address', async () => (await holders()) === 'a');
    await daemons.b.waitState('BACKUP');
  });

  test('kill -9 of the daemon takes the address away by its lease', async () => {
    const killed = monotonicNow();
    daemons.a.process.kill('SIGKILL');
    await daemons.b.waitState('MASTER');
    await until('B alone holds the address', async () => (await holders()) === 'b', { timeout: 5000 });
    // A lease of 1 s, and the kernel's second.
    measured('IPv6, from kill -9 of the daemon to the address on one host', monotonicNow() - killed);
    expect(monotonicNow() - killed).toBeLessThan(4000);
  });
});
