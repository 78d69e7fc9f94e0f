/** RFC 3768 §7.1 and RFC 9568 §7.1: the receive checks, each at its borders, in keepalived's order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressBytes } from '../../../../src/core/ip-address.ts';
import { encodeAdvertisement } from '../../../../src/core/vrrp/packet.ts';
import type { VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import {
  DISCARD_REASONS,
  type DiscardReason,
  type Verdict,
  validateAdvertisement,
  virtualRouterIdOf,
} from '../../../../src/core/vrrp/validate.ts';
import { text } from '../bytes.ts';
import { CAPTURES } from './keepalived.ts';
import { router } from './table.ts';

const PEER = '10.9.0.2';
const OURS = '10.9.0.3';
const GROUP = '224.0.0.18';

const MULTICAST_V2 = router({ authPass: text('flaginfo') });
const PLAIN_V2 = router();
const MULTICAST_V3 = router({ version: 3 });
const UNICAST_V2 = router({ unicastPeers: [PEER, '10.9.0.4'] });
const UNICAST_V3 = router({ version: 3, unicastPeers: [PEER] });

/** What is sent, and how it is spoilt on the way; by default as the peer of `params` would send it. */
interface Forgery {
  readonly advert?: Partial<VrrpParameters>;
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  /** IP options, in bytes: a multiple of four. */
  readonly options?: number;
  /** Bytes behind the VRRP message, within the IP total length. */
  readonly trailer?: number;
  /** Bytes behind the datagram: Ethernet padding. */
  readonly padding?: number;
  /** Bytes of the message to overwrite, by offset; the checksum is made right again unless it is among them. */
  readonly poke?: Readonly<Record<number, number>>;
}

function datagram(params: VrrpParameters, forgery: Forgery = {}): Uint8Array {
  const unicast = params.unicastPeers.length > 0;
  const { source = PEER, destination = unicast ? OURS : GROUP, ttl = 255 } = forgery;
  const { options = 0, trailer = 0, padding = 0, poke = {} } = forgery;
  const message = encodeAdvertisement({ ...params, ...forgery.advert }, source, destination);
  for (const [at, byte] of Object.entries(poke)) {
    // A ones' complement sum stays right when the checksum takes back what a byte of the same parity was given.
    if (Number(at) < 6 || Number(at) > 7) compensate(message, Number(at), byte);
    else message[Number(at)] = byte;
  }
  const headerLength = 20 + options;
  const total = headerLength + message.length + trailer;
  const packet = new Uint8Array(total + padding);
  packet[0] = 0x40 | (headerLength / 4);
  packet[1] = 0xc0;
  packet[2] = total >> 8;
  packet[3] = total & 0xff;
  packet[8] = ttl;
  packet[9] = 112;
  packet.set(addressBytes(source), 12);
  packet.set(addressBytes(destination), 16);
  packet.set(message, headerLength);
  return packet;
}

function compensate(message: Uint8Array, at: number, byte: number): void {
  const shift = at % 2 === 0 ? 8 : 0;
  const checksum = (message[6]! << 8) | message[7]!;
  let sum = checksum + (message[at]! << shift) + (~(byte << shift) & 0xffff);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  message[at] = byte;
  message[6] = sum >> 8;
  message[7] = sum & 0xff;
}

const reasonOf = (verdict: Verdict): DiscardReason | 'accepted' => (verdict.ok ? 'accepted' : verdict.reason);

describe("keepalived's own datagrams are accepted", () => {
  test.each(CAPTURES)('$title', ({ params, priority, source, datagram: captured }) => {
    // What the captured host sent to 10.9.0.4 is judged there, where the peer is the captured host.
    const receiver = params.unicastPeers.length > 0 ? { ...params, unicastPeers: [source] } : params;
    expect(validateAdvertisement(receiver, captured)).toEqual({
      ok: true,
      advertisement: {
        source,
        priority,
        advertisementInterval: params.advertisementInterval,
        addressListMatches: true,
      },
    });
    expect(virtualRouterIdOf(captured)).toBe(params.virtualRouterId);
  });
});

