/** What a good config becomes: defaults, units, spellings. */
import { describe, expect, test } from 'vitest';
import type { InstanceConfig } from '../../../src/config/config.ts';
import { configOf, load, MINIMAL, withInstanceLines } from './sample.ts';

function instanceOf(...lines: string[]): InstanceConfig {
  return configOf(withInstanceLines(...lines)).instances[0]!;
}

describe('defaults', () => {
  test('of the whole file', () => {
    expect(configOf(MINIMAL)).toEqual({
      global: {
        routerId: 'this-host',
        scriptUser: null,
        control: '/run/memcache-ha/control.sock',
        metrics: { host: '127.0.0.1', port: 9650 },
        metricsPeers: [],
        logLevel: 'info',
        startupDelay: 0,
        realTimePriority: 0,
        notifyFifo: null,
      },
      memcached: [],
      proxies: [],
      scripts: [],
      processes: [],
      trackFiles: [],
      interfaceDelays: [],
      syncGroups: [],
      instances: [
        {
          name: 'VI_1',
          initialState: 'BACKUP',
          interface: 'eth0',
          vrrp: {
            version: 2,
            virtualRouterId: 51,
            priority: 100,
            advertisementInterval: 1000,
            preempt: true,
            preemptDelay: 0,
            garpMasterDelay: 5000,
            garpMasterRepeat: 5,
            garpMasterRefresh: 0,
            garpMasterRefreshRepeat: 1,
            garpLowerPrioDelay: 5000,
            garpLowerPrioRepeat: 5,
            lowerPrioNoAdvert: false,
            higherPrioSendAdvert: true,
            downTimerAdverts: 3,
            addresses: ['10.0.0.5'],
            authPass: null,
            unicastPeers: [],
            vipLease: 2000,
          },
          sourceAddress: null,
          virtualAddresses: [
            { address: '10.0.0.5', prefixLength: 32, dev: 'eth0', label: null, scope: null, brd: null },
          ],
          excludedAddresses: [],
          vmac: null,
          trackPrimary: true,
          trackInterfaces: [],
          trackScripts: [],
          trackMemcached: [],
          trackProcesses: [],
          trackFiles: [],
          proxy: null,
          hooks: { master: null, backup: null, fault: null, stop: null, any: null },
        },
      ],
    });
  });

  test('of memcached, proxy and vrrp_script', () => {
    const config = configOf(
      `${withInstanceLines('track_memcached: [m]', 'track_script: [s]', 'proxy: p')}memcached: { m: { address: cache-a } }\nvrrp_script: { s: { script: /x, interval: 3 } }\nproxy: { p: { listen: "10.0.0.5:1", servers: [a] } }\n`,
    );
    expect(config.memcached).toEqual([
      {
        name: 'm',
        address: { host: 'cache-a', port: 11211 },
        interval: 1000,
        timeout: 500,
        fall: 2,
        rise: 2,
        peer: null,
        command: null,
      },
    ]);
    expect(config.scripts).toEqual([
      {
        name: 's',
        script: ['/x'],
        interval: 3000,
        timeout: 3000,
        fall: 1,
        rise: 1,
        initFail: false,
        user: null,
      },
    ]);
    expect(config.proxies).toEqual([
      {
        name: 'p',
        listen: { host: '10.0.0.5', port: 1 },
        servers: [{ host: 'a', port: 11211 }],
        backups: [],
        refillItems: 10_000,
        refillBytes: 32_000_000,
        run: 'on_master',
        engine: 'bundled',
        command: null,
      },
    ]);
  });

  test('empty sections are as good as none', () => {
    const text = `${withInstanceLines('track_script:', 'unicast_peer:', 'virtual_ipaddress_excluded:')}memcached:\nproxy:\nvrrp_script:\nvrrp_track_process:\ntrack_file:\ninterface_up_down_delays:\nvrrp_sync_group:\nglobal_defs:\n`;
    expect(configOf(text)).toEqual(configOf(MINIMAL));
  });
});

