/** RFC 3768 §5 and RFC 9568 §5: the advertisement on the wire, byte for byte that of keepalived. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyOf } from '../../../../src/core/ip-address.ts';
import {
  type Advertisement,
  authBytes,
  checksumHolds,
  decodeAddresses,
  decodeAuth,
  decodeHeader,
  encodeAdvertisement,
  messageLength,
} from '../../../../src/core/vrrp/packet.ts';
import { bytes, text } from '../bytes.ts';
import { CAPTURES } from './keepalived.ts';

const SOURCE = '10.9.0.3';
const GROUP = '224.0.0.18';

const advertisement = (changes: Partial<Advertisement> = {}): Advertisement => ({
  version: 2,
  virtualRouterId: 51,
  priority: 100,
  advertisementInterval: 1000,
  addresses: ['10.9.0.5'],
  authPass: null,
  ...changes,
});

describe("keepalived's own bytes", () => {
  test.each(CAPTURES)('$title', ({ params, priority, source, destination, datagram }) => {
    const message = datagram.subarray(familyOf(source) === 4 ? 20 : 40);
    expect(encodeAdvertisement({ ...params, priority }, source, destination)).toEqual(message);
    expect(checksumHolds(message, params.version, source, destination)).toBe(true);
    expect(decodeHeader(message)).toMatchObject({
      version: params.version,
      type: 1,
      virtualRouterId: params.virtualRouterId,
      priority,
      addressCount: params.addresses.length,
      advertisementInterval: params.advertisementInterval,
    });
    expect(decodeAddresses(message, params.addresses.length, familyOf(source))).toEqual(params.addresses);
  });
});

describe('RFC 3768 §5.3 and RFC 9568 §5.2: the fields', () => {
  test.each([
    // what, bytes 0..5 of the header
    ['VRID 1', { virtualRouterId: 1 }, '21 01 64 01 00 01'],
    ['VRID 255', { virtualRouterId: 255 }, '21 ff 64 01 00 01'],
    ['priority 255', { priority: 255 }, '21 33 ff 01 00 01'],
    ['v2 interval 255 s', { advertisementInterval: 255_000 }, '21 33 64 01 00 ff'],
    ['v2 with a password: Auth Type 1', { authPass: new Uint8Array(8) }, '21 33 64 01 01 01'],
    ['v3 interval 10 ms', { version: 3, advertisementInterval: 10 }, '31 33 64 01 00 01'],
    ['v3 interval 250 ms', { version: 3, advertisementInterval: 250 }, '31 33 64 01 00 19'],
    ['v3 interval 2.55 s', { version: 3, advertisementInterval: 2550 }, '31 33 64 01 00 ff'],
    ['v3 interval 2.56 s', { version: 3, advertisementInterval: 2560 }, '31 33 64 01 01 00'],
    ['v3 interval 12.34 s', { version: 3, advertisementInterval: 12_340 }, '31 33 64 01 04 d2'],
    ['v3 interval 40.95 s', { version: 3, advertisementInterval: 40_950 }, '31 33 64 01 0f ff'],
    [
      'v3 interval 0.07 s, which no binary fraction is',
      { version: 3, advertisementInterval: 0.07 * 1000 },
      '31 33 64 01 00 07',
    ],
  ] as const)('%s', (_, changes, expected) => {
    const advert = advertisement(changes);
    const message = encodeAdvertisement(advert, SOURCE, GROUP);
    expect(message.slice(0, 6)).toEqual(bytes(expected));
    expect(decodeHeader(message)?.advertisementInterval).toBe(Math.round(advert.advertisementInterval));
  });

  test('RFC 9568 §5.2.6: the reserved nibble beside the v3 interval is ignored', () => {
    expect(decodeHeader(bytes('3133640101000000'))?.advertisementInterval).toBe(2560);
    expect(decodeHeader(bytes('31336401f1000000'))?.advertisementInterval).toBe(2560);
  });

  test.each([0, 1, 7])('%i bytes are no header', (length) => {
    expect(decodeHeader(new Uint8Array(length))).toBeNull();
  });

  test.each([1, 2, 20, 255])('%i addresses', (count) => {
    const addresses = Array.from({ length: count }, (_, i) => `10.9.${i >> 7}.${i & 127}`);
    for (const version of [2, 3] as const) {
      const message = encodeAdvertisement(advertisement({ version, addresses }), SOURCE, GROUP);
      expect(message.length).toBe(8 + 4 * count + (version === 2 ? 8 : 0));
      expect(message.length).toBe(messageLength(version, count, 4));
      expect(message[3]).toBe(count);
      expect(decodeAddresses(message, count, 4)).toEqual(addresses);
      expect(checksumHolds(message, version, SOURCE, GROUP)).toBe(true);
    }
  });
});

describe('RFC 2338 §5.3.6.2 as keepalived has it: eight bytes of password', () => {
  test.each([
    ['', '00 00 00 00 00 00 00 00'],
    ['1111', '31 31 31 31 00 00 00 00'],
    ['flaginfo', '66 6c 61 67 69 6e 66 6f'],
    ['flaginfo9', '66 6c 61 67 69 6e 66 6f'],
  ])('%j', (password, expected) => {
    const authPass = authBytes(text(password));
    expect(authPass).toEqual(bytes(expected));
    const message = encodeAdvertisement(advertisement({ authPass }), SOURCE, GROUP);
    expect(decodeAuth(message, 1)).toEqual(authPass);
  });

  test('version 3 has none, even when there is a password', () => {
    const advert = advertisement({ version: 3, authPass: text('flaginfo') });
    expect(encodeAdvertisement(advert, SOURCE, GROUP).length).toBe(12);
  });
});

describe('RFC 1071: the checksum at its borders', () => {
  // Two addresses are free 16-bit words, with which the sum of all words is steered.
  test.each([
    ['the sum 0xfffe', '222.251.0.0', 0x0001],
    ['the sum 0xffff: the checksum is 0', '222.252.0.0', 0x0000],
    ['the sum 0x10000 folds to 1', '222.253.0.0', 0xfffe],
    ['the sum 0x1fffe folds to 0xffff', '222.251.255.255', 0x0001],
    ['the sum 0x1ffff folds to 0x10000 and once more', '222.253.255.255', 0xfffe],
  ])('%s', (_, address, expected) => {
    // 2101 + 0001 + 0001 + address
    const advert = advertisement({ virtualRouterId: 1, priority: 0, addresses: [address] });
    const message = encodeAdvertisement(advert, SOURCE, GROUP);
    expect((message[6]! << 8) | message[7]!).toBe(expected);
    expect(checksumHolds(message, 2, SOURCE, GROUP)).toBe(true);
  });

  test('the longest message of the largest words', () => {
    const addresses = Array.from({ length: 255 }, () => '255.255.255.255');
    const advert = advertisement({
      virtualRouterId: 255,
      priority: 255,
      addresses,
      authPass: bytes('ff'.repeat(8)),
    });
    expect(checksumHolds(encodeAdvertisement(advert, SOURCE, GROUP), 2, SOURCE, GROUP)).toBe(true);
  });

  test('0xffff and 0 are the same number in ones complement: both hold', () => {
    const zero = encodeAdvertisement(
      advertisement({ virtualRouterId: 1, priority: 0, addresses: ['222.252.0.0'] }),
      SOURCE,
      GROUP,
    );
    const ones = Uint8Array.from(zero);
    ones.set([0xff, 0xff], 6);
    expect([zero[6], zero[7]]).toEqual([0, 0]);
    expect(checksumHolds(ones, 2, SOURCE, GROUP)).toBe(true);
  });

  test('RFC 9568 §5.2.8: v3 covers the addresses of the IP header, v2 does not', () => {
    for (const version of [2, 3] as const) {
      const message = encodeAdvertisement(advertisement({ version }), SOURCE, GROUP);
      expect(checksumHolds(message, version, SOURCE, GROUP)).toBe(true);
      expect(checksumHolds(message, version, '10.9.0.4', GROUP)).toBe(version === 2);
      expect(checksumHolds(message, version, SOURCE, '10.9.0.4')).toBe(version === 2);
    }
  });
});

describe('properties', () => {
  const octet = fc.nat(255);
  const address = fc.tuple(octet, octet, octet, octet).map((four) => four.join('.'));
  const shared = {
    virtualRouterId: fc.integer({ min: 1, max: 255 }),
    priority: octet,
    addresses: fc.array(address, { minLength: 1, maxLength: 255 }),
  };
  const anyAdvertisement: fc.Arbitrary<Advertisement> = fc.oneof(
    fc.record({
      ...shared,
      version: fc.constant(2 as const),
      advertisementInterval: fc.integer({ min: 1, max: 255 }).map((seconds) => seconds * 1000),
      authPass: fc.option(fc.uint8Array({ minLength: 8, maxLength: 8 })),
    }),
    fc.record({
      ...shared,
      version: fc.constant(3 as const),
      advertisementInterval: fc.integer({ min: 1, max: 4095 }).map((centiseconds) => centiseconds * 10),
      authPass: fc.constant(null),
    }),
  );

  test('what was encoded is decoded', () => {
    fc.assert(
      fc.property(anyAdvertisement, address, address, (advert, source, destination) => {
        const message = encodeAdvertisement(advert, source, destination);
        const count = advert.addresses.length;
        expect(decodeHeader(message)).toMatchObject({
          version: advert.version,
          type: 1,
          virtualRouterId: advert.virtualRouterId,
          priority: advert.priority,
          addressCount: count,
          advertisementInterval: advert.advertisementInterval,
        });
        expect(message.length).toBe(messageLength(advert.version, count, 4));
        expect(decodeAddresses(message, count, 4)).toEqual(advert.addresses);
        if (advert.version === 2)
          expect(decodeAuth(message, count)).toEqual(advert.authPass ?? new Uint8Array(8));
        expect(checksumHolds(message, advert.version, source, destination)).toBe(true);
      }),
    );
  });

  test('a single flipped bit is always found', () => {
    fc.assert(
      fc.property(anyAdvertisement, fc.nat(), fc.nat(7), (advert, at, bit) => {
        const message = encodeAdvertisement(advert, SOURCE, GROUP);
        const index = at % message.length;
        message[index] = message[index]! ^ (1 << bit);
        expect(checksumHolds(message, advert.version, SOURCE, GROUP)).toBe(false);
      }),
    );
  });
});
