/** Somebody else claims the virtual address: told, counted, answered once in ten seconds, and never given in to. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gratuitousArp } from '../../src/core/arp-packet.ts';
import { addressBytes } from '../../src/core/ip-address.ts';
import { unsolicitedNeighbourAdvertisement } from '../../src/core/neighbour-advertisement.ts';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { craftFrame } from './support/crafted-advert.ts';
import { type Daemon, startDaemon } from './support/daemon.ts';
import { flood } from './support/flood.ts';
import { type Config, VIP } from './support/pair.ts';
import { sendFrames } from './support/send-frame.ts';

const VIP6 = 'fd00:9::250';
/** The stranger's, which is no host's. */
const STRANGER = '02:00:0a:09:00:63';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const macBytes = (mac: string): Uint8Array => Uint8Array.from(Buffer.from(mac.replaceAll(':', ''), 'hex'));
const claim = (address = VIP, mac = STRANGER): string => hex(gratuitousArp(macBytes(mac), address));
const claim6 = (): string => hex(unsolicitedNeighbourAdvertisement(macBytes(STRANGER), VIP6, false));

/** Operation 2 to one host alone, as a host answers who asks for an address. */
function reply(address: string, to: Host): string {
  const frame = gratuitousArp(macBytes(STRANGER), address);
  frame.set(macBytes(to.mac), 0);
  frame[21] = 2;
  frame.set(macBytes(to.mac), 32);
  frame.set(addressBytes(to.address), 38);
  return hex(frame);
}

const instance = (changes: Config = {}): Config => ({
  vrrp_instance: {
    VI_1: {
      interface: 'eth0',
      virtual_router_id: 51,
      priority: 150,
      version: 3,
      advert_int: 0.1,
      virtual_ipaddress: [VIP],
      ...changes,
    },
  },
});

let lab: Lab<'a' | 'b'>;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhaclaim', ipv6: true });
});
afterAll(() => lab.destroy());

const conflicts = async (daemon: Daemon, address = VIP): Promise<number | null> =>
  (await daemon.metrics()).value('memcache_ha_vip_conflicts_total', { address });
const otherMasters = async (daemon: Daemon): Promise<number | null> =>
  (await daemon.metrics()).value('memcache_ha_vrrp_other_masters_total');
/** MASTER for longer than the second in which a claim may be the old master's. */
const settled = async (daemon: Daemon): Promise<void> => {
  await daemon.waitState('MASTER');
  await sleep(1200);
};

