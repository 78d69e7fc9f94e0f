/** What a reload tells of: every key of the file, in its own words; and which instances stay the same virtual router. */
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { describeChanges } from '../../../src/config/diff/describe-changes.ts';
import {
  GLOBAL,
  INSTANCE,
  MEMCACHED,
  PROCESS,
  PROXY,
  SCRIPT,
  TRACK_FILE,
  VRRP,
} from '../../../src/config/diff/fields.ts';
import { compareInstances } from '../../../src/config/diff/instances.ts';
import { same } from '../../../src/config/diff/same.ts';
import { configOf } from './sample.ts';

const BASE = `
global_defs: { router_id: R1 }
memcached:
  local: { address: 127.0.0.1:11211 }
proxy:
  front: { listen: 10.0.0.5:12000, servers: [10.0.0.1], backups: [10.0.0.2], refill_items: 7 }
vrrp_script:
  chk: { script: /bin/chk one }
vrrp_track_process:
  mc: { process: memcached }
track_file:
  busy: { file: /run/busy }
interface_up_down_delays:
  eth0: { down_delay: 1 }
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    authentication: { auth_type: PASS, auth_pass: secret }
    track_memcached: [local]
    proxy: front
    virtual_ipaddress: [10.0.0.5, 10.0.0.6]
  VI_2:
    interface: eth0
    virtual_router_id: 52
    virtual_ipaddress: [10.0.0.9]
vrrp_sync_group:
  G: { group: [VI_1, VI_2] }
`;

/** The base with these values put where the paths say; undefined takes away. */
function changed(changes: Readonly<Record<string, unknown>>): Config {
  const file = parse(BASE) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const parts = path.split(' ');
    let at = file;
    for (const part of parts.slice(0, -1)) {
      at[part] ??= {};
      at = at[part] as Record<string, unknown>;
    }
    const last = parts.at(-1)!;
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return configOf(stringify(file));
}

const before = changed({});
const VI_1 = 'vrrp_instance VI_1';
const ANEW = `${VI_1}: resigns and begins anew`;

