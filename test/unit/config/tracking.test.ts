/** Weights and directions of what an instance tracks, and what it can track, as they come out of a good config. */
import { describe, expect, test } from 'vitest';
import type { Config, InstanceConfig, ProcessConfig } from '../../../src/config/config.ts';
import { configOf, MINIMAL, withInstanceLines } from './sample.ts';

const DEFINITIONS = `vrrp_script:
  a: { script: x, weight: 9 }
  b: { script: x, weight: "-20 reverse" }
  c: { script: x, weight: 7, reverse: true }
  d: { script: x }
vrrp_track_process:
  p: { process: x, weight: "254 reverse" }
track_process:
  q: { process: x }
track_file:
  f: { file: /x, weight: -254 }
vrrp_track_file:
  g: { file: /x }
memcached: { m: { address: a }, n: { address: b, peer: "c:1" } }
`;

function instanceOf(...lines: string[]): InstanceConfig {
  return configOf(withInstanceLines(...lines) + DEFINITIONS).instances[0]!;
}

describe('an entry is NAME, weight, reverse', () => {
  test.each([
    ['d', 0, false],
    ['a', 9, false],
    ['b', -20, true],
    ['c', 7, true],
    ['b weight 5', 5, true],
    ['b weight 5 noreverse', 5, false],
    ['a weight 0 reverse', 0, true],
    ['a weight -0', 0, false],
    ['{ name: b }', -20, true],
    ['{ name: b, reverse: false }', -20, false],
    ['{ name: a, weight: 3 }', 3, false],
    ['{ name: a, weight: "3 reverse" }', 3, true],
    ['{ name: a, weight: "3 reverse", reverse: false }', 3, false],
    ['{ name: d, weight: 3, reverse: true }', 3, true],
  ])('track_script: [%s]', (entry, weight, reverse) => {
    const name = /[abcd](?=,| |$)/.exec(entry.replace('{ name: ', ''))![0];
    expect(instanceOf(`track_script: [${entry}]`).trackScripts).toEqual([{ name, weight, reverse }]);
  });

  test('of every list', () => {
    const instance = instanceOf(
      'track_interface: [eth0, eth1 weight 5, eth2 weight -6 reverse, { name: eth3, reverse: true }]',
      'track_process: [p, q]',
      'track_file: [f, g]',
      'track_memcached: [m weight 2 reverse, { name: n, weight: "-3 reverse", warm: true }]',
    );
    expect(instance.trackInterfaces).toEqual([
      { name: 'eth0', weight: 0, reverse: false },
      { name: 'eth1', weight: 5, reverse: false },
      { name: 'eth2', weight: -6, reverse: true },
      { name: 'eth3', weight: 0, reverse: true },
    ]);
    expect(instance.trackProcesses).toEqual([
      { name: 'p', weight: 254, reverse: true },
      { name: 'q', weight: 0, reverse: false },
    ]);
    expect(instance.trackFiles).toEqual([
      { name: 'f', weight: -254, reverse: false },
      { name: 'g', weight: 1, reverse: false },
    ]);
    expect(instance.trackMemcached).toEqual([
      { name: 'm', weight: 2, reverse: true, warm: false },
      { name: 'n', weight: -3, reverse: true, warm: true },
    ]);
  });

  test('dont_track_primary', () => {
    expect(instanceOf('dont_track_primary: true').trackPrimary).toBe(false);
  });
});

describe('where the priority may not move', () => {
  const LISTS = [
    'track_interface: [eth1 weight 5, eth2]',
    'track_script: [a, d]',
    'track_process: [p, q]',
    'track_file: [f, g]',
    'track_memcached: [m weight 5]',
  ];
  const names = ({ trackScripts, trackProcesses, trackFiles }: InstanceConfig) =>
    [trackScripts, trackProcesses, trackFiles].map((list) => list.map(({ name, weight }) => [name, weight]));

  function member(group: string): InstanceConfig {
    const second = '  VI_2: { interface: eth0, virtual_router_id: 52, virtual_ipaddress: [10.0.0.6] }\n';
    return configOf(`${withInstanceLines(...LISTS)}${second}${DEFINITIONS}vrrp_sync_group:\n  G: ${group}\n`)
      .instances[0]!;
  }

  test('a member of a sync group', () => {
    const instance = member('{ group: [VI_1, VI_2] }');
    expect(instance.trackInterfaces.map(({ weight }) => weight)).toEqual([0, 0]);
    expect(instance.trackMemcached.map(({ weight }) => weight)).toEqual([0]);
    expect(names(instance)).toEqual([[['d', 0]], [['q', 0]], [['g', 0]]]);
  });

  test("what its group tracks is its own too, with the group's weight", () => {
    const instance = member('{ group: [VI_1, VI_2], track_script: [a weight 4, b], track_file: [g] }');
    expect(names(instance)).toEqual([
      [
        ['a', 4],
        ['d', 0],
        ['b', -20],
      ],
      [['q', 0]],
      [['g', 1]],
    ]);
  });

  test('an address owner, for files; of the others core knows that no weight moves 255', () => {
    expect(names(instanceOf('priority: 255', ...LISTS))).toEqual([
      [
        ['a', 9],
        ['d', 0],
      ],
      [
        ['p', 254],
        ['q', 0],
      ],
      [['g', 0]],
    ]);
  });
});

