/** What one run leaves to the next, and when that is of use. */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import type { CheckStanding } from '../../../src/daemon/health.ts';
import {
  asRecord,
  type Inheritance,
  inherit as inheritRecord,
  NOTHING,
  recentMasters,
  recordFile,
  type StandingRecord,
  writeRecord,
} from '../../../src/daemon/record.ts';
import { sinceBoot } from '../../../src/io/boot.ts';
import { type Network, parseNetwork } from '../../../src/io/network.ts';
import { configOf } from '../config/sample.ts';

const YAML = `
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [10.0.0.5/24, 10.0.0.6]
  VI_2:
    interface: eth0
    virtual_router_id: 52
    virtual_ipaddress: [10.0.0.7]
`;
const GROUP = `${YAML}
vrrp_sync_group:
  G: { group: [VI_1, VI_2] }
`;
const config = configOf(YAML);
const CHECKS = new Map<string, CheckStanding>([['script chk', { status: 'up', streak: 0, detail: '' }]]);

/** eth0 with these addresses, ADDRESS/LEN. */
const network = (...addresses: string[]): Network =>
  parseNetwork(
    JSON.stringify([
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['UP', 'LOWER_UP'],
        address: '02:00:00:00:00:01',
        addr_info: addresses.map((address) => {
          const [local, prefixlen] = address.split('/');
          return { family: 'inet', local, prefixlen: Number(prefixlen) };
        }),
      },
    ]),
  );
const ALL = network('10.0.0.1/24', '10.0.0.5/24', '10.0.0.6/32', '10.0.0.7/32');

/** The record of a run in which these instances spoke so many ms ago, as it is read from its file. */
function record(spoke: Readonly<Record<string, number>>, of: Config = config): StandingRecord {
  const now = sinceBoot();
  const written = writeRecord(false, CHECKS, of, (name) =>
    name in spoke ? { at: now - spoke[name]!, priority: 150, source: '10.0.0.1' } : null,
  );
  return JSON.parse(JSON.stringify(written)) as StandingRecord;
}

const inherit = (
  found: unknown,
  to: Config,
  on: Network,
  spoken: Readonly<Record<string, number>> = {},
): Inheritance => inheritRecord(asRecord(found), to, on, new Map(Object.entries(spoken)));

const mastersOf = (found: unknown, to: Config = config, on: Network = ALL): string[] => [
  ...inherit(found, to, on).masters.keys(),
];

describe('an instance may go on as MASTER', () => {
  test('when it was MASTER, spoke lately and still has its addresses', () => {
    const inherited = inherit(record({ VI_1: 500 }), config, ALL);
    expect([...inherited.masters.keys()]).toEqual(['VI_1']);
    expect(sinceBoot() - inherited.masters.get('VI_1')!).toBeGreaterThanOrEqual(500);
    expect(inherited.checks).toEqual(CHECKS);
  });

  test.each<[string, unknown, Config?, Network?]>([
    ['it was not MASTER', record({})],
    ['it spoke so long ago that it was missed', record({ VI_1: 3000 })],
    ['one of its addresses is gone', record({ VI_1: 500 }), config, network('10.0.0.5/24')],
    ['one has another prefix', record({ VI_1: 500 }), config, network('10.0.0.5/32', '10.0.0.6/32')],
    ['its VRID is another', record({ VI_1: 500 }), configOf(YAML.replace('51', '99'))],
    ['its interval is another', record({ VI_1: 500 }), configOf(YAML.replace('51', '51\n    advert_int: 2'))],
    [
      'it has none of its addresses any more',
      record({ VI_1: 500 }),
      configOf(YAML.replace('10.0.0.5/24, 10.0.0.6', '10.0.0.8')),
    ],
    ['the record is of another boot', { ...record({ VI_1: 500 }), bootId: 'x' }],
    ['the record is of another format', { ...record({ VI_1: 500 }), format: '0' }],
    ['it says to have spoken in the future', record({ VI_1: -60_000 })],
    ['there is no record', null],
  ])('not when %s', (_title, found, to, on) => {
    expect(mastersOf(found, to, on)).toEqual([]);
  });

  test('with an address more than before, and with one less', () => {
    const more = configOf(YAML.replace('10.0.0.6]', '10.0.0.6, 10.0.0.8]'));
    const less = configOf(YAML.replace(', 10.0.0.6]', ']'));
    expect(mastersOf(record({ VI_1: 500 }), more)).toEqual(['VI_1']);
    expect(mastersOf(record({ VI_1: 500 }), less)).toEqual(['VI_1']);
  });

  test('with the others of its sync group, or not at all', () => {
    const group = configOf(GROUP);
    expect(mastersOf(record({ VI_1: 500, VI_2: 500 }), group)).toEqual(['VI_1', 'VI_2']);
    expect(mastersOf(record({ VI_1: 500 }), group)).toEqual([]);
  });
});

describe('the first word of the next run', () => {
  test('repeats the last one of those that nobody can have missed, as it was', () => {
    const found = asRecord(record({ VI_1: 500, VI_2: 3000 }))!;
    const masters = recentMasters(found, config, new Map());
    expect([...masters]).toEqual([['VI_1', expect.objectContaining({ priority: 150, source: '10.0.0.1' })]]);
  });

  test('is what the peers count from', () => {
    const late = record({ VI_1: 2990 });
    expect(inherit(late, config, ALL, { VI_1: sinceBoot() }).masters.get('VI_1')).toBeGreaterThan(
      sinceBoot() - 100,
    );
    expect(mastersOf(record({ VI_1: 4000 }))).toEqual([]);
    expect([...inherit(record({ VI_1: 4000 }), config, ALL, { VI_1: sinceBoot() }).masters.keys()]).toEqual([
      'VI_1',
    ]);
  });
});

describe('what is inherited beside', () => {
  test('nothing of the checks unless somebody goes on: they have to show how things are', () => {
    expect(inherit(record({}), config, ALL).checks.size).toBe(0);
  });

  test('that the host was drained', () => {
    expect(inherit({ ...record({}), drained: true }, config, ALL).drained).toBe(true);
  });
});

describe('a file that is no record of ours leaves nothing', () => {
  const good = record({ VI_1: 500 });
  test.each<[string, unknown]>([
    ['a text', 'x'],
    ['a list', []],
    ['no instances', { ...good, instances: undefined }],
    ['an instance that is none', { ...good, instances: [null] }],
    ['addresses that are none', { ...good, instances: [{ ...good.instances[0], addresses: [1] }] }],
    ['a word that is none', { ...good, instances: [{ ...good.instances[0], spoke: 'now' }] }],
    [
      'a priority that is none',
      { ...good, instances: [{ ...good.instances[0], spoke: { at: 0, priority: 0, source: '10.0.0.1' } }] },
    ],
    [
      'an address that is none',
      { ...good, instances: [{ ...good.instances[0], spoke: { at: 0, priority: 1, source: 'x' } }] },
    ],
    ['checks that are none', { ...good, checks: null }],
    ['no word on draining', { ...good, drained: 'yes' }],
  ])('%s', (_title, found) => {
    expect(inherit(found, config, ALL)).toEqual(NOTHING);
  });
});

test.each([
  ['/run/memcache-ha/control.sock', '/run/memcache-ha/control.state'],
  ['/tmp/other', '/tmp/other.state'],
])('beside the control socket %s is %s', (control, file) => {
  expect(recordFile(control)).toBe(file);
});
