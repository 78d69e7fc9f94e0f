/** Adverts that a stranger on the same network sends: counted by their reason, believed in none, and never a crash. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeAdvertisement } from '../../src/core/vrrp/packet.ts';
import type { VrrpParameters } from '../../src/core/vrrp/parameters.ts';
import type { DiscardReason } from '../../src/core/vrrp/validate.ts';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import { firstTutorial, type Pair, startPair, VIP } from './support/pair.ts';
import { sendFrames } from './support/send-frame.ts';
import { type Datagram, vrrpFrame } from './support/vrrp-frame.ts';

/** The stranger. */
const FROM = { sourceMac: '02:00:0a:09:00:0a', source: '10.9.0.10' };

/** An advert that both hosts would obey, but for what is changed: the highest priority, the pair's password. */
function advert(changes: Partial<Parameters<typeof encodeAdvertisement>[0]> = {}): Uint8Array {
  const right = {
    version: 2 as VrrpParameters['version'],
    virtualRouterId: 51,
    priority: 254,
    advertisementInterval: 1000,
    addresses: [VIP],
    authPass: new TextEncoder().encode('1111\0\0\0\0'),
    ...changes,
  };
  return encodeAdvertisement(right, FROM.source, '224.0.0.18');
}

/** The message with these octets in place of its own; the checksum stays as it was. */
function patched(message: Uint8Array, at: number, ...octets: number[]): Uint8Array {
  const copy = Uint8Array.from(message);
  copy.set(octets, at);
  return copy;
}

/** The version 2 checksum of RFC 3768 §5.3.8 made right again. */
function resummed(message: Uint8Array): Uint8Array {
  const copy = Buffer.from(patched(message, 6, 0, 0));
  let sum = 0;
  for (let at = 0; at < copy.length; at += 2) sum += copy.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  copy.writeUInt16BE(~sum & 0xffff, 6);
  return copy;
}

const password = (text: string) => new TextEncoder().encode(text.padEnd(8, '\0'));

const FORGED: readonly (readonly [
  title: string,
  reason: DiscardReason,
  Partial<Datagram> & { message: Uint8Array },
])[] = [
  ['truncated within its header', 'packet_length', { message: advert().subarray(0, 5) }],
  ['truncated within its addresses', 'packet_length', { message: advert().subarray(0, 12) }],
  ['empty', 'packet_length', { message: new Uint8Array() }],
  ['with an octet too many', 'packet_length', { message: Uint8Array.from([...advert(), 0]) }],
  [
    'that promises more addresses than it has',
    'packet_length',
    { message: resummed(patched(advert(), 3, 20)) },
  ],
  ['with a wrong checksum', 'checksum', { message: patched(advert(), 6, 0xde, 0xad) }],
  ['of version 3', 'version', { message: advert({ version: 3, authPass: null }) }],
  ['of version 4', 'version', { message: resummed(patched(advert(), 0, 0x41)) }],
  ['of another type', 'type', { message: resummed(patched(advert(), 0, 0x22)) }],
  ['of another VRID', 'vrid', { message: advert({ virtualRouterId: 52 }) }],
  ['with TTL 254', 'ttl', { message: advert(), ttl: 254 }],
  ['with TTL 1', 'ttl', { message: advert(), ttl: 1 }],
  ['with a wrong password', 'password', { message: advert({ authPass: password('1112') }) }],
  ['with a longer password', 'password', { message: advert({ authPass: password('11111') }) }],
  ['without a password', 'auth_type', { message: advert({ authPass: null }) }],
  ['with another interval', 'advert_interval', { message: advert({ advertisementInterval: 3000 }) }],
];

