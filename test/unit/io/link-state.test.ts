import { expect, test } from 'vitest';
import { parseAddresses, parseRoutes, parseVlans } from '../../../src/io/link-state.ts';

test('of the routes, those that do not come back by themselves; gateways last', () => {
  const text = `default via 10.9.0.2 metric 100 onlink
10.77.0.0/16 table 77 scope link
10.9.0.0/24 proto kernel scope link src 10.9.0.1
local 10.9.0.1 table local proto kernel scope host src 10.9.0.1
broadcast 10.9.0.255 table local proto kernel scope link src 10.9.0.1
default via fe80::1 proto ra metric 1024 expires 1500sec pref medium
multicast ff00::/8 table local proto kernel metric 256 pref medium
`;
  expect(parseRoutes(text).map((words) => words.join(' '))).toEqual([
    '10.77.0.0/16 table 77 scope link',
    'default via 10.9.0.2 metric 100 onlink',
  ]);
  expect(parseRoutes('')).toEqual([]);
});

test('of the addresses, all that ip tells of', () => {
  const json =
    '[{},{"ifname":"eth0","addr_info":[{"family":"inet6","local":"fd00::1","prefixlen":64},{"local":"fe80::1","prefixlen":64}]}]';
  expect(parseAddresses(json)).toEqual(['fd00::1/64', 'fe80::1/64']);
  expect(parseAddresses('')).toEqual([]);
});

test('of the VLANs, those that ride on the interface', () => {
  const text = `VLAN Dev name\t | VLAN ID
Name-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD
eth0.5         | 5  | eth0
storage        | 20  | eth0
eth01.7        | 7  | eth01
`;
  expect(parseVlans(text, 'eth0')).toEqual(['eth0.5', 'storage']);
  expect(parseVlans(text, 'eth0.5')).toEqual([]);
  expect(parseVlans('', 'eth0')).toEqual([]);
});
