/**
 * VRRP version 3 over IPv6: the same frames as keepalived, a pair of ours that elects and fails over, and pairs with
 * one of each.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { startClient } from '../../src/lab/client.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { startMemcached } from '../../src/lab/programs.ts';
import { type Daemon, MEMCACHE_HA, startDaemon } from './support/daemon.ts';
import { measured } from './support/measured.ts';

interface Instance {
  readonly name: string;
  readonly vrid: number;
  readonly priority: number;
  readonly interval: number;
  readonly source?: string;
  readonly peers?: readonly string[];
  readonly vips: readonly string[];
  readonly excluded?: readonly string[];
}

const INSTANCES: readonly Instance[] = [
  {
    name: 'LINK_LOCAL_FIRST',
    vrid: 61,
    priority: 100,
    interval: 1,
    vips: ['fe80::250/64', 'fd00:9::250'],
    excluded: ['10.9.0.77', 'fd00:9::2:0:0:77/64'],
  },
  { name: 'GLOBAL_ONLY', vrid: 255, priority: 254, interval: 0.5, vips: ['fd00:9::251/64'] },
  {
    name: 'UNICAST',
    vrid: 62,
    priority: 120,
    interval: 0.5,
    source: 'fd00:9::101',
    peers: ['fd00:9::102', 'fd00:9::10'],
    vips: ['fd00:9::252', 'fd00:9::253'],
  },
  {
    name: 'UNICAST_LINK_LOCAL',
    vrid: 63,
    priority: 1,
    interval: 0.5,
    peers: ['fe80::102'],
    vips: ['fd00:9::254'],
  },
];

function keepalivedConf({ name, vrid, priority, interval, source, peers, vips, excluded }: Instance): string {
  const block = (key: string, lines: readonly string[] = []) =>
    lines.length === 0 ? '' : `${key} {\n ${lines.join('\n ')}\n }`;
  return `vrrp_instance ${name} {
 state BACKUP
 interface eth0
 virtual_router_id ${vrid}
 priority ${priority}
 advert_int ${interval}
 ${source === undefined ? '' : `unicast_src_ip ${source}`}
 ${block('unicast_peer', peers)}
 ${block('virtual_ipaddress', vips)}
 ${block('virtual_ipaddress_excluded', excluded)}
}
`;
}

function ours({ vrid, priority, interval, source, peers, vips, excluded }: Instance) {
  return {
    interface: 'eth0',
    virtual_router_id: vrid,
    priority,
    advert_int: interval,
    ...(source === undefined ? {} : { unicast_src_ip: source }),
    ...(peers === undefined ? {} : { unicast_peer: peers }),
    virtual_ipaddress: vips,
    ...(excluded === undefined ? {} : { virtual_ipaddress_excluded: excluded }),
  };
}

const withoutPrefix = (vip: string): string => vip.replace(/\/.*/, '');

/** 20 bits that the kernel draws anew for each socket stand from digit 31 on: Ethernet, then version and class. */
const FLOW_LABEL = { from: 31, to: 36 };
/** keepalived leaves the kernel's hop limit in unicast advertisements, ours have RFC 9568's 255. */
const HOP_LIMIT = { from: 42, to: 44 };
const isMulticast = (hex: string): boolean => hex.startsWith('3333');

function masked(hex: string): string {
  const dots = (text: string, { from, to }: typeof HOP_LIMIT): string =>
    `${text.slice(0, from)}${'.'.repeat(to - from)}${text.slice(to)}`;
  const flowless = dots(hex, FLOW_LABEL);
  return isMulticast(hex) ? flowless : dots(flowless, HOP_LIMIT);
}

interface Wire {
  readonly adverts: readonly string[];
  readonly hopLimits: readonly string[];
  /** Unsolicited neighbour advertisements, and how often each came in the first burst. */
  readonly announcements: readonly string[];
  readonly bursts: readonly number[];
  readonly arps: readonly string[];
  readonly addresses: readonly string[];
  readonly complaints: readonly string[];
}

const ADVERTS = 'ip6 proto 112';
const TO_ALL_NODES = 'icmp6 and ip6[40] = 136 and dst host ff02::1';

