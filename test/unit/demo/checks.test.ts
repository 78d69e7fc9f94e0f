import { expect, test } from 'vitest';
import { differences, missing } from '../../../src/demo/checks.ts';
import type { Moment } from '../../../src/demo/moment.ts';
import type { View } from '../../../src/demo/picture.ts';

test('what was wanted and not seen: a host is seen by itself or on the wire', () => {
  const moments: Moment[] = [
    { t: 1, witness: 'A', kind: 'fault', text: '' },
    { t: 2, witness: 'wire', about: 'B', kind: 'arp', text: '' },
    { t: 3, witness: 'client', kind: 'answers-again', text: '' },
  ];
  expect(
    missing(
      [
        ['A', 'fault'],
        ['B', 'fault'],
        ['B', 'arp'],
        ['A', 'arp'],
        ['client', 'answers-again'],
        ['client', 'answers-lost'],
      ],
      moments,
    ),
  ).toEqual([
    ['B', 'fault'],
    ['A', 'arp'],
    ['client', 'answers-lost'],
  ]);
});

test('the VIP and the proxy belong to the MASTER alone', () => {
  const view = (label: 'A' | 'B', change: Partial<View>): View => ({
    label,
    address: '',
    state: 'BACKUP',
    holdsVip: false,
    proxyListens: false,
    memcachedListens: true,
    ...change,
  });
  const serving = { state: 'MASTER', holdsVip: true, proxyListens: true };
  const expected = { master: 'A', other: 'BACKUP', memcached: ['A', 'B'] } as const;
  const compare = (a: Partial<View>, b: Partial<View>) =>
    differences({ A: view('A', a), B: view('B', b) }, expected);
  expect(compare(serving, {})).toEqual([]);
  expect(compare(serving, { holdsVip: true })).toEqual(['B: VIP here is true, not false']);
  expect(compare({ ...serving, proxyListens: false }, { state: null })).toEqual([
    'A: proxy listening is false, not true',
    'B: state is null, not BACKUP',
  ]);
  expect(compare({ ...serving, memcachedListens: false }, {})).toEqual([
    'A: memcached up is false, not true',
  ]);
});