describe('each check at its borders', () => {
  test.each<[string, VrrpParameters, Forgery, DiscardReason | 'accepted']>([
    ['RFC 3768 §5.2.3: TTL 254', PLAIN_V2, { ttl: 254 }, 'ttl'],
    ['RFC 3768 §5.2.3: TTL 0', PLAIN_V2, { ttl: 0 }, 'ttl'],
    ['RFC 9568 §5.1.1.3: TTL 254', MULTICAST_V3, { ttl: 254 }, 'ttl'],
    ['keepalived: a unicast peer may be routers away', UNICAST_V2, { ttl: 254 }, 'accepted'],
    ['keepalived: even far away', UNICAST_V3, { ttl: 1 }, 'accepted'],
    ['RFC 3768 §5.3.1: version 3 for a v2 router', PLAIN_V2, { advert: { version: 3 } }, 'version'],
    ['RFC 9568 §5.2.1: version 2 for a v3 router', MULTICAST_V3, { advert: { version: 2 } }, 'version'],
    ['version 0', PLAIN_V2, { poke: { 0: 0x01 } }, 'version'],
    ['version 15', MULTICAST_V3, { poke: { 0: 0xf1 } }, 'version'],
    ['RFC 3768 §5.3.3: another VRID', PLAIN_V2, { advert: { virtualRouterId: 52 } }, 'vrid'],
    ['RFC 3768 §5.3.3: VRID 0', PLAIN_V2, { advert: { virtualRouterId: 0 } }, 'vrid'],
    [
      'RFC 2338 §5.3.6: PASS for a router without',
      PLAIN_V2,
      { advert: { authPass: text('flaginfo') } },
      'auth_type',
    ],
    [
      'RFC 2338 §5.3.6: none for a router with PASS',
      MULTICAST_V2,
      { advert: { authPass: null } },
      'auth_type',
    ],
    ['RFC 2338 §5.3.6: AH', MULTICAST_V2, { poke: { 4: 2 } }, 'auth_type'],
    ['RFC 2338 §5.3.6: a type that there is not', PLAIN_V2, { poke: { 4: 255 } }, 'auth_type'],
    ['password: the last byte', MULTICAST_V2, { advert: { authPass: text('flaginfO') } }, 'password'],
    ['password: the first byte', MULTICAST_V2, { advert: { authPass: text('Flaginfo') } }, 'password'],
    [
      'RFC 3768 §5.3.10: authentication bytes without a type are ignored',
      PLAIN_V2,
      { poke: { 12: 1 } },
      'accepted',
    ],
    ['RFC 3768 §7.1: interval 2 s', PLAIN_V2, { advert: { advertisementInterval: 2000 } }, 'advert_interval'],
    ['RFC 3768 §7.1: interval 0', PLAIN_V2, { advert: { advertisementInterval: 0 } }, 'advert_interval'],
    [
      'RFC 9568 §6.4.2: v3 takes another interval',
      MULTICAST_V3,
      { advert: { advertisementInterval: 10 } },
      'accepted',
    ],
    ['v3 interval 40.95 s', MULTICAST_V3, { advert: { advertisementInterval: 40_950 } }, 'accepted'],
    [
      'v3 interval 0 would be no wait at all',
      MULTICAST_V3,
      { advert: { advertisementInterval: 0 } },
      'advert_interval',
    ],
    ['RFC 3768 §5.3.2: type 0', PLAIN_V2, { poke: { 0: 0x20 } }, 'type'],
    ['RFC 3768 §5.3.2: type 2', PLAIN_V2, { poke: { 0: 0x22 } }, 'type'],
    ['RFC 9568 §5.2.2: type 15', MULTICAST_V3, { poke: { 0: 0x3f } }, 'type'],
    ['RFC 3768 §5.3.8: the checksum, high byte', PLAIN_V2, { poke: { 6: 0x01 } }, 'checksum'],
    ['RFC 9568 §5.2.8: the checksum, low byte', MULTICAST_V3, { poke: { 7: 0x01 } }, 'checksum'],
    ['RFC 3768 §5.3.5: one address more than there is', PLAIN_V2, { poke: { 3: 2 } }, 'packet_length'],
    ['RFC 3768 §5.3.5: 255 addresses that there are not', PLAIN_V2, { poke: { 3: 255 } }, 'packet_length'],
    ['RFC 3768 §5.3.5: one address fewer than there is', PLAIN_V2, { poke: { 3: 0 } }, 'packet_length'],
    ['RFC 9568 §5.2.5: one address more than there is', MULTICAST_V3, { poke: { 3: 2 } }, 'packet_length'],
    ['RFC 3768 §7.1: the IP total length is too long', PLAIN_V2, { trailer: 1 }, 'packet_length'],
    ['RFC 9568 §7.1: the IP total length is too long', MULTICAST_V3, { trailer: 8 }, 'packet_length'],
    ['Ethernet padding of a short v3 frame', MULTICAST_V3, { padding: 14 }, 'accepted'],
    ['any padding behind the datagram', PLAIN_V2, { padding: 1 }, 'accepted'],
    ['IP options', PLAIN_V2, { options: 4 }, 'accepted'],
    ['the longest IP header', MULTICAST_V3, { options: 40 }, 'accepted'],
    ['keepalived: multicast for a unicast router', UNICAST_V2, { destination: GROUP }, 'destination'],
    ['keepalived: multicast for a unicast v3 router', UNICAST_V3, { destination: GROUP }, 'destination'],
    ['keepalived: unicast for a multicast router', PLAIN_V2, { destination: OURS }, 'destination'],
    ['another multicast group', PLAIN_V2, { destination: '224.0.0.19' }, 'destination'],
    ['the second unicast peer', UNICAST_V2, { source: '10.9.0.4' }, 'accepted'],
    ['not a unicast peer', UNICAST_V2, { source: '10.9.0.5' }, 'peer'],
    ['anybody by multicast', PLAIN_V2, { source: '192.0.2.1' }, 'accepted'],
    ['RFC 3768 §5.3.4: priority 0', PLAIN_V2, { advert: { priority: 0 } }, 'accepted'],
    ['RFC 3768 §5.3.4: priority 255', PLAIN_V2, { advert: { priority: 255 } }, 'accepted'],
    [
      'departure from RFC 3768 §7.1, as keepalived: the owner of 255 listens too',
      router({ priority: 255 }),
      {},
      'accepted',
    ],
    [
      'departure from RFC 9568 §5.2.5, as keepalived: no address at all is another list, not a discard',
      MULTICAST_V3,
      { advert: { addresses: [] } },
      'accepted',
    ],
  ])('%s', (_, params, forgery, expected) => {
    expect(reasonOf(validateAdvertisement(params, datagram(params, forgery)))).toBe(expected);
  });
});