describe('the first tutorial’s pair and a stranger', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ config: firstTutorial });
  });
  afterAll(() => pair.destroy());

  const discarded = async (reason: DiscardReason) =>
    Promise.all(
      [pair.a, pair.b].map(async ({ daemon }) =>
        (await daemon.metrics()).value('memcache_ha_vrrp_advertisements_discarded_total', { reason }),
      ),
    );
  const transitions = async () =>
    Promise.all([pair.a, pair.b].map(async ({ daemon }) => (await daemon.instance()).transitions));

  test.each(FORGED)('an advert %s is counted as %s, and changes nothing', async (_, reason, datagram) => {
    const before = { counted: await discarded(reason), transitions: await transitions() };
    await sendFrames(pair.lab.client, [vrrpFrame({ ...FROM, ...datagram })]);
    const counted = before.counted.map((count) => (count ?? 0) + 1);
    await until(
      `it is counted as ${reason}`,
      async () => (await discarded(reason)).join() === counted.join(),
    );
    expect(await transitions()).toEqual(before.transitions);
  });

  test('one that was sent to A alone is counted there: destination', async () => {
    const { a, b } = pair;
    const destination = { destination: a.host.address, destinationMac: a.host.mac };
    await sendFrames(pair.lab.client, [vrrpFrame({ ...FROM, ...destination, message: advert() })]);
    await until('it is counted', async () => (await discarded('destination')).join() === '1,0');
    expect((await b.daemon.instance()).state).toBe('BACKUP');
  });

  test('each reason is logged once, with who sent it', () => {
    for (const { daemon } of [pair.a, pair.b]) {
      const logged = daemon.log().filter(({ msg }) => msg.startsWith('advertisement discarded: '));
      for (const reason of new Set(FORGED.map(([, reason]) => reason))) {
        const lines = logged.filter((line) => line.reason === reason);
        expect(lines.length).toBeGreaterThanOrEqual(1);
        expect(lines[0]).toMatchObject({ level: 'warn', from: FROM.source });
      }
    }
  });

  test('one of lower priority with another list of addresses is answered, counted and told', async () => {
    const { a, b } = pair;
    const capture = await startCapture(pair.lab.client, { filter: `ether src ${a.host.mac}` });
    const message = advert({ priority: 1, addresses: [VIP, '10.9.0.251'] });
    await sendFrames(pair.lab.client, [vrrpFrame({ ...FROM, message })]);
    // The loser is told at once, and who learnt its MAC address learns ours.
    await capture.waitFrames(`arp src host ${VIP}`, 5);
    for (const { daemon } of [a, b]) {
      const count = (await daemon.metrics()).value('memcache_ha_vrrp_address_list_mismatches_total');
      expect(count).toBe(1);
      await daemon.waitLog(/address list is not ours/);
    }
    expect((await a.daemon.instance()).state).toBe('MASTER');
  });

  test('a thousand of them within a second or two are counted, and A goes on speaking every second', async () => {
    const { a, b } = pair;
    const before = await discarded('checksum');
    const known = await transitions();
    const capture = await startCapture(pair.lab.client, {
      filter: `ip proto 112 and ether src ${a.host.mac}`,
    });
    const sent = 10 * 100;
    for (let batch = 0; batch < 10; batch += 1) {
      const frames = Array.from({ length: 100 }, (_, index) =>
        vrrpFrame({ ...FROM, message: patched(advert(), 6, batch, index) }),
      );
      await sendFrames(pair.lab.client, frames);
    }
    await until('all are counted', async () =>
      (await discarded('checksum')).every((count, index) => count! - before[index]! === sent),
    );
    const adverts = await capture.waitFrames('ip proto 112', 4);
    const pauses = adverts.slice(1).map(({ t }, index) => t - adverts[index]!.t);
    measured('longest pause between two adverts beside 1000 forged ones', Math.max(...pauses));
    expect(Math.max(...pauses)).toBeLessThan(1500);
    expect(await transitions()).toEqual(known);
    expect((await b.daemon.instance()).master).toMatchObject({ address: a.host.address });
  });
});

test('a unicast pair believes its peer alone', async () => {
  const pair = await startPair({
    config: (host) =>
      firstTutorial(host, {
        instance: {
          unicast_src_ip: host.address,
          unicast_peer: [host.name === 'a' ? '10.9.0.102' : '10.9.0.101'],
        },
      }),
  });
  try {
    const { a, b } = pair;
    const count = async (reason: DiscardReason) =>
      (await a.daemon.metrics()).value('memcache_ha_vrrp_advertisements_discarded_total', { reason });
    const toA = { ...FROM, destination: a.host.address, destinationMac: a.host.mac };
    // Unicast peers may be routers away: their TTL is not looked at.
    await sendFrames(pair.lab.client, [vrrpFrame({ ...toA, ttl: 64, message: advert() })]);
    await until('it is counted as peer', async () => (await count('peer')) === 1);
    await sendFrames(pair.lab.client, [vrrpFrame({ ...FROM, message: advert() })]);
    expect((await a.daemon.instance()).state).toBe('MASTER');
    expect(await count('ttl')).toBe(0);

    // One peer, so that nobody else can be taking over: no Skew_Time.
    const killed = monotonicNow();
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    measured('from the kill of memcached to B MASTER, unicast', monotonicNow() - killed);
    expect(monotonicNow() - killed).toBeLessThan(500);
    await pair.waitHolder('b');
  } finally {
    await pair.destroy();
  }
});
