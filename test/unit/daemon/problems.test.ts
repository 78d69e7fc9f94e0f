/** What is told as wrong of a host and of a pair. */
import { expect, test } from 'vitest';
import { problemsOf } from '../../../src/daemon/problems.ts';
import type { PairStatus, Status } from '../../../src/daemon/status.ts';
import { type INSTANCE, PEER, pairOf, STATUS, withInstance } from './sample-status.ts';

const NOW = Date.parse('2026-01-01T01:00:00.000Z');
const LATELY = '2026-01-01T00:59:50.000Z';
const LONG_AGO = '2026-01-01T00:10:00.000Z';

/** Nothing to say against it. */
const WELL: Status = {
  ...STATUS,
  proxies: STATUS.proxies.map((proxy) => ({
    ...proxy,
    copies: proxy.copies.map((copy) => ({ ...copy, whole: true })),
    refill: null,
  })),
};
const memcached = (changes: Partial<Status['memcached'][number]>): Status => ({
  ...WELL,
  memcached: [{ ...WELL.memcached[0]!, ...changes }],
});
const own = (changes: Partial<typeof INSTANCE>) => withInstance(changes, WELL);
const idle = withInstance({ state: 'BACKUP', master: null, proxy: null }, WELL);
const other = { address: '10.9.0.7', priority: 3, count: 2 };
const claimed = (at: string) => [
  { address: '10.9.0.250', held: true, conflict: { mac: 'aa:bb', count: 1, at } },
];

test.each<[string, PairStatus, string[]]>([
  ['a host that is well', pairOf(WELL), []],
  ['a pair that is well', pairOf(WELL, PEER), []],
  ['seen from the other side', pairOf(PEER, WELL), []],
  [
    'a peer that does not answer',
    pairOf(WELL, 'connection refused'),
    ['warning: the peer 10.9.0.2:9650 does not answer: connection refused'],
  ],
  ['two masters', pairOf(WELL, { ...WELL, router_id: 'host-b' }), ['bad: VI_1: 2 hosts are MASTER at once']],
  [
    'two for a moment, of which one hands over',
    pairOf(own({ handing_over: true }), { ...WELL, router_id: 'host-b' }),
    [],
  ],
  ['nobody', pairOf(idle, withInstance({ master: null }, PEER)), ['bad: VI_1: no host is MASTER']],
  ['nobody as far as one can see', pairOf(idle), ['bad: VI_1: no MASTER is heard']],
  [
    'the VRID of another router',
    pairOf(idle, withInstance({ name: 'VI_9', virtual_addresses: [] }, WELL)),
    ['bad: VI_1: no host is MASTER'],
  ],
  [
    'a fault, and a peer in trouble: the worst first, with its host',
    pairOf(
      { ...PEER, drained: true },
      withInstance(
        {
          state: 'FAULT',
          virtual_addresses: [],
          faults: [{ kind: 'memcached', name: 'local', detail: 'connection refused' }],
        },
        WELL,
      ),
    ),
    [
      'bad host-a: VI_1 is in FAULT: memcached local: connection refused',
      'warning host-b: drained: stays out until `memcache-ha resume`',
    ],
  ],
  [
    'another master, lately',
    pairOf(own({ other_master: { ...other, at: LATELY } })),
    ['bad host-a: VI_1: another master is heard beside this one, 10.9.0.7'],
  ],
  [
    'the last word of the master before, as this one took over',
    pairOf(own({ since: '2026-01-01T00:59:49.500Z', other_master: { ...other, at: LATELY } })),
    [],
  ],
  ['another master, long ago', pairOf(own({ other_master: { ...other, at: LONG_AGO } })), []],
  [
    'a conflict, lately',
    pairOf(own({ virtual_addresses: claimed(LATELY) })),
    ['bad host-a: VI_1: 10.9.0.250 is claimed by aa:bb as well'],
  ],
  ['a conflict, long ago', pairOf(own({ virtual_addresses: claimed(LONG_AGO) })), []],
  [
    'a MASTER without its address',
    pairOf(own({ virtual_addresses: [{ address: '10.9.0.250', held: false, conflict: null }] })),
    ['bad host-a: VI_1 is MASTER, but 10.9.0.250 is not here'],
  ],
  ['INIT', pairOf(own({ state: 'INIT' })), ['warning host-a: VI_1 waits for its first checks']],
  [
    'a memcached that is down',
    pairOf(memcached({ status: 'down', detail: 'no answer within 500 ms' })),
    ['bad host-a: memcached local is down: no answer within 500 ms'],
  ],
  [
    'a copy that is cold, and its peer that is gone',
    pairOf(
      memcached({
        copy: 'cold (generation 3, peer 4)',
        peer: { address: '10.9.0.2:11211', status: 'down', detail: 'refused', generation: null },
      }),
    ),
    [
      'warning host-a: memcached local is cold (generation 3, peer 4)',
      'warning host-a: memcached local: its peer 10.9.0.2:11211 is gone: refused',
    ],
  ],
  [
    'a proxy that does not run where it should, and a script',
    pairOf({
      ...WELL,
      scripts: [{ name: 'chk', status: 'down', detail: 'exit code 1' }],
      proxies: [{ ...WELL.proxies[0]!, up: false, detail: 'five deaths in 10 s' }],
    }),
    [
      'bad host-a: proxy front does not run: five deaths in 10 s',
      'warning host-a: script chk is down: exit code 1',
    ],
  ],
  [
    'a copy that is being refilled',
    pairOf(STATUS),
    ['warning host-a: proxy front: copy 10.9.0.2:11211 is not whole yet'],
  ],
])('%s', (_, status, expected) => {
  const told = problemsOf(status, NOW).map(
    ({ severity, host, text }) => `${severity}${host === null ? '' : ` ${host}`}: ${text}`,
  );
  expect(told).toEqual(expected);
});