describe('what an accepted advertisement says', () => {
  test('source, priority and the interval of the packet', () => {
    const packet = datagram(MULTICAST_V3, {
      source: '192.0.2.1',
      advert: { priority: 7, advertisementInterval: 12_340 },
    });
    expect(validateAdvertisement(MULTICAST_V3, packet)).toEqual({
      ok: true,
      advertisement: {
        source: '192.0.2.1',
        priority: 7,
        advertisementInterval: 12_340,
        addressListMatches: true,
      },
    });
  });

  test.each([
    ['the same', ['10.9.0.5', '10.9.0.6'], true],
    ['in another order', ['10.9.0.6', '10.9.0.5'], true],
    ['one fewer', ['10.9.0.5'], false],
    ['one more', ['10.9.0.5', '10.9.0.6', '10.9.0.7'], false],
    ['another one', ['10.9.0.5', '10.9.0.7'], false],
    ['one of them twice', ['10.9.0.5', '10.9.0.5'], false],
  ])('RFC 3768 §7.1: the address list, %s: it counts anyway', (_, addresses, addressListMatches) => {
    const params = router({ addresses: ['10.9.0.5', '10.9.0.6'] });
    const verdict = validateAdvertisement(params, datagram(params, { advert: { addresses } }));
    expect(verdict).toMatchObject({ ok: true, advertisement: { addressListMatches } });
  });
});

