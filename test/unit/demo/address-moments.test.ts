import { expect, test } from 'vitest';
import { addressWatch } from '../../../src/demo/address-moments.ts';

const HERE =
  '2: eth0    inet 10.9.0.250/32 scope global dynamic eth0\\       valid_lft 2sec preferred_lft 2sec';

test('the VIP comes and goes; renewals and other addresses are no moments', () => {
  const read = addressWatch('A');
  const kinds = [
    '2: eth0    inet 10.9.0.101/24 brd 10.9.0.255 scope global eth0',
    HERE,
    HERE,
    '2: eth0    inet 10.9.0.25/32 scope global eth0',
    `Deleted ${HERE}`,
    `Deleted ${HERE}`,
    HERE,
  ].map((line, t) => read(t, line));
  expect(kinds.map((moment) => moment && [moment.t, moment.witness, moment.kind])).toEqual([
    null,
    [1, 'A', 'vip-on'],
    null,
    null,
    [4, 'A', 'vip-off'],
    null,
    [6, 'A', 'vip-on'],
  ]);
});