/** What `speaker` sends from its start over its takeovers to its end. */
async function record(
  lab: Lab<'a' | 'b'>,
  speaker: (host: Host) => Promise<{ stop(): Promise<unknown> }>,
): Promise<Wire> {
  const { a } = lab.hosts;
  await a.powerOn();
  const capture = await startCapture(a, { filter: `ether src ${a.mac} and (arp or icmp6 or ip6 proto 112)` });
  const running = await speaker(a);
  const bursts: number[] = [];
  for (const { vrid, vips, excluded = [] } of INSTANCES) {
    await capture.waitFrames(`${ADVERTS} and ip6[41] = ${vrid}`, 2, 12_000);
    for (const vip of [...vips, ...excluded].map(withoutPrefix)) {
      const announced = vip.includes(':') ? `${TO_ALL_NODES} and src host ${vip}` : `arp src host ${vip}`;
      bursts.push((await capture.waitFrames(announced, 5)).length);
    }
  }
  const addresses = (await a.addresses()).map(
    ({ address, prefixLength, scope, preferredLifetime }) =>
      `${address}/${prefixLength} ${scope} ${preferredLifetime > 0 ? 'preferred' : 'deprecated'}`,
  );
  await running.stop();
  await capture.stop();
  const frames = async (filter: string) => (await capture.frames(filter)).map(({ hex }) => hex);
  const once = (hexes: readonly string[]) => [...new Set(hexes)].sort();
  return {
    adverts: once((await frames(ADVERTS)).map(masked)),
    hopLimits: once((await frames(ADVERTS)).map((hex) => hex.slice(HOP_LIMIT.from, HOP_LIMIT.to))),
    announcements: once(await frames(TO_ALL_NODES)),
    bursts,
    arps: once(await frames('arp and arp[24:4] = arp[14:4]')),
    addresses: addresses.sort(),
    complaints: await capture.complaints('vrrp or icmpv6.type == 136'),
  };
}

describe('the frames of four instances', () => {
  let lab: Lab<'a' | 'b'>;
  let theirs: Wire;
  let mine: Wire;
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhawiresix', ipv6: true });
    // Whoever is not there gets no datagrams: the kernel would ask for its MAC first.
    theirs = await record(lab, (host) =>
      startKeepalived(host, `global_defs {\n router_id LAB\n}\n${INSTANCES.map(keepalivedConf).join('')}`),
    );
    mine = await record(lab, async (host) => {
      const instances = Object.fromEntries(INSTANCES.map((instance) => [instance.name, ours(instance)]));
      return (await startDaemon(host, { vrrp_instance: instances })).process;
    });
  });
  afterAll(() => lab.destroy());

  test('keepalived is heard in all of them, so that there is something to compare with', () => {
    // One advert and one priority 0 for each instance and peer, and one announcement for each address.
    expect(theirs.adverts).toHaveLength(10);
    expect(theirs.announcements).toHaveLength(7);
    expect(theirs.arps).toHaveLength(1);
  });
  test('adverts and resignations are the same', () => expect(mine.adverts).toEqual(theirs.adverts));
  test('the hop limit is 255 in all of ours, in unicast too', () => expect(mine.hopLimits).toEqual(['ff']));
  test('unsolicited neighbour advertisements are the same', () => {
    expect(mine.announcements).toEqual(theirs.announcements);
    expect(mine.bursts).toEqual(theirs.bursts);
  });
  test('gratuitous ARPs of the excluded IPv4 address are the same', () => {
    expect(mine.arps).toEqual(theirs.arps);
  });
  test('the addresses are held in the same way, /128 deprecated', () => {
    expect(mine.addresses).toEqual(theirs.addresses);
    expect(mine.addresses).toContain('fd00:9::250/128 global deprecated');
  });
  test('tshark finds no fault in ours', () => expect(mine.complaints).toEqual([]));
});

const VIP = 'fd00:9::250';
const ADVERT_INT = 0.5;
/** The longest Skew_Time of these pairs, priority 99: (256 - 99) / 256 of the interval (RFC 9568 §6.1). */
const SKEW = ((256 - 99) / 256) * ADVERT_INT * 1000;
/** Three adverts and the skew. */
const MASTER_DOWN = 3 * ADVERT_INT * 1000 + SKEW;