describe('a MASTER alone', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await startDaemon(lab.hosts.a, instance({ garp_master_delay: 0 }));
    await settled(daemon);
  });

  test('a gratuitous ARP of a stranger is counted, told, and answered with one of ours', async () => {
    const { host } = daemon;
    const capture = await startCapture(lab.client, { filter: `arp and ether src ${host.mac}` });
    await sendFrames(lab.client, [claim()]);
    const [ours] = await capture.waitFrames(`arp src host ${VIP}`, 1);
    expect(ours!.hex).toBe(claim(VIP, host.mac));
    expect(await conflicts(daemon)).toBe(1);
    const told = await daemon.waitLog(/10\.9\.0\.250 is claimed by another host/);
    expect(told).toMatchObject({ level: 'warn', address: VIP, mac: STRANGER });
    const { state, virtual_addresses } = await daemon.instance();
    expect(state).toBe('MASTER');
    expect(virtual_addresses).toMatchObject([{ held: true, conflict: { mac: STRANGER, count: 1 } }]);
    expect((await daemon.command('status')).stdout).toMatch(
      new RegExp(`${VIP} is here, claimed by ${STRANGER} as well: once, last \\d+ s ago`),
    );

    // RFC 5227 §2.4: no second one within ten seconds, but one at their end, for what was claimed in the meantime.
    for (let more = 0; more < 4; more += 1) {
      await sleep(700);
      await sendFrames(lab.client, [claim()]);
    }
    await until('all are counted', async () => (await conflicts(daemon)) === 5);
    expect(await capture.frames(`arp src host ${VIP}`)).toHaveLength(1);
    const [first, second] = await capture.waitFrames(`arp src host ${VIP}`, 2, 12_000);
    expect(second!.t - first!.t).toBeGreaterThan(9_900);
    expect((await daemon.instance()).state).toBe('MASTER');
  });

  test('a host that was given the address by mistake: its ARP request is a claim', async () => {
    const { client } = lab;
    const before = (await conflicts(daemon))!;
    await client.exec(['ip', 'addr', 'add', `${VIP}/24`, 'dev', 'eth0']);
    try {
      await client.exec(['ip', 'neigh', 'flush', 'dev', 'eth0']);
      // Linux asks for the next hop with the address that it sends from.
      const send = `import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("${VIP}", 0)); s.sendto(b"x", ("${lab.hosts.b.address}", 9))`;
      await client.exec(['python3', '-c', send]);
      await until('it is counted', async () => (await conflicts(daemon))! > before);
      const { virtual_addresses } = await daemon.instance();
      expect(virtual_addresses[0]!.conflict!.mac).toBe(client.mac);
    } finally {
      await client.exec(['ip', 'addr', 'del', `${VIP}/24`, 'dev', 'eth0']);
    }
  });

  test('an ARP reply to this host is a claim; a probe, another address and our own ARP are none', async () => {
    const { host } = daemon;
    const probe = Buffer.from(claim(), 'hex');
    probe.fill(0, 28, 32);
    const own = Buffer.from(claim(VIP, host.mac), 'hex');
    own.set(macBytes(STRANGER), 6); // or the switch would take the stranger for this host
    const harmless = [probe.toString('hex'), claim('10.9.0.251'), own.toString('hex')];
    const before = (await conflicts(daemon))!;
    await sendFrames(lab.client, [...harmless, reply(VIP, host)]);
    await until('one is counted', async () => (await conflicts(daemon)) === before + 1);
    await sleep(300);
    expect(await conflicts(daemon)).toBe(before + 1);
  });

  test('the ARPs of a busy network do not wake it', async () => {
    const switches = (): number => {
      const status = readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8');
      return Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)![1]);
    };
    const during = async (what: () => Promise<unknown>): Promise<number> => {
      const before = switches();
      await what();
      return switches() - before;
    };
    const before = (await conflicts(daemon))!;
    const idle = await during(() => sleep(1000));
    const frames = Array.from({ length: 200 }, (_, i) => claim(`10.9.0.${i}`));
    const busy = await during(() => flood(lab.client, { perSecond: 5000, seconds: 1, frames }));
    process.stdout.write(`measured: switches in a second, idle ${idle}, with 5000 ARPs ${busy}\n`);
    expect(busy).toBeLessThan(idle + 500);
    // It heard none because of the filter, not because it is deaf.
    expect(await conflicts(daemon)).toBe(before);
    await sendFrames(lab.client, [claim()]);
    await until('a claim is counted', async () => (await conflicts(daemon)) === before + 1);
  });

  test('ten thousand claims a second: counted, one answer, no advert late', async () => {
    const { host } = daemon;
    const before = (await conflicts(daemon))!;
    const capture = await startCapture(lab.client, { filter: `ether src ${host.mac}` });
    await flood(lab.client, { perSecond: 10_000, seconds: 2, frames: [claim()] });
    await until('they are counted', async () => (await conflicts(daemon))! > before + 1000);
    expect((await capture.frames(`arp src host ${VIP}`)).length).toBeLessThanOrEqual(1);
    const adverts = await capture.frames('ip proto 112');
    const pauses = adverts.slice(1).map(({ t }, index) => t - adverts[index]!.t);
    expect(Math.max(...pauses)).toBeLessThan(500);
  });

  test('another master of lower rank is counted and shown', async () => {
    const stranger = { source: '10.9.0.10', sourceMac: '02:00:0a:09:00:0a' };
    const advert = { version: 3, vrid: 51, priority: 7, intervalUnits: 10, addresses: [VIP] } as const;
    await sendFrames(lab.client, [craftFrame({ ...advert, ...stranger })]);
    await until('it is counted', async () => (await otherMasters(daemon)) === 1);
    expect((await daemon.instance()).other_master).toMatchObject({
      address: '10.9.0.10',
      priority: 7,
      count: 1,
    });
    expect((await daemon.command('status')).stdout).toMatch(
      /another master was heard beside us: 10\.9\.0\.10, priority 7, once, last \d+ s ago/,
    );
  });
});

