/** What goes over the wire with IPv6, byte for byte as keepalived sends it, as wire.test.ts has it for IPv4. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { startDaemon } from './support/daemon.ts';
import { type Instance, keepalivedConf, ours, withoutPrefix } from './support/ipv6.ts';

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