test('a script', () => {
  const text = `${withInstanceLines('track_script: [s]')}vrrp_script: { s: { script: x, init_fail: true, user: nobody } }\n`;
  expect(configOf(text).scripts[0]).toMatchObject({ initFail: true, user: 'nobody' });
});

describe('a process', () => {
  const processOf = (section: string, fields: string): ProcessConfig =>
    configOf(`${withInstanceLines('track_process: [p]')}${section}: { p: { ${fields} } }\n`).processes[0]!;

  test('defaults', () => {
    expect(processOf('vrrp_track_process', 'process: memcached')).toEqual({
      name: 'p',
      process: 'memcached',
      parameters: null,
      paramMatch: 'exact',
      fullCommand: false,
      quorum: 1,
      quorumMax: null,
      forkDelay: 0,
      terminateDelay: 0,
    });
  });

  test.each([
    [
      'process: memcached -p 11211',
      { process: 'memcached', parameters: ['-p', '11211'], paramMatch: 'exact' },
    ],
    [`process: "'a b' 'c d'"`, { process: 'a b', parameters: ['c d'] }],
    [
      'process: [a b, 007], param_match: initial',
      { process: 'a b', parameters: ['007'], paramMatch: 'initial' },
    ],
    ['process: x y, param_match: partial', { parameters: ['y'], paramMatch: 'partial' }],
    ['process: x, param_match: exact', { parameters: [], paramMatch: 'exact' }],
    ['process: x, full_command: true', { parameters: null, fullCommand: true }],
    ['process: x, quorum: 2, quorum_max: 3', { quorum: 2, quorumMax: 3 }],
    ['process: x, quorum_max: 0', { quorum: 0, quorumMax: 0 }],
    ['process: x, delay: 0.5', { forkDelay: 500, terminateDelay: 500 }],
    ['process: x, delay: 2, fork_delay: 1', { forkDelay: 1000, terminateDelay: 2000 }],
    ['process: x, terminate_delay: 1', { forkDelay: 0, terminateDelay: 1000 }],
  ])('%s', (fields, expected) => {
    expect(processOf('vrrp_track_process', fields)).toMatchObject(expected);
    expect(processOf('track_process', fields)).toMatchObject(expected);
  });
});

describe('a file', () => {
  test.each([
    ['', null],
    ['init_file: 5', { value: 5, overwrite: false }],
    ['init_file: -5 overwrite', { value: -5, overwrite: true }],
    ['init_file: overwrite', { value: 0, overwrite: true }],
    ['init_file: {}', { value: 0, overwrite: false }],
    ['init_file: { value: 3, overwrite: true }', { value: 3, overwrite: true }],
  ])('%s', (field, initFile) => {
    for (const section of ['track_file', 'vrrp_track_file']) {
      const text = `${withInstanceLines('track_file: [f]')}${section}: { f: { file: /a b, ${field} } }\n`;
      expect(configOf(text).trackFiles).toEqual([{ name: 'f', file: '/a b', initFile }]);
    }
  });
});

test.each([
  ['3', 3000, 0],
  ['0.5', 500, 0],
  ['"1.9 5"', 1900, 5000],
  ['[1]', 1000, 0],
  ['[1, 2]', 1000, 2000],
  ['{ down_delay: 1 }', 1000, 0],
  ['{ down_delay: 0, up_delay: 255 }', 0, 255_000],
])('interface_up_down_delays: { eth0: %s }', (value, down, up) => {
  const text = `${withInstanceLines('down_timer_adverts: 100')}interface_up_down_delays: { eth0: ${value} }\n`;
  expect(configOf(text).interfaceDelays).toEqual([{ interface: 'eth0', down, up }]);
});

test('a group', () => {
  const second = '  VI_2: { interface: eth0, virtual_router_id: 52, virtual_ipaddress: [10.0.0.6] }\n';
  const group = 'vrrp_sync_group: { G: { group: [VI_2, VI_1], notify_master: m x, notify: n } }\n';
  expect(configOf(MINIMAL + second + group).syncGroups).toEqual([
    {
      name: 'G',
      members: ['VI_2', 'VI_1'],
      hooks: { master: ['m', 'x'], backup: null, fault: null, stop: null, any: ['n'] },
    },
  ]);
});

