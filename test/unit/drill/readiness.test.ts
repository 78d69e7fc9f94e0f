import { describe, expect, test } from 'vitest';
import type { Status } from '../../../src/daemon/status.ts';
import { HERE } from '../../../src/drill/hosts.ts';
import { pairTroubles } from '../../../src/drill/readiness.ts';
import { backup, instance, memcached, pair, proxy, seen, status, unseen } from './sample.ts';

const AT = '2026-01-01T00:00:00.000Z';
const fault = { kind: 'memcached', name: 'local', detail: 'connection refused' } as const;
const own = (changes: Parameters<typeof instance>[0]): Status => status({ instances: [instance(changes)] });
const other = (changes: Parameters<typeof instance>[0]): Status =>
  backup({ instances: [instance({ state: 'BACKUP', ...changes })] });

describe('a pair that is well', () => {
  test('from the MASTER and from the BACKUP', () => {
    expect(pairTroubles(pair(), 'VI_1')).toEqual([]);
    expect(pairTroubles(pair(backup(), status()), 'VI_1')).toEqual([]);
  });

  test('the instance may have another name on the other host', () => {
    expect(pairTroubles(pair(status(), other({ name: 'main' })), 'VI_1')).toEqual([]);
  });

  test('alone, when nobody else is looked at', () => {
    expect(pairTroubles([seen(HERE, status())], 'VI_1')).toEqual([]);
  });
});

describe('what is not well', () => {
  test.each<[string, Status, Status, RegExp]>([
    ['drained here', status({ drained: true }), backup(), /^here: it is drained/],
    ['drained there', status(), backup({ drained: true }), /^peer: it is drained/],
    [
      'a fault',
      own({ state: 'FAULT', faults: [fault] }),
      backup(),
      /^here: VI_1 is FAULT \(memcached local: connection refused\)$/,
    ],
    ['a fault there', status(), other({ state: 'FAULT', faults: [fault] }), /^peer: VI_1 is FAULT/],
    ['handing over', own({ handing_over: true }), backup(), /^here: VI_1 is handing over$/],
    [
      'a BACKUP that hears nobody',
      status(),
      other({ master: null }),
      /^peer: VI_1 is BACKUP and hears no master$/,
    ],
    [
      'memcached down there',
      status(),
      backup({ memcached: [memcached({ status: 'down', detail: 'refused' })] }),
      /^peer: memcached local is down: refused$/,
    ],
    [
      'a cold copy there',
      status(),
      backup({ memcached: [memcached({ copy: 'cold (generation 1, peer 2)' })] }),
      /^peer: the copy of memcached local is cold/,
    ],
    [
      'the proxy is not there',
      status({ proxies: [proxy({ up: false, detail: 'keeps dying' })] }),
      backup(),
      /^here: proxy front does not listen: keeps dying$/,
    ],
    [
      'a refill',
      status({
        proxies: [
          proxy({
            refill: {
              target: 'b',
              source: 'a',
              pass: 'first pass',
              waiting: false,
              done: 1,
              total: 9,
              stored: 1,
              rate: 1,
              left: null,
            },
          }),
        ],
      }),
      backup(),
      /^here: proxy front: refilling b, 1 of 9 items$/,
    ],
    [
      'a MASTER without the address',
      own({ virtual_addresses: [{ address: '10.9.0.250', held: false, conflict: null }] }),
      backup(),
      /^here: 10.9.0.250 is not here although it is MASTER$/,
    ],
    [
      'two holders',
      own({
        virtual_addresses: [
          { address: '10.9.0.250', held: true, conflict: { mac: '02:00:00:00:00:01', count: 1, at: AT } },
        ],
      }),
      backup(),
      /^here: 10.9.0.250 is claimed by 02:00:00:00:00:01 as well$/,
    ],
    ['two masters', status(), status(), /^here and peer are MASTER at the same time$/],
    [
      'another virtual router',
      status(),
      other({ virtual_router_id: 52 }),
      /^peer: it has no instance with VRID 51 and the same address$/,
    ],
    [
      'another address',
      status(),
      other({ virtual_addresses: [{ address: '10.9.0.251', held: false, conflict: null }] }),
      /^peer: it has no instance/,
    ],
  ])('%s', (_, here, peer, trouble) => {
    expect(pairTroubles(pair(here, peer), 'VI_1')).toEqual([expect.stringMatching(trouble)]);
  });

  test('a copy that the proxy does not read, and one that it does not reach', () => {
    const [a, b] = proxy().copies;
    const copies = [
      { ...a!, whole: false },
      { ...b!, up: false },
    ];
    expect(pairTroubles(pair(status({ proxies: [proxy({ copies })] })), 'VI_1')).toEqual([
      'here: proxy front: copy 10.9.0.101:11211 is not whole',
      'here: proxy front: copy 10.9.0.102:11211 is out',
    ]);
  });

  test('nobody is MASTER', () => {
    expect(pairTroubles(pair(backup(), backup()), 'VI_1')).toEqual(['nobody is MASTER']);
  });

  test('hosts that do not answer', () => {
    expect(pairTroubles([seen(HERE, status()), unseen('peer', 'connection refused')], 'VI_1')).toEqual([
      'peer: connection refused',
    ]);
    expect(pairTroubles([unseen(HERE, 'gone'), seen('peer', backup())], 'VI_1')).toEqual(['here: gone']);
  });

  test('an old claim to the address is no trouble any more', () => {
    const conflict = { mac: '02:00:00:00:00:01', count: 1, at: '2025-12-31T23:59:00.000Z' };
    const here = own({ virtual_addresses: [{ address: '10.9.0.250', held: true, conflict }] });
    expect(pairTroubles(pair(here), 'VI_1')).toEqual([]);
  });
});