describe('the order of the checks is that of keepalived', () => {
  /** Each mistake alone makes its reason; in this order the first of two makes it. */
  const flaws: readonly (readonly [DiscardReason, Forgery])[] = [
    ['packet_length', { poke: { 3: 255 } }],
    ['ttl', { ttl: 1 }],
    ['version', { poke: { 0: 0x41 } }],
    ['vrid', { poke: { 1: 99 } }],
    ['auth_type', { poke: { 4: 2 } }],
    ['password', { poke: { 12: 0 } }],
    ['advert_interval', { poke: { 5: 9 } }],
    ['type', { poke: { 0: 0x22 } }],
    ['packet_length', { trailer: 4 }],
    ['checksum', { poke: { 6: 0x01 } }],
    ['destination', { destination: OURS }],
  ];
  const pairs = flaws.flatMap((first, i) => flaws.slice(i + 1).map((second) => [first, second] as const));

  /** One version byte cannot be wrong in version and in type by two pokes: both nibbles then. */
  const both = (a: Forgery, b: Forgery): Forgery => ({
    ...a,
    ...b,
    poke: a.poke?.[0] && b.poke?.[0] ? { 0: 0x42 } : { ...b.poke, ...a.poke },
  });

  test.each(pairs)('%j before %j', ([reason, first], [, second]) => {
    const packet = datagram(MULTICAST_V2, both(first, second));
    expect(reasonOf(validateAdvertisement(MULTICAST_V2, packet))).toBe(reason);
  });

  test('a unicast router: the destination before the peer', () => {
    const packet = datagram(UNICAST_V2, { destination: GROUP, source: '192.0.2.1' });
    expect(reasonOf(validateAdvertisement(UNICAST_V2, packet))).toBe('destination');
  });
});

describe('every length', () => {
  test.each([
    ['v2', MULTICAST_V2],
    ['v3', MULTICAST_V3],
  ])('%s cut off on the way: packet_length, at each of its bytes', (_, params) => {
    const whole = datagram(params);
    for (let length = 0; length < whole.length; length++) {
      const verdict = validateAdvertisement(params, whole.subarray(0, length));
      expect(reasonOf(verdict), `${length} bytes`).toBe('packet_length');
    }
    expect(reasonOf(validateAdvertisement(params, whole))).toBe('accepted');
  });

  test.each([
    ['v2', MULTICAST_V2],
    ['v3', MULTICAST_V3],
  ])('%s sent short, with the IP total length right: packet_length as well', (_, params) => {
    const whole = datagram(params);
    for (let length = 20; length < whole.length; length++) {
      const short = whole.slice(0, length);
      short[3] = length;
      expect(reasonOf(validateAdvertisement(params, short)), `${length} bytes`).toBe('packet_length');
    }
  });

  test.each([
    ['a header of 16 bytes', 0, 0x44],
    ['a header of 0 bytes', 0, 0x40],
    ['a header longer than the datagram', 0, 0x4f],
    ['a total length shorter than the header', 3, 19],
    ['a total length beyond the datagram', 2, 1],
  ])('%s: packet_length, and no VRID', (_, at, byte) => {
    const packet = datagram(MULTICAST_V3);
    packet[at] = byte;
    expect(reasonOf(validateAdvertisement(MULTICAST_V3, packet))).toBe('packet_length');
    expect(virtualRouterIdOf(packet)).toBeNull();
  });
});

describe('properties', () => {
  const routers = fc.constantFrom(MULTICAST_V2, PLAIN_V2, MULTICAST_V3, UNICAST_V2, UNICAST_V3);

  test('random bytes never throw, and are never accepted', () => {
    fc.assert(
      fc.property(routers, fc.uint8Array({ maxLength: 80 }), (params, noise) => {
        virtualRouterIdOf(noise);
        expect(DISCARD_REASONS).toContain(reasonOf(validateAdvertisement(params, noise)));
      }),
      { numRuns: 500 },
    );
  });

  test('random damage to a good datagram never throws and is judged by a known reason', () => {
    const damage = fc.array(fc.tuple(fc.nat(43), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(routers, damage, fc.nat(44), (params, pokes, length) => {
        const packet = datagram(params).slice(0, length);
        for (const [at, byte] of pokes) if (at < packet.length) packet[at] = byte;
        virtualRouterIdOf(packet);
        const verdict = validateAdvertisement(params, packet);
        if (!verdict.ok) expect(DISCARD_REASONS).toContain(verdict.reason);
      }),
      { numRuns: 500 },
    );
  });

  test('the judged datagram is left as it was', () => {
    for (const params of [MULTICAST_V2, UNICAST_V3]) {
      const packet = datagram(params);
      const copy = packet.slice();
      validateAdvertisement(params, packet);
      expect(packet).toEqual(copy);
    }
  });
});