test('an address that a reload added is watched, and one that it took away is not', async () => {
  await lab.hosts.a.powerOn();
  const daemon = await startDaemon(lab.hosts.a, instance({ garp_master_delay: 0 }));
  await settled(daemon);
  const text = readFileSync(daemon.file, 'utf8');
  writeFileSync(daemon.file, text.replaceAll(VIP, '10.9.0.251'));
  expect(await daemon.command('reload')).toMatchObject({ code: 0 });
  await sendFrames(lab.client, [claim(VIP), claim('10.9.0.251')]);
  await until('it is counted', async () => (await conflicts(daemon, '10.9.0.251')) === 1);
  expect(await conflicts(daemon, VIP)).toBe(0);
  await daemon.process.stop();
});

test('with use_vmac the address is defended where it is, from the virtual MAC', async () => {
  await lab.hosts.a.powerOn();
  const daemon = await startDaemon(lab.hosts.a, instance({ use_vmac: true, garp_master_delay: 0 }));
  await settled(daemon);
  const capture = await startCapture(lab.client, { filter: 'arp and ether src 00:00:5e:00:01:33' });
  await sendFrames(lab.client, [claim()]);
  await capture.waitFrames(`arp src host ${VIP}`, 1);
  await sleep(300);
  // The frame is heard on eth0 and on the virtual interface.
  expect(await conflicts(daemon)).toBe(1);
  await daemon.process.stop();
});

test('an IPv6 address, claimed by a neighbour advertisement', async () => {
  await lab.hosts.a.powerOn();
  const daemon = await startDaemon(
    lab.hosts.a,
    instance({ virtual_ipaddress: ['fe80::250', VIP6], garp_master_delay: 0 }),
  );
  await settled(daemon);
  const capture = await startCapture(lab.client, { filter: `icmp6 and ether src ${daemon.host.mac}` });
  await sendFrames(lab.client, [claim6()]);
  await until('it is counted', async () => (await conflicts(daemon, VIP6)) === 1);
  await capture.waitFrames(`icmp6 and ip6[40] == 136 and src host ${VIP6}`, 1);
  expect(await conflicts(daemon, 'fe80::250')).toBe(0);
  await daemon.process.stop();
});

test('a pair that hands over disputes nothing', async () => {
  const { a, b } = lab.hosts;
  await Promise.all([a.powerOn(), b.powerOn()]);
  // One unicast peer: no Skew_Time, and the old master's last words are nearest to the new one's first.
  const start = (host: Host, peer: Host, priority: number) => {
    const unicast = { unicast_src_ip: host.address, unicast_peer: [peer.address] };
    return startDaemon(host, instance({ priority, ...unicast }));
  };
  const first = await start(a, b, 200);
  await first.waitState('MASTER');
  const second = await start(b, a, 100);
  for (let round = 0; round < 2; round += 1) {
    await settled(first);
    await first.command('drain');
    await settled(second);
    await first.command('resume');
  }
  await settled(first);
  // Killed: its kernel keeps the address for the rest of the lease.
  first.process.kill('SIGKILL');
  await settled(second);
  const again = await start(a, b, 200);
  await settled(again);
  expect(await conflicts(again)).toBe(0);
  expect(await conflicts(second)).toBe(0);
  await Promise.all([again.process.stop(), second.process.stop()]);
});

test('two masters that hear each other’s ARPs only: each answers once, and that is the end of it', async () => {
  const { a, b } = lab.hosts;
  await Promise.all([a.powerOn(), b.powerOn()]);
  const [first, second] = [
    await startDaemon(a, instance({ priority: 200, garp_master_delay: 0 })),
    await startDaemon(b, instance({ priority: 100, garp_master_delay: 0 })),
  ];
  await first.waitState('MASTER');
  await second.waitState('BACKUP');
  await sleep(1200);
  const capture = await startCapture(lab.client, { filter: `arp and src host ${VIP}` });
  await lab.block(a, b, { ipProtocol: 112 });
  await lab.block(b, a, { ipProtocol: 112 });
  await second.waitState('MASTER');
  await until('A counts a conflict', async () => ((await conflicts(first)) ?? 0) > 0);
  await sleep(12_000);
  const fromA = await capture.frames(`ether src ${a.mac}`);
  expect(fromA.length).toBeLessThanOrEqual(2);
  // Healed, B yields, and A announces itself: that is the election's.
  await lab.unblock(b, a);
  await until('A hears B', async () => ((await otherMasters(first)) ?? 0) > 0);
  await lab.unblock(a, b);
  await second.waitState('BACKUP');
  expect((await first.instance()).state).toBe('MASTER');
  expect((await capture.frames(`ether src ${a.mac}`)).length).toBeGreaterThan(fromA.length);
});