describe('units', () => {
  test.each([
    ['advert_int: 2', 'advertisementInterval', 2000],
    ['preempt_delay: 4.12', 'preemptDelay', 4120],
    ['garp_master_delay: 0', 'garpMasterDelay', 0],
    ['garp_master_refresh: 60', 'garpMasterRefresh', 60_000],
    ['garp_master_refresh_repeat: 2', 'garpMasterRefreshRepeat', 2],
    ['garp_lower_prio_delay: 0.5', 'garpLowerPrioDelay', 500],
    ['garp_lower_prio_repeat: 0', 'garpLowerPrioRepeat', 0],
    ['lower_prio_no_advert: true', 'lowerPrioNoAdvert', true],
    ['higher_prio_send_advert: false', 'higherPrioSendAdvert', false],
    ['down_timer_adverts: 100', 'downTimerAdverts', 100],
    ['vip_lease: 1', 'vipLease', 1000],
    ['vip_lease: off', 'vipLease', null],
    ['vip_lease: auto', 'vipLease', 2000],
  ] as const)('%s', (line, key, expected) => {
    expect(instanceOf(line).vrrp[key]).toBe(expected);
  });

  test.each([
    [0.01, 1000],
    [0.1, 1000],
    [0.46, 1000],
    [0.8, 2000],
    [1, 2000],
    [1.13, 2000],
    [1.14, 3000],
    [2, 5000],
    [40.95, 122_000],
  ])('vip_lease auto with adverts every %f s', (interval, lease) => {
    expect(instanceOf('version: 3', `advert_int: ${interval}`).vrrp.vipLease).toBe(lease);
  });

  test.each([
    [1, 1000],
    [2, 1000],
    [3, 2000],
    [4, 3000],
    [100, 99_000],
  ])('vip_lease auto with down_timer_adverts %i', (adverts, lease) => {
    expect(instanceOf(`down_timer_adverts: ${adverts}`).vrrp.vipLease).toBe(lease);
  });

  test('every step of version 3 is a whole number of ms', () => {
    for (let step = 1; step <= 4095; step += 7) {
      const { vrrp } = instanceOf('version: 3', `advert_int: ${step / 100}`);
      expect(vrrp.advertisementInterval).toBe(step * 10);
    }
  });
});

describe('preemption', () => {
  test.each([
    [['nopreempt: true'], false, 0],
    [['preempt_delay: 3'], true, 3000],
    [['nopreempt: true', 'preempt_delay: 3'], false, 0],
    [['state: MASTER', 'nopreempt: true', 'preempt_delay: 3'], true, 0],
    [['priority: 255', 'nopreempt: true', 'preempt_delay: 3'], true, 3000],
    [['nopreempt: true', 'preempt: true', 'preempt_delay: 3'], true, 3000],
    [['preempt: true'], true, 0],
  ])('%s', (lines, preempt, preemptDelay) => {
    expect(instanceOf(...lines).vrrp).toMatchObject({ preempt, preemptDelay });
  });
});

describe('what YAML takes for something else', () => {
  test.each([
    ['1111', [0x31, 0x31, 0x31, 0x31, 0, 0, 0, 0]],
    ['0111', [0x30, 0x31, 0x31, 0x31, 0, 0, 0, 0]],
    ['"1111"', [0x31, 0x31, 0x31, 0x31, 0, 0, 0, 0]],
    ['1e3', [0x31, 0x65, 0x33, 0, 0, 0, 0, 0]],
    ['0x1F', [0x30, 0x78, 0x31, 0x46, 0, 0, 0, 0]],
    ['true', [0x74, 0x72, 0x75, 0x65, 0, 0, 0, 0]],
    ['flaginfo1', [...'flaginfo'].map((char) => char.charCodeAt(0))],
    ['é', [0xc3, 0xa9, 0, 0, 0, 0, 0, 0]],
  ])('auth_pass: %s', (text, bytes) => {
    const { vrrp } = instanceOf(`authentication: { auth_type: PASS, auth_pass: ${text} }`);
    expect([...vrrp.authPass!]).toEqual(bytes);
  });

  test('router_id: 0017', () => {
    expect(configOf(`${MINIMAL}global_defs: { router_id: 0017 }\n`).global.routerId).toBe('0017');
  });

  test('words of a command', () => {
    expect(instanceOf('notify: [x, 51200, 007, true, 1.50, "a b"]').hooks.any).toEqual([
      'x',
      '51200',
      '007',
      'true',
      '1.50',
      'a b',
    ]);
  });
});