describe('what global_defs sets for the instances', () => {
  const vrrpOf = (defs: string, ...lines: string[]): Config['instances'][number]['vrrp'] =>
    configOf(`${withInstanceLines(...lines)}global_defs: { ${defs} }\n`).instances[0]!.vrrp;

  test.each([
    ['vrrp_version: 3', 'version: 2', 'version', 3, 2],
    ['vrrp_garp_master_delay: 1', 'garp_master_delay: 2', 'garpMasterDelay', 1000, 2000],
    ['vrrp_garp_master_repeat: 1', 'garp_master_repeat: 2', 'garpMasterRepeat', 1, 2],
    ['vrrp_garp_master_refresh: 1', 'garp_master_refresh: 0', 'garpMasterRefresh', 1000, 0],
    ['vrrp_garp_master_refresh_repeat: 3', 'garp_master_refresh_repeat: 1', 'garpMasterRefreshRepeat', 3, 1],
    ['vrrp_garp_lower_prio_delay: 0', 'garp_lower_prio_delay: 2', 'garpLowerPrioDelay', 0, 2000],
    ['vrrp_garp_lower_prio_repeat: 0', 'garp_lower_prio_repeat: 2', 'garpLowerPrioRepeat', 0, 2],
    ['vrrp_down_timer_adverts: 4', 'down_timer_adverts: 3', 'downTimerAdverts', 4, 3],
    ['vrrp_lower_prio_no_advert: true', 'lower_prio_no_advert: false', 'lowerPrioNoAdvert', true, false],
    [
      'vrrp_higher_prio_send_advert: false',
      'higher_prio_send_advert: true',
      'higherPrioSendAdvert',
      false,
      true,
    ],
  ] as const)('%s, and %s beside it', (defs, line, key, byGlobal, byInstance) => {
    expect(vrrpOf(defs)[key]).toBe(byGlobal);
    expect(vrrpOf(defs, line)[key]).toBe(byInstance);
  });

  const garps = (defs: string, ...lines: string[]) => {
    const vrrp = vrrpOf(defs, ...lines);
    return [
      vrrp.garpMasterDelay,
      vrrp.garpMasterRepeat,
      vrrp.garpLowerPrioDelay,
      vrrp.garpLowerPrioRepeat,
      vrrp.garpMasterRefreshRepeat,
    ];
  };

  test.each([
    ['', [], [5000, 5, 5000, 5, 1]],
    ['vrrp_garp_master_delay: 7, vrrp_garp_master_repeat: 2', [], [7000, 2, 7000, 2, 1]],
    // keepalived: the instance's own garp_master_* is no default for its garp_lower_prio_*.
    ['', ['garp_master_delay: 7', 'garp_master_repeat: 2'], [7000, 2, 5000, 5, 1]],
    ['vrrp_min_garp: true', [], [0, 1, 0, 1, 1]],
    ['vrrp_min_garp: false', [], [5000, 5, 5000, 5, 1]],
    ['vrrp_min_garp: true, vrrp_garp_master_repeat: 3', [], [0, 3, 0, 3, 1]],
    ['vrrp_min_garp: true', ['garp_master_delay: 2', 'garp_master_repeat: 4'], [2000, 4, 0, 1, 1]],
  ])('{ %s } %j', (defs, lines, expected) => {
    expect(garps(defs, ...lines)).toEqual(expected);
  });

  test('down_timer_adverts moves the lease', () => {
    expect(vrrpOf('vrrp_down_timer_adverts: 5').vipLease).toBe(4000);
  });
});

describe('use_vmac', () => {
  const EXCLUDED = 'virtual_ipaddress_excluded: [10.0.0.6, 10.0.0.7 dev eth0, 10.0.0.8 dev eth1]';
  const devices = ({ virtualAddresses, excludedAddresses }: InstanceConfig) =>
    [...virtualAddresses, ...excludedAddresses].map(({ dev }) => dev);

  test.each<[string, string[], InstanceConfig['vmac']]>([
    ['left out', [], null],
    ['off', ['use_vmac: false'], null],
    ['true', ['use_vmac: true'], { name: 'vrrp.51', mac: '00:00:5e:00:01:33', transmitBase: false }],
    ['a name', ['use_vmac: v'], { name: 'v', mac: '00:00:5e:00:01:33', transmitBase: false }],
    [
      'adverts from below',
      ['use_vmac: true', 'vmac_xmit_base: true'],
      { name: 'vrrp.51', mac: '00:00:5e:00:01:33', transmitBase: true },
    ],
    [
      'unicast, where adverts always come from below',
      ['use_vmac: true', 'unicast_peer: [10.0.0.9]'],
      { name: 'vrrp.51', mac: '00:00:5e:00:01:33', transmitBase: true },
    ],
  ])('%s', (_, lines, vmac) => {
    const instance = instanceOf(...lines, EXCLUDED);
    expect(instance.vmac).toEqual(vmac);
    expect(instance.interface).toBe('eth0');
    const own = vmac?.name ?? 'eth0';
    expect(devices(instance)).toEqual([own, own, own, 'eth1']);
  });

  test('an IPv6 address beside them stays off the MAC, which is of IPv4', () => {
    const excluded = 'virtual_ipaddress_excluded: [fe80::6, fe80::7 dev eth1]';
    expect(devices(instanceOf('use_vmac: true', excluded))).toEqual(['vrrp.51', 'eth0', 'eth1']);
  });
});
