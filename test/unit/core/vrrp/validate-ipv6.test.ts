/** RFC 9568 §7.1 over IPv6: the receive checks, each at its borders. */
import { describe, expect, test } from 'vitest';
import { addressBytes } from '../../../../src/core/ip-address.ts';
import { sourceOf } from '../../../../src/core/vrrp/datagram.ts';
import { encodeAdvertisement } from '../../../../src/core/vrrp/packet.ts';
import type { VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import {
  type DiscardReason,
  validateAdvertisement,
  virtualRouterIdOf,
} from '../../../../src/core/vrrp/validate.ts';
import { router } from './table.ts';

const PEER = 'fe80::2';
const OURS = 'fe80::3';
const GROUP = 'ff02::12';

const MULTICAST = router({ version: 3, addresses: ['fe80::250', 'fd00:9::250'] });
const UNICAST = router({ version: 3, addresses: ['fd00:9::250'], unicastPeers: [PEER] });

interface Forgery {
  readonly advert?: Partial<VrrpParameters>;
  readonly source?: string;
  readonly destination?: string;
  readonly hopLimit?: number;
  /** Bytes behind the VRRP message, within the payload length. */
  readonly trailer?: number;
  /** Bytes behind the datagram: Ethernet padding. */
  readonly padding?: number;
  /** Bytes of the message to turn over, by offset. */
  readonly flip?: readonly number[];
  /** What is left of the whole datagram. */
  readonly cut?: number;
}

function datagram(params: VrrpParameters, forgery: Forgery = {}): Uint8Array {
  const unicast = params.unicastPeers.length > 0;
  const { source = PEER, destination = unicast ? OURS : GROUP, hopLimit = 255 } = forgery;
  const { trailer = 0, padding = 0, flip = [], cut } = forgery;
  const message = encodeAdvertisement({ ...params, ...forgery.advert }, source, destination);
  for (const at of flip) message[at]! ^= 0xff;
  const length = message.length + trailer;
  const packet = new Uint8Array(40 + length + padding);
  packet.set([0x6c, 0, 0, 0, length >> 8, length & 0xff, 112, hopLimit]);
  packet.set(addressBytes(source), 8);
  packet.set(addressBytes(destination), 24);
  packet.set(message, 40);
  return packet.subarray(0, cut);
}

test.each<[string, VrrpParameters, Forgery, DiscardReason | 'accepted']>([
  ['as the peer sends it', MULTICAST, {}, 'accepted'],
  ['as a unicast peer sends it', UNICAST, {}, 'accepted'],
  ['RFC 9568 §5.1.2.3: hop limit 254', MULTICAST, { hopLimit: 254 }, 'ttl'],
  ['RFC 9568 §5.1.2.3: hop limit 0', MULTICAST, { hopLimit: 0 }, 'ttl'],
  ["keepalived's unicast hop limit, 64", UNICAST, { hopLimit: 64 }, 'accepted'],
  ['RFC 9568 §5.1.2.2: multicast sent to us alone', MULTICAST, { destination: OURS }, 'destination'],
  ['another group', MULTICAST, { destination: 'ff02::13' }, 'destination'],
  ['multicast for a unicast router', UNICAST, { destination: GROUP }, 'destination'],
  ['keepalived: no peer of ours', UNICAST, { source: 'fe80::4' }, 'peer'],
  ['another VRID', MULTICAST, { advert: { virtualRouterId: 52 } }, 'vrid'],
  ['RFC 9568 §5.2.8: a wrong checksum', MULTICAST, { flip: [6] }, 'checksum'],
  ['RFC 9568 §5.2.8: a changed address', MULTICAST, { flip: [39] }, 'checksum'],
  ['no interval', MULTICAST, { advert: { advertisementInterval: 0 } }, 'advert_interval'],
  ['an address too many', MULTICAST, { trailer: 16 }, 'packet_length'],
  ['a byte too many', MULTICAST, { trailer: 1 }, 'packet_length'],
  ['Ethernet padding', MULTICAST, { padding: 7 }, 'accepted'],
  ['a byte too few', MULTICAST, { cut: 40 + 39 }, 'packet_length'],
  ['nothing but the IP header', MULTICAST, { cut: 40 }, 'packet_length'],
  ['half an IP header', MULTICAST, { cut: 20 }, 'packet_length'],
])('%s', (_, params, forgery, expected) => {
  const verdict = validateAdvertisement(params, datagram(params, forgery));
  expect(verdict.ok ? 'accepted' : verdict.reason).toBe(expected);
});

describe('the checksum has the addresses of the IP header in it', () => {
  test.each([
    ['source', 8],
    ['destination', 24],
  ])('%s', (_, offset) => {
    const packet = datagram(UNICAST);
    packet[offset + 15]! ^= 0x08;
    expect(validateAdvertisement(UNICAST, packet)).toEqual({ ok: false, reason: 'checksum' });
  });
});

test.each([
  ['the same list', {}, true],
  ['in another order', { addresses: ['fd00:9::250', 'fe80::250'] }, true],
  ['one less', { addresses: ['fe80::250'] }, false],
  ['another one', { addresses: ['fe80::250', 'fd00:9::251'] }, false],
])('an accepted advertisement with %s', (_, advert, addressListMatches) => {
  const packet = datagram(MULTICAST, { advert: { priority: 7, ...advert } });
  expect(validateAdvertisement(MULTICAST, packet)).toEqual({
    ok: true,
    advertisement: { source: PEER, priority: 7, advertisementInterval: 1000, addressListMatches },
  });
  expect(virtualRouterIdOf(packet)).toBe(MULTICAST.virtualRouterId);
  expect(sourceOf(packet)).toBe(PEER);
});
