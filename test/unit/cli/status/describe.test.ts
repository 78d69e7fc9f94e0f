/** `status` as a person reads it: all of it for one pair, and each thing that may be in it. */
import { expect, describe as group, test } from 'vitest';
import { describe } from '../../../../src/cli/status/describe.ts';
import { createPaint } from '../../../../src/cli/status/paint.ts';
import type { PairStatus } from '../../../../src/daemon/status.ts';
import { INSTANCE, PEER, pairOf, STATUS, withInstance } from '../../daemon/sample-status.ts';

const NOW = Date.parse('2026-01-01T00:01:05.000Z');
const plain = (status: PairStatus) => describe(status, NOW, createPaint(false));

test('a pair', () => {
  expect(plain(pairOf(STATUS, PEER))).toBe(`memcache-ha 0.1.0, router host-a, pid 4711, up 65 s
 ! host-a: proxy front: copy 10.9.0.2:11211 is not whole yet

VI_1  MASTER for 60 s: master_down, last master 10.9.0.2 with priority 100
  interface eth0, VRID 51, priority 150
  master: this host, priority 150
  10.9.0.250 is here

memcached local  10.9.0.1:11211  up  whole  version 1.6.18, answered in 0.4 ms, pid 4712
  peer 10.9.0.2:11211  up  generation 3
proxy front  10.9.0.250:12000  listens, pid 4713
  copy 10.9.0.1:11211  whole, generation 3
  copy 10.9.0.2:11211  not whole, not read, generation 3
  refilling 10.9.0.2:11211 from 10.9.0.1:11211: first pass, 500 of 1000 items, 20000/s, 1 s left

peer host-b  10.9.0.2:9650  version 0.1.0, up 65 s
  VI_1  BACKUP for 60 s: startup, priority 100, holds no address
  memcached local  10.9.0.1:11211  up  whole  version 1.6.18, answered in 0.4 ms, pid 4712
    peer 10.9.0.2:11211  up  generation 3

VI_1, its last transitions
  2026-01-01T00:00:05.000Z  BACKUP -> MASTER  60 s so far  master_down, last master 10.9.0.2 with priority 100
  2026-01-01T00:00:01.000Z  INIT -> BACKUP    4 s          startup
`);
});

group('what is wrong comes first', () => {
  test('the peer is gone', () => {
    const lines = plain(pairOf(STATUS, 'connection refused')).split('\n');
    expect(lines[1]).toBe(' ! the peer 10.9.0.2:9650 does not answer: connection refused');
    expect(lines).toContain('peer 10.9.0.2:9650  does not answer: connection refused');
  });

  test('a fault', () => {
    const faults = [{ kind: 'memcached', name: 'local', detail: 'connection refused' } as const];
    const lines = plain(pairOf(withInstance({ state: 'FAULT', faults }))).split('\n');
    expect(lines[1]).toBe('!! VI_1 is in FAULT: memcached local: connection refused');
    expect(lines).toContain('  fault: memcached local: connection refused');
  });

  test('nobody is heard, drained', () => {
    const text = plain(pairOf({ ...withInstance({ state: 'BACKUP', master: null }), drained: true }));
    expect(text).toContain('\n!! VI_1: no MASTER is heard\n');
    expect(text).toContain('\n ! drained: stays out until `memcache-ha resume`\n');
    expect(text).toContain('\n  master: nobody is heard\n');
  });
});

test.each<[string, Partial<typeof INSTANCE>, string]>([
  ['a handover', { handing_over: true }, 'VI_1  MASTER for 60 s, handing over: master_down'],
  ['weights', { priority: 140 }, 'priority 140 (configured 150)'],
  ['use_vmac', { vmac: 'vrrp.51' }, 'interface eth0 (addresses on vrrp.51), VRID 51'],
  [
    'another master',
    { other_master: { address: '10.9.0.7', priority: 3, count: 1, at: '2026-01-01T00:01:00.000Z' } },
    'another master was heard beside us: 10.9.0.7, priority 3, once, last 5 s ago',
  ],
  [
    'a conflict',
    {
      virtual_addresses: [
        { address: 'fe80::5', held: true, conflict: { mac: 'aa:bb', count: 3, at: '2026-01-01T00:00:05Z' } },
      ],
    },
    '  fe80::5 is here, claimed by aa:bb as well: 3 times, last 60 s ago',
  ],
  [
    'a cold copy',
    { cold: [{ kind: 'memcached', name: 'local', detail: 'cold: generation 3, peer 4' }] },
    '  memcached local is cold: generation 3, peer 4: MASTER only while no other host is',
  ],
])('%s', (_, changes, expected) => {
  expect(plain(pairOf(withInstance(changes)))).toContain(expected);
});

test('several instances, and none that has begun', () => {
  const second = { ...INSTANCE, name: 'VI_2', state: 'INIT', transitions: [] } as const;
  const text = plain(pairOf({ ...STATUS, instances: [INSTANCE, second] }));
  expect(text).toContain('\n\nVI_2  INIT for 60 s\n');
  expect(text).toContain('\n\nVI_1, its last transitions\n');
  expect(text).not.toContain('VI_2, its last transitions');
});

test('colours by meaning, and the same words without them', () => {
  const pair = pairOf(withInstance({ state: 'FAULT' }), PEER, 'connection refused');
  const coloured = describe(pair, NOW, createPaint(true));
  expect(coloured).toContain('\x1b[1;31mFAULT\x1b[0m');
  expect(coloured).toContain('\x1b[1;36mBACKUP\x1b[0m');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  expect(coloured.replaceAll(/\x1b\[[\d;]+m/g, '')).toBe(plain(pair));
});

test('what a peer says cannot write to the terminal', () => {
  const evil = { ...PEER, router_id: 'b\x1b]0;x\x07\x9b2J\nroot' };
  const text = plain(pairOf(STATUS, evil));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
  expect(text).toContain('peer b\uFFFD]0;x\uFFFD\uFFFD2J\uFFFDroot  10.9.0.2:9650');
});
