/** What is read of `ip -j addr`: the addresses that are in use, in their canonical form. */
import { expect, test } from 'vitest';
import { parseNetwork } from '../../../src/io/network.ts';

test('addresses of both families, without those whose uniqueness is in doubt', () => {
  const inet6 = { family: 'inet6', prefixlen: 64 };
  const network = parseNetwork(
    JSON.stringify([
      {},
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
        address: '02:00:0a:09:00:03',
        addr_info: [
          { family: 'inet', local: '10.9.0.3', prefixlen: 24 },
          { ...inet6, local: 'fd00:9:0:0::3' },
          { ...inet6, local: 'fd00:9::250', prefixlen: 128, deprecated: true, nodad: true },
          { ...inet6, local: 'fe80::3', tentative: true },
          { ...inet6, local: 'fe80::4', tentative: true, dadfailed: true },
          { ...inet6, local: 'fe80::5' },
        ],
      },
    ]),
  );
  expect([...network.values()]).toEqual([
    {
      name: 'eth0',
      index: 2,
      mac: Uint8Array.from([2, 0, 10, 9, 0, 3]),
      up: true,
      addresses: [
        { address: '10.9.0.3', prefixLength: 24 },
        { address: 'fd00:9::3', prefixLength: 64 },
        { address: 'fd00:9::250', prefixLength: 128 },
        { address: 'fe80::5', prefixLength: 64 },
      ],
    },
  ]);
});