const PAIR: Omit<Instance, 'priority'> = {
  name: 'VI_6',
  vrid: 66,
  interval: ADVERT_INT,
  vips: ['fe80::250/64', VIP],
};
const priorityOf = (host: Host): number => (host.name === 'a' ? 100 : 99);

function daemonConfig(host: Host, tracked: boolean) {
  const instance = ours({ ...PAIR, priority: priorityOf(host) });
  return {
    ...(tracked
      ? { memcached: { local: { address: '[::1]:11211', interval: 0.2, timeout: 0.3, rise: 1 } } }
      : {}),
    vrrp_instance: { VI_6: tracked ? { ...instance, track_memcached: ['local'] } : instance },
  };
}

describe('a pair of ours', () => {
  let lab: Lab<'a' | 'b'>;
  const daemons = {} as Record<'a' | 'b', Daemon>;
  const memcacheds = {} as Record<'a' | 'b', LabProcess>;
  const start = async (name: 'a' | 'b') => {
    memcacheds[name] = await startMemcached(lab.hosts[name], { extraArguments: ['-l', '::'] });
    daemons[name] = await startDaemon(lab.hosts[name], daemonConfig(lab.hosts[name], true));
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
      target: `[${VIP}]:11211`,
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

  test('A comes back and preempts; kill -9 of its daemon takes the address away by its lease', async () => {
    await lab.hosts.a.powerOn();
    await start('a');
    await daemons.a.waitState('MASTER');
    await until('A alone holds the address', async () => (await holders()) === 'a');
    const killed = monotonicNow();
    daemons.a.process.kill('SIGKILL');
    await daemons.b.waitState('MASTER');
    await until('B alone holds the address', async () => (await holders()) === 'b', { timeout: 5000 });
    // A lease of 1 s, and the kernel's second.
    measured('IPv6, from kill -9 of the daemon to the address on one host', monotonicNow() - killed);
    expect(monotonicNow() - killed).toBeLessThan(4000);
  });
});

describe.each(['memcache-ha', 'keepalived'] as const)(
  'a pair with keepalived, %s at the higher priority',
  (higher) => {
    let lab: Lab<'a' | 'b'>;
    beforeAll(async () => {
      lab = await createLab({ prefix: 'mhamixsix', ipv6: true });
    });
    afterAll(() => lab.destroy());

    test('the higher is MASTER, its end is heard, and its return preempts', async () => {
      const { a, b } = lab.hosts;
      const start = async (host: Host, ourselves: boolean) => {
        const instance = { ...PAIR, priority: priorityOf(host) };
        if (!ourselves) {
          const keepalived = await startKeepalived(host, keepalivedConf(instance));
          return {
            wait: async (state: 'MASTER' | 'BACKUP') => keepalived.waitState('VI_6', state),
            stop: () => keepalived.stop(),
          };
        }
        const daemon = await startDaemon(host, daemonConfig(host, false));
        return {
          wait: async (state: 'MASTER' | 'BACKUP') => {
            await daemon.waitState(state);
          },
          stop: () => daemon.process.stop(),
        };
      };
      const onA = await start(a, higher === 'memcache-ha');
      const onB = await start(b, higher !== 'memcache-ha');
      const waitHolder = (name: 'a' | 'b') =>
        until(`${name} alone holds the address`, async () => {
          const held = [await a.holds(VIP), await b.holds(VIP)];
          return held[0] === (name === 'a') && held[1] === (name === 'b');
        });
      await onA.wait('MASTER');
      await onB.wait('BACKUP');
      await waitHolder('a');

      const stopped = monotonicNow();
      await Promise.all([onA.stop(), onB.wait('MASTER')]);
      await waitHolder('b');
      measured(`IPv6, from SIGTERM to ${higher} to the other MASTER`, monotonicNow() - stopped);
      expect(monotonicNow() - stopped).toBeLessThan(MASTER_DOWN + 1000);

      const again = await start(a, higher === 'memcache-ha');
      await again.wait('MASTER');
      await onB.wait('BACKUP');
      await waitHolder('a');
    });
  },
);