const TABLE: readonly (readonly [changes: Readonly<Record<string, unknown>>, lines: readonly string[]])[] = [
  [{}, []],
  [{ 'global_defs router_id': 'R2' }, ['global_defs: router_id R1 -> R2']],
  [{ 'global_defs script_user': 'nobody' }, ['global_defs: script_user none -> nobody']],
  [
    { 'global_defs control': '/run/x.sock' },
    ['global_defs: control /run/memcache-ha/control.sock -> /run/x.sock'],
  ],
  [{ 'global_defs metrics': null }, ['global_defs: metrics 127.0.0.1:9650 -> none']],
  [{ 'global_defs metrics': { peers: ['10.9.0.2'] } }, ['global_defs: metrics.peers: added 10.9.0.2:9650']],
  [{ 'global_defs log': { level: 'debug' } }, ['global_defs: log.level info -> debug']],
  [
    { 'global_defs vrrp_startup_delay': 2.5 },
    ['global_defs: vrrp_startup_delay 0 -> 2.5 (from the next start on)'],
  ],
  [{ 'global_defs vrrp_notify_fifo': '/run/f' }, ['global_defs: vrrp_notify_fifo none -> /run/f']],
  [
    { 'global_defs vrrp_garp_master_repeat': 3 },
    ['VI_1', 'VI_2'].flatMap((name) => [
      `vrrp_instance ${name}: garp_master_repeat 5 -> 3`,
      `vrrp_instance ${name}: garp_lower_prio_repeat 5 -> 3`,
    ]),
  ],
  [{ 'memcached local interval': 0.1 }, ['memcached local: interval 1 -> 0.1']],
  [
    { 'memcached local address': '127.0.0.1:11212', 'memcached local fall': 3 },
    ['memcached local: address 127.0.0.1:11211 -> 127.0.0.1:11212', 'memcached local: fall 2 -> 3'],
  ],
  [{ 'memcached local peer': '10.0.0.2' }, ['memcached local: peer none -> 10.0.0.2:11211']],
  [{ 'memcached local command': 'memcached -m 64' }, ['memcached local: command none -> "memcached -m 64"']],
  [{ 'memcached other': { address: '10.0.0.2' } }, ['memcached other: added']],
  [{ 'proxy front refill_items': 5 }, ['proxy front: refill_items 7 -> 5']],
  [{ 'proxy front run': 'always' }, ['proxy front: run on_master -> always']],
  [{ 'proxy front servers': ['10.0.0.3', '10.0.0.1'] }, ['proxy front: servers: added 10.0.0.3:11211']],
  [
    { 'proxy front servers': ['10.0.0.3'], 'proxy front backups': [] },
    [
      'proxy front: servers: added 10.0.0.3:11211, removed 10.0.0.1:11211',
      'proxy front: backups: removed 10.0.0.2:11211',
    ],
  ],
  [
    { 'proxy front command': 'magent -D' },
    ['proxy front: engine bundled -> command', 'proxy front: command none -> "magent -D"'],
  ],
  [
    { 'vrrp_script chk script': '/bin/chk two', 'vrrp_script chk timeout': 3 },
    ['vrrp_script chk: script "/bin/chk one" -> "/bin/chk two"', 'vrrp_script chk: timeout 1 -> 3'],
  ],
  [{ 'vrrp_script chk': undefined }, ['vrrp_script chk: removed']],
  [{ 'vrrp_track_process mc quorum_max': 2 }, ['vrrp_track_process mc: quorum_max none -> 2']],
  [{ 'track_file busy init_file': '5 overwrite' }, ['track_file busy: init_file none -> 5 overwrite']],
  [
    { 'interface_up_down_delays eth0 down_delay': 2, 'interface_up_down_delays eth1': 1 },
    ['interface_up_down_delays eth0: down_delay 1 -> 2', 'interface_up_down_delays eth1: added'],
  ],
  [{ 'vrrp_sync_group G notify_master': '/bin/m' }, ['vrrp_sync_group G: notify_master none -> "/bin/m"']],
  [{ 'vrrp_sync_group G group': ['VI_1'] }, ['vrrp_sync_group G: group: removed VI_2']],
  [{ 'vrrp_instance VI_1 priority': 150 }, [`${VI_1}: priority 100 -> 150`]],
  [{ 'vrrp_instance VI_1 advert_int': 2 }, [`${VI_1}: advert_int 1 -> 2`, `${VI_1}: vip_lease 2 -> 5`]],
  [{ 'vrrp_instance VI_1 vip_lease': 'off' }, [`${VI_1}: vip_lease 2 -> off`]],
  [{ 'vrrp_instance VI_1 nopreempt': true }, [`${VI_1}: nopreempt false -> true`]],
  [{ 'vrrp_instance VI_1 notify': '/bin/n "a b"' }, [`${VI_1}: notify none -> "/bin/n a b"`]],
  [{ 'vrrp_instance VI_1 dont_track_primary': true }, [`${VI_1}: dont_track_primary false -> true`]],
  [
    { 'vrrp_instance VI_1 track_script': ['chk weight 5 reverse'], vrrp_sync_group: undefined },
    ['vrrp_sync_group G: removed', `${VI_1}: track_script: added chk weight 5 reverse`],
  ],
  [
    { 'vrrp_instance VI_1 authentication': { auth_type: 'PASS', auth_pass: 'hidden' } },
    [`${VI_1}: authentication: another password`],
  ],
  [{ 'vrrp_instance VI_1 authentication': undefined }, [`${VI_1}: authentication: removed`]],
  [
    { 'vrrp_instance VI_1 virtual_ipaddress': ['10.0.0.7', '10.0.0.5'] },
    [`${VI_1}: virtual_ipaddress: added 10.0.0.7/32 dev eth0, removed 10.0.0.6/32 dev eth0`],
  ],
  [
    { 'vrrp_instance VI_1 virtual_ipaddress': ['10.0.0.6', '10.0.0.5'] },
    [`${VI_1}: virtual_ipaddress: in another order`],
  ],
  [{ 'vrrp_instance VI_1 proxy': undefined }, [`${VI_1}: proxy front -> none`]],
  [
    { 'vrrp_instance VI_1 interface': 'eth1' },
    [
      `${VI_1}: interface eth0 -> eth1`,
      `${VI_1}: virtual_ipaddress: added 10.0.0.5/32 dev eth1, added 10.0.0.6/32 dev eth1, removed 10.0.0.5/32 dev eth0, removed 10.0.0.6/32 dev eth0`,
      ANEW,
    ],
  ],
  [{ 'vrrp_instance VI_1 virtual_router_id': 99 }, [`${VI_1}: virtual_router_id 51 -> 99`, ANEW]],
  [
    { 'vrrp_instance VI_1 version': 3, 'vrrp_instance VI_1 authentication': undefined },
    [`${VI_1}: version 2 -> 3`, `${VI_1}: authentication: removed`, ANEW],
  ],
  [
    { 'vrrp_instance VI_1 unicast_src_ip': '10.0.0.1', 'vrrp_instance VI_1 unicast_peer': ['10.0.0.2'] },
    [`${VI_1}: unicast_src_ip none -> 10.0.0.1`, `${VI_1}: unicast_peer: added 10.0.0.2`, ANEW],
  ],
  [
    { 'vrrp_instance VI_2': undefined, vrrp_sync_group: undefined },
    ['vrrp_sync_group G: removed', 'vrrp_instance VI_2: removed'],
  ],
];

