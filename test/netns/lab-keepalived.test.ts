import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import { startClient } from '../../src/lab/client.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { startMemcached } from '../../src/lab/programs.ts';
import { labClientCommand } from './support/bundle.ts';
import { sendFrames } from './support/send-frame.ts';

const VIP = '10.9.0.250';

/** The pair of the field's first tutorial: VRRP v2, one advert a second, priorities 100 and 99. */
const configuration = (state: 'MASTER' | 'BACKUP', priority: number) => `
global_defs {
  router_id LAB
}
vrrp_instance VI_1 {
  state ${state}
  interface eth0
  virtual_router_id 51
  priority ${priority}
  advert_int 1
  authentication {
    auth_type PASS
    auth_pass 1111
  }
  virtual_ipaddress {
    ${VIP}
  }
}
`;

describe('a pair of keepalived in the lab', () => {
  let lab: Lab<'a' | 'b'>;
  beforeEach(async () => {
    lab = await createLab({ prefix: 'mhakeepal' });
  });
  afterEach(() => lab.destroy());

  test('elects A, and B takes over within the RFC’s time when A loses its power', async () => {
    const { a, b } = lab.hosts;
    const capture = await startCapture(b, { filter: 'arp or ip proto 112' });
    await startMemcached(a);
    await startMemcached(b);
    const onA = await startKeepalived(a, configuration('MASTER', 100));
    const onB = await startKeepalived(b, configuration('BACKUP', 99));
    await onA.waitState('VI_1', 'MASTER');
    await onB.waitState('VI_1', 'BACKUP');
    expect(await a.holds(VIP)).toBe(true);
    expect(await b.holds(VIP)).toBe(false);

    const client = startClient(lab.client, {
      target: `${VIP}:11211`,
      command: await labClientCommand(),
      expectAny: true,
    });
    await client.started;
    await sleep(1500); // B hears at least one advert, and the second burst of ARP is not needed
    const off = monotonicNow();
    await a.powerOff();
    expect(a.pids()).toEqual([]);
    expect(onA.running()).toBe(false);
    await onB.waitState('VI_1', 'MASTER');
    await client.waitAnswer(off + 1000);
    expect(await b.holds(VIP)).toBe(true);

    // Master_Down_Interval of priority 99 is 3 × 1 s + 157/256 s, counted from A's last advert, at most 1 s before.
    const gap = await client.longestGap(off);
    expect(gap).toBeGreaterThan(2400);
    expect(gap).toBeLessThan(4500);
    await client.stop();

    await capture.stop();
    const takeover = await capture.fields(`arp.src.proto_ipv4 == ${VIP} && eth.src == ${b.mac}`, [
      'eth.dst',
      'arp.opcode',
      'arp.isgratuitous',
      'arp.dst.proto_ipv4',
    ]);
    expect(takeover.length).toBeGreaterThanOrEqual(5);
    expect(takeover[0]).toMatchObject({ 'eth.dst': ['ff:ff:ff:ff:ff:ff'], 'arp.dst.proto_ipv4': [VIP] });
    const adverts = await capture.fields('vrrp', [
      'ip.src',
      'vrrp.prio',
      'vrrp.virt_rtr_id',
      'vrrp.ip_addr',
      'vrrp.auth_string',
    ]);
    expect(adverts[0]).toEqual({
      'ip.src': [a.address],
      'vrrp.prio': ['100'],
      'vrrp.virt_rtr_id': ['51'],
      'vrrp.ip_addr': [VIP],
      'vrrp.auth_string': ['1111'],
    });
    expect(adverts.at(-1)?.['vrrp.prio']).toEqual(['99']);
    // A died without a word: nobody said priority 0.
    expect(adverts.filter((advert) => advert['vrrp.prio']?.[0] === '0')).toEqual([]);
    expect(await capture.complaints('vrrp')).toEqual([]);
    expect((await capture.frames('ip proto 112')).length).toBe(adverts.length);
  });

  test('a configuration that keepalived refuses is told with its log', async () => {
    const text = configuration('MASTER', 100).replace('interface eth0', 'interface eth9');
    await expect(startKeepalived(lab.hosts.a, text)).rejects.toThrow(/eth9/);
  });
});

