/** IPv6 adverts that a stranger on the same network sends: what the kernel tells of their header is judged and counted. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeAdvertisement } from '../../src/core/vrrp/packet.ts';
import type { DiscardReason } from '../../src/core/vrrp/validate.ts';
import { until } from '../../src/lab/await.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { type Daemon, startDaemon } from './support/daemon.ts';
import { ADVERT_INT, ours, PAIR, withoutPrefix } from './support/ipv6.ts';
import { sendFrames } from './support/send-frame.ts';
import { type Datagram, vrrpFrameIpv6 } from './support/vrrp-frame.ts';

describe('a MASTER and a stranger', () => {
  let lab: Lab<'a' | 'b'>;
  let daemon: Daemon;
  const STRANGER = { sourceMac: '02:00:0a:09:00:0a', source: 'fe80::10' };
  const advert = (
    changes: Partial<Parameters<typeof encodeAdvertisement>[0]> = {},
    destination = 'ff02::12',
  ): Uint8Array => {
    const right = {
      version: 3 as const,
      virtualRouterId: PAIR.vrid,
      priority: 254,
      advertisementInterval: ADVERT_INT * 1000,
      addresses: PAIR.vips.map(withoutPrefix),
      authPass: null,
      ...changes,
    };
    return encodeAdvertisement(right, STRANGER.source, destination);
  };
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhaforgesix', ipv6: true });
    daemon = await startDaemon(lab.hosts.a, {
      vrrp_instance: { VI_6: ours({ ...PAIR, priority: 100 }) },
    });
    await daemon.waitState('MASTER');
  });
  afterAll(() => lab.destroy());

  const wrongChecksum = advert();
  wrongChecksum[6]! ^= 0xff;
  const toA = { destination: 'fe80::101', destinationMac: '02:00:0a:09:00:65' };
  test.each<[string, DiscardReason, Partial<Datagram> & { message: Uint8Array }]>([
    ['with hop limit 254', 'ttl', { message: advert(), ttl: 254 }],
    ['with hop limit 0', 'ttl', { message: advert(), ttl: 0 }],
    ['with a wrong checksum', 'checksum', { message: wrongChecksum }],
    ['of another VRID', 'vrid', { message: advert({ virtualRouterId: 67 }) }],
    ['cut short', 'packet_length', { message: advert().subarray(0, 30) }],
    ['of five bytes', 'packet_length', { message: advert().subarray(0, 5) }],
    ['with more addresses than it has', 'packet_length', { message: Uint8Array.from([...advert(), 0]) }],
    ['of version 2', 'version', { message: advert({ version: 2 }).subarray(0, 40) }],
    ['that was sent to this host alone', 'destination', { ...toA, message: advert({}, toA.destination) }],
  ])('an advert %s is counted as %s, and changes nothing', async (_, reason, datagram) => {
    const discarded = async () =>
      (await daemon.metrics()).value('memcache_ha_vrrp_advertisements_discarded_total', { reason }) ?? 0;
    const before = await discarded();
    await sendFrames(lab.client, [vrrpFrameIpv6({ ...STRANGER, ...datagram })]);
    await until(`it is counted as ${reason}`, async () => (await discarded()) === before + 1);
    expect((await daemon.instance()).state).toBe('MASTER');
  });

  test('a right one is believed', async () => {
    await sendFrames(lab.client, [vrrpFrameIpv6({ ...STRANGER, message: advert() })]);
    const backup = await daemon.waitState('BACKUP');
    expect(backup.master).toEqual({ address: 'fe80::10', priority: 254, self: false });
  });
});