describe('the changes of a file, told', () => {
  test.each(TABLE)('%j', (changes, lines) => {
    expect(describeChanges(before, changed(changes))).toEqual(lines);
  });

  test('no password is ever shown', () => {
    const changes = { 'vrrp_instance VI_1 authentication': { auth_type: 'PASS', auth_pass: 'hidden' } };
    expect(JSON.stringify(describeChanges(before, changed(changes)))).not.toMatch(/hidden|secret/);
  });

  test('nothing that can differ is left out: what is the same in words is the same in effect', () => {
    for (const [changes, lines] of TABLE) expect(same(before, changed(changes))).toBe(lines.length === 0);
  });

  test('each key of the file stands for one value', () => {
    for (const fields of [GLOBAL, MEMCACHED, PROXY, SCRIPT, PROCESS, TRACK_FILE, { ...INSTANCE, ...VRRP }]) {
      const keys = Object.values(fields).flatMap((field) => (field === null ? [] : [field[0]]));
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
});

describe('one virtual router under the same name, or another', () => {
  const unicast = {
    'vrrp_instance VI_1 unicast_src_ip': '10.0.0.1',
    'vrrp_instance VI_1 unicast_peer': ['10.0.0.2'],
  };
  test.each<[string, boolean, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['priority', true, {}, { 'vrrp_instance VI_1 priority': 1 }],
    ['its addresses', true, {}, { 'vrrp_instance VI_1 virtual_ipaddress': ['10.0.0.77'] }],
    ['the password', true, {}, { 'vrrp_instance VI_1 authentication': undefined }],
    [
      'another peer',
      true,
      unicast,
      { ...unicast, 'vrrp_instance VI_1 unicast_peer': ['10.0.0.2', '10.0.0.3'] },
    ],
    ['from the group to peers', false, {}, unicast],
    ['its source', false, unicast, { ...unicast, 'vrrp_instance VI_1 unicast_src_ip': '10.0.0.11' }],
    ['its virtual MAC', false, {}, { 'vrrp_instance VI_1 use_vmac': true }],
    ['its VRID', false, {}, { 'vrrp_instance VI_1 virtual_router_id': 1 }],
    ['its interface', false, {}, { 'vrrp_instance VI_1 interface': 'eth7' }],
  ])('%s: the same is %s', (_title, isSame, a, b) => {
    const { added, removed, remade } = compareInstances(changed(a).instances, changed(b).instances);
    expect({ added, removed, remade }).toEqual({ added: [], removed: [], remade: isSame ? [] : ['VI_1'] });
  });

  test('names that come and go', () => {
    const [one, two] = changed({ vrrp_sync_group: undefined }).instances;
    const three = { ...two!, name: 'VI_3' };
    expect(compareInstances([one!, two!], [three, one!])).toEqual({
      added: ['VI_3'],
      removed: ['VI_2'],
      remade: [],
    });
  });
});

describe('equal by value', () => {
  test.each([
    [1, 1, true],
    [1, '1', false],
    [null, null, true],
    [null, {}, false],
    [undefined, null, false],
    [{ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 2), true],
    [Uint8Array.of(1, 2), Uint8Array.of(1, 3), false],
    [{ toString: 1 }, {}, false],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(same(a, b)).toBe(expected);
    expect(same(b, a)).toBe(expected);
  });
});