describe('a capture', () => {
  let lab: Lab<'a' | 'b'>;
  beforeEach(async () => {
    lab = await createLab({ prefix: 'mhakeepal' });
  });
  afterEach(() => lab.destroy());

  /** keepalived's advert of the second tutorial's pair, byte for byte (VIP 10.9.0.5, from 10.9.0.3). */
  const ADVERT = `01005e000012 02000a090003 0800
    45c000280001 0000ff70d0860a090003e0000012 216e96010101a5cf0a090005666c6167696e666f`.replaceAll(/\s/g, '');

  test('sees every frame that was sent, in order, at its time', async () => {
    const capture = await startCapture(lab.hosts.b, { filter: 'ip proto 112' });
    const before = monotonicNow();
    await sendFrames(lab.hosts.a, [ADVERT, ADVERT, ADVERT]);
    const frames = await capture.waitFrames('ip proto 112 and ip src 10.9.0.3', 3);
    const after = monotonicNow();
    expect(frames.map(({ hex }) => hex)).toEqual([ADVERT, ADVERT, ADVERT]);
    for (const { t } of frames) {
      expect(t).toBeGreaterThan(before - 5);
      expect(t).toBeLessThan(after + 5);
    }
    expect(await capture.frames('arp')).toEqual([]);
    expect(await capture.complaints('vrrp')).toEqual([]);
    const [packet] = await capture.dissect('vrrp');
    expect(packet?.vrrp).toMatchObject({ 'vrrp.prio': '150', 'vrrp.virt_rtr_id': '110' });
    await expect(capture.waitFrames('ip proto 112', 4, 200)).rejects.toThrow(
      /4 frames match "ip proto 112" on b/,
    );
  });

  test.each([
    ['a wrong VRRP checksum', ADVERT.replace('a5cf', 'a5d0'), /[Cc]hecksum/],
    ['a wrong IP checksum', ADVERT.replace('d086', 'd087'), /[Cc]hecksum/],
    [
      'an advert cut short',
      ADVERT.replace('45c00028', '45c0001c').replace('d086', 'd092').slice(0, -24),
      /Malformed|exceeds/,
    ],
  ])('tshark complains of %s', async (_, frame, complaint) => {
    const capture = await startCapture(lab.hosts.b);
    await sendFrames(lab.hosts.a, [ADVERT, frame]);
    await capture.waitFrames('ip proto 112', 2);
    const complaints = await capture.complaints('ip.proto == 112');
    expect(complaints.length).toBeGreaterThanOrEqual(1);
    for (const one of complaints) expect(one).toMatch(/^frame 2: /);
    expect(complaints.join()).toMatch(complaint);
  });

  test('frames that the kernel dropped make it incomplete, which is told', async () => {
    const { a, b } = lab.hosts;
    const capture = await startCapture(b, { filter: 'ip proto 112' });
    const [tcpdump] = b.pids();
    process.kill(tcpdump!, 'SIGSTOP'); // and the kernel's ring of some 8000 slots overflows
    await sendFrames(a, Array(20_000).fill(ADVERT));
    process.kill(tcpdump!, 'SIGCONT');
    await expect(capture.frames()).rejects.toThrow(/incomplete: \d+ frames were dropped by the kernel/);
    await expect(capture.stop()).rejects.toThrow(/incomplete/);
  });

  test('a filter or an interface that does not exist is told', async () => {
    await expect(startCapture(lab.hosts.a, { filter: 'nonsense here' })).rejects.toThrow(
      /tcpdump on a ended: .*/,
    );
    await expect(startCapture(lab.hosts.a, { interface: 'eth9' })).rejects.toThrow(/eth9/);
  });
});