describe("keepalived's spellings", () => {
  test('virtual addresses', () => {
    const { vrrp, virtualAddresses, excludedAddresses } = instanceOf(
      'virtual_ipaddress_excluded:',
      '  - 10.0.0.6/24 dev eth1 label eth1:1 scope link brd 10.0.0.255',
      '  - { address: 10.0.0.7/8, dev: eth1, label: "eth1:2", scope: site, brd: 10.255.255.255 }',
      '  - { address: 10.0.0.8 }',
      '  - 10.0.0.9 broadcast 10.0.0.255',
    );
    expect(vrrp.addresses).toEqual(['10.0.0.5']);
    expect(virtualAddresses).toHaveLength(1);
    const none = { prefixLength: 32, dev: 'eth0', label: null, scope: null, brd: null };
    expect(excludedAddresses).toEqual([
      {
        address: '10.0.0.6',
        prefixLength: 24,
        dev: 'eth1',
        label: 'eth1:1',
        scope: 'link',
        brd: '10.0.0.255',
      },
      {
        address: '10.0.0.7',
        prefixLength: 8,
        dev: 'eth1',
        label: 'eth1:2',
        scope: 'site',
        brd: '10.255.255.255',
      },
      { ...none, address: '10.0.0.8' },
      { ...none, address: '10.0.0.9', brd: '10.0.0.255' },
    ]);
  });

  test.each([
    ['unicast_src_ip: 10.0.0.1', '10.0.0.1'],
    ['mcast_src_ip: 10.0.0.1', '10.0.0.1'],
  ])('%s', (line, address) => {
    expect(instanceOf(line).sourceAddress).toBe(address);
  });

  test('vrrp_version', () => {
    expect(instanceOf('vrrp_version: 3').vrrp.version).toBe(3);
  });

  test('every hook', () => {
    const { hooks } = instanceOf(
      'notify_master: m x',
      `notify_backup: b 'x y'`,
      'notify_fault: [f, x]',
      'notify_stop: s',
      'notify: n',
    );
    expect(hooks).toEqual({
      master: ['m', 'x'],
      backup: ['b', 'x y'],
      fault: ['f', 'x'],
      stop: ['s'],
      any: ['n'],
    });
  });
});

test('global_defs', () => {
  const text = `${MINIMAL}global_defs:\n  router_id: R1\n  script_user: nobody\n  control: /tmp/c\n  metrics: { listen: "0.0.0.0:1" }\n  log: { level: debug }\n  vrrp_startup_delay: 5.5\n  vrrp_rt_priority: 1\n  notify_fifo: /run/fifo\n`;
  expect(configOf(text).global).toEqual({
    routerId: 'R1',
    scriptUser: 'nobody',
    control: '/tmp/c',
    metrics: { host: '0.0.0.0', port: 1 },
    metricsPeers: [],
    logLevel: 'debug',
    startupDelay: 5500,
    realTimePriority: 1,
    notifyFifo: '/run/fifo',
  });
  expect(configOf(`${MINIMAL}global_defs: { metrics: null }\n`).global.metrics).toBeNull();
});

test("a proxy's command gets its endpoint", () => {
  const command = (text: string) =>
    configOf(`${withInstanceLines('proxy: p')}proxy: { p: { listen: "10.0.0.5:12000", command: ${text} } }\n`)
      .proxies[0]!.command;
  expect(command('[x, -l, "{host}", -p, "{port}", "--to={listen}", "{}"]')).toEqual([
    'x',
    '-l',
    '10.0.0.5',
    '-p',
    '12000',
    '--to=10.0.0.5:12000',
    '{}',
  ]);
  expect(command(`"x '{host} {port}'"`)).toEqual(['x', '10.0.0.5 12000']);
});

describe('locate', () => {
  const { locate } = load(
    withInstanceLines('priority: 5', 'track_interface:', '  - eth1', 'preempt_delay: 0'),
  );
  test.each([
    [['vrrp_instance', 'VI_1', 'priority'], { line: 6, column: 15 }],
    [['vrrp_instance', 'VI_1', 'track_interface', 0], { line: 8, column: 9 }],
    [['vrrp_instance', 'VI_1', 'nopreempt'], { line: 2, column: 3 }],
    [['global_defs', 'log', 'level'], { line: 1, column: 1 }],
  ])('%s', (path, place) => {
    expect(locate(path)).toEqual(place);
  });
});
