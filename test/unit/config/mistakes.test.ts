/** Every mistake that a schema or a parser of one value finds: its exact line, column, key and words. */
import { describe, expect, test } from 'vitest';
import { MINIMAL, problemsOf, withInstanceLines, withoutKey } from './sample.ts';

const INTERFACE = 'must be the name of a network interface (1 to 15 letters, digits, _.@+-)';
const VIP = 'must be ADDRESS[/LEN] [dev X] [label Y] [scope S] [brd Z] or a map of the same';
const EXCLUDED = 'vrrp_instance.VI_1.virtual_ipaddress_excluded[0]';

function check(cases: readonly (readonly [title: string, text: string, ...problems: string[]])[]) {
  test.each(cases.map(([title, text, ...problems]) => ({ title, text, problems })))(
    '$title',
    ({ text, problems }) => {
      expect(problemsOf(text)).toEqual(problems);
    },
  );
}

/** One added line of the instance and what is said of its value, which begins at `column`. */
function checkLines(cases: readonly (readonly [line: string, column: number, message: string])[]) {
  test.each(cases)('%s', (line, column, message) => {
    const key = line.split(':')[0];
    expect(problemsOf(withInstanceLines(line))).toEqual([
      `6:${column}: vrrp_instance.VI_1.${key}: ${message}`,
    ]);
  });
}

describe('what is missing', () => {
  check([
    ['no interface', withoutKey('interface'), `2:3: vrrp_instance.VI_1.interface: is missing, ${INTERFACE}`],
    [
      'no VRID',
      withoutKey('virtual_router_id'),
      '2:3: vrrp_instance.VI_1.virtual_router_id: is missing, must be a whole number from 1 to 255',
    ],
    [
      'no virtual address',
      withoutKey('virtual_ipaddress'),
      '2:3: vrrp_instance.VI_1.virtual_ipaddress: is missing, must be a list, such as [192.168.100.250]',
    ],
    [
      'an empty list of virtual addresses',
      MINIMAL.replace('[10.0.0.5]', '[]'),
      '5:24: vrrp_instance.VI_1.virtual_ipaddress: is empty, at least one address is needed',
    ],
    [
      'a key without a value points at the key',
      MINIMAL.replace('[10.0.0.5]', ''),
      '5:5: vrrp_instance.VI_1.virtual_ipaddress: is empty, must be a list, such as [192.168.100.250]',
    ],
    [
      'no instance section',
      'global_defs: { router_id: R1 }\n',
      '1:1: vrrp_instance: is missing, must be a map from names to instances',
    ],
    [
      'an instance section with nothing in it',
      'vrrp_instance:\n#  VI_1: {}\n',
      '1:1: vrrp_instance: is empty, must be a map from names to instances',
    ],
    [
      'an instance section without an instance, on purpose',
      'vrrp_instance: {}\n',
      '1:16: warning: vrrp_instance: is empty: this host takes part in no election',
    ],
    [
      'an instance without anything',
      'vrrp_instance:\n  VI_1:\n',
      '2:3: vrrp_instance.VI_1: is empty, must be a map with at least interface, virtual_router_id and virtual_ipaddress',
    ],
    [
      'the members of authentication',
      withInstanceLines('authentication: {}'),
      '6:5: vrrp_instance.VI_1.authentication.auth_type: is missing, must be PASS',
      '6:5: vrrp_instance.VI_1.authentication.auth_pass: is missing, must be the password, 1 to 8 characters',
    ],
    [
      'the members of the other sections',
      `${MINIMAL}    track_memcached: [m]\n    track_script: [s]\n    proxy: p\nmemcached: { m: {} }\nvrrp_script: { s: {} }\nproxy: { p: {} }\n`,
      '9:14: memcached.m.address: is missing, must be HOST or HOST:PORT',
      '10:16: vrrp_script.s.script: is missing, must be a command: one string, or a list of words',
      '11:10: proxy.p.listen: is missing, must be HOST:PORT',
      '11:10: proxy.p.servers: is missing, a proxy without a command needs at least one',
    ],
  ]);
});

describe('unknown keys', () => {
  check([
    [
      'at the top, with a suggestion',
      `${MINIMAL}global_def: {}\n`,
      '6:1: global_def: unknown key, did you mean "global_defs"?',
    ],
    [
      'in an instance',
      withInstanceLines('virtual_router-id: 5'),
      '6:5: vrrp_instance.VI_1.virtual_router-id: unknown key, did you mean "virtual_router_id"?',
    ],
    [
      'two letters swapped',
      withInstanceLines('porxy: x'),
      '6:5: vrrp_instance.VI_1.porxy: unknown key, did you mean "proxy"?',
    ],
    [
      'in capitals',
      withInstanceLines('Priority: 5'),
      '6:5: vrrp_instance.VI_1.Priority: unknown key, did you mean "priority"?',
    ],
    ['like nothing', withInstanceLines('xyzzy: true'), '6:5: vrrp_instance.VI_1.xyzzy: unknown key'],
    [
      "keepalived's, with the reason why it is not here",
      `${withInstanceLines('use_ipvlan: true')}global_defs: { default_interface: eth0 }\n`,
      '6:5: vrrp_instance.VI_1.use_ipvlan: unknown key: use_vmac is the nearest',
      '7:16: global_defs.default_interface: unknown key: name the interface in each vrrp_instance (keepalived has it for static addresses only)',
    ],
    [
      'several at once',
      withInstanceLines('aaa: 1', 'garp_master_dely: 2'),
      '6:5: vrrp_instance.VI_1.aaa: unknown key',
      '7:5: vrrp_instance.VI_1.garp_master_dely: unknown key, did you mean "garp_master_delay"?',
    ],
    [
      'in an entry of a list',
      withInstanceLines('track_interface: [{ name: eth1, weigth: 3 }]'),
      '6:37: vrrp_instance.VI_1.track_interface[0].weigth: unknown key, did you mean "weight"?',
    ],
    [
      'in a virtual address',
      withInstanceLines('virtual_ipaddress_excluded: [{ address: 10.0.0.6, device: eth1 }]'),
      `6:55: ${EXCLUDED}.device: unknown key`,
    ],
    [
      'a line break in a key does not break the message',
      withInstanceLines('"a\\nb": 1'),
      '6:5: vrrp_instance.VI_1."a\\nb": unknown key',
    ],
    [
      'a key that zod skips',
      withInstanceLines('__proto__: {}'),
      '6:5: vrrp_instance.VI_1.__proto__: is no usable name',
    ],
    [
      'a name with a space',
      MINIMAL.replace('VI_1', '"VI 1"'),
      '2:3: vrrp_instance."VI 1": "VI 1" is no usable name (1 to 64 ASCII characters without spaces)',
    ],
    [
      'an engine that there is not',
      `${MINIMAL}    proxy: p\nproxy: { p: { listen: "10.0.0.5:1", servers: [a], engine: mcrouter } }\n`,
      '7:59: proxy.p.engine: is "mcrouter", must be bundled, magent, nutcracker, memcached-proxy or command',
    ],
    [
      'an engine beside a command',
      `${MINIMAL}    proxy: p\nproxy: { p: { listen: "10.0.0.5:1", command: x, engine: magent } }\n`,
      '7:57: proxy.p.engine: is "magent", but there is a command',
    ],
    [
      'engine command without one',
      `${MINIMAL}    proxy: p\nproxy: { p: { listen: "10.0.0.5:1", servers: [a], engine: command } }\n`,
      '7:59: proxy.p.engine: is "command", but there is no command',
    ],
  ]);
});

describe('wrong values of an instance', () => {
  checkLines([
    ['state: master', 12, 'is "master", must be MASTER or BACKUP'],
    ['priority: 300', 15, 'is 300, must be a whole number from 1 to 255'],
    ['priority: 0', 15, 'is 0, must be a whole number from 1 to 255'],
    ['priority: 9007199254740993', 15, 'is 9007199254740992, must be a whole number from 1 to 255'],
    ['vip_lease: 1e300', 16, 'is 1e+300, must be auto, off or a whole number of seconds from 1 to 86400'],
    ['priority: 1.5', 15, 'is 1.5, must be a whole number from 1 to 255'],
    ['priority: "100"', 15, 'is "100", must be a whole number from 1 to 255'],
    ['priority: [100]', 15, 'is a list, must be a whole number from 1 to 255'],
    ['priority: {}', 15, 'is a map, must be a whole number from 1 to 255'],
    ['priority: .inf', 15, 'is Infinity, must be a whole number from 1 to 255'],
    ['priority: true', 15, 'is true, must be a whole number from 1 to 255'],
    ['version: 4', 14, 'is 4, must be 2 or 3'],
    ['vrrp_version: "2"', 19, 'is "2", must be 2 or 3'],
    ['nopreempt: yes', 16, 'is "yes", must be true or false'],
    ['preempt_delay: 1001', 20, 'is 1001, must be a number of seconds from 0 to 1000'],
    ['preempt_delay: -1', 20, 'is -1, must be a number of seconds from 0 to 1000'],
    ['preempt_delay: 5s', 20, 'is "5s", must be a number of seconds from 0 to 1000'],
    ['garp_lower_prio_repeat: -1', 29, 'is -1, must be a whole number from 0 to 255'],
    ['down_timer_adverts: 0', 25, 'is 0, must be a whole number from 1 to 100'],
    ['down_timer_adverts: 101', 25, 'is 101, must be a whole number from 1 to 100'],
    ['preempt: false', 14, 'is false, must be true (`nopreempt: true` is the opposite)'],
    [
      'accept: false',
      13,
      'is false, must be true (without it a host would not answer on its virtual addresses)',
    ],
    ['check_unicast_src: false', 24, 'is false, must be true (it is always on)'],
    ['dont_track_primary: 1', 25, 'is 1, must be true or false'],
    [
      'use_vmac: yes',
      15,
      'is "yes", must be true, or a name for the interface that is made (1 to 15 letters, digits, _.@+-)',
    ],
    [
      'use_vmac: 51',
      15,
      'is 51, must be true, or a name for the interface that is made (1 to 15 letters, digits, _.@+-)',
    ],
    [
      'use_vmac: a-name-that-is-too-long',
      15,
      'is "a-name-that-is-too-long", must be the name of a network interface (1 to 15 letters, digits, _.@+-)',
    ],
    ['garp_master_repeat: 0', 25, 'is 0, must be a whole number from 1 to 255'],
    ['vip_lease: never', 16, 'is "never", must be auto, off or a whole number of seconds from 1 to 86400'],
    ['vip_lease: 1.5', 16, 'is 1.5, must be auto, off or a whole number of seconds from 1 to 86400'],
    ['vip_lease: 0', 16, 'is 0, must be auto, off or a whole number of seconds from 1 to 86400'],
    [
      'advert_int: 300',
      17,
      'is 300, must be whole seconds from 1 to 255, or with version 3 from 0.01 to 40.95 in steps of 0.01',
    ],
    ['unicast_src_ip: 10.0.0', 21, 'is "10.0.0", must be an IPv4 or IPv6 address'],
    ['unicast_peer: 10.0.0.2', 19, 'is "10.0.0.2", must be a list, such as [192.168.100.250]'],
    ['track_script: chk', 19, 'is "chk", must be a list, such as [NAME]'],
    ['notify: []', 13, 'is an empty list, must be a command: one string, or a list of words'],
    ['notify: ""', 13, 'is an empty command'],
    [`notify: "x 'y"`, 13, `is "x 'y": the quote ' is not closed`],
    ['notify: 5', 13, 'is 5, must be a command: one string, or a list of words'],
  ]);
});

describe('wrong virtual addresses', () => {
  test.each([
    ['10.0.0.300', 'is "10.0.0.300", must be an IPv4 or IPv6 address'],
    ['010.0.0.1', 'is "010.0.0.1", must be an IPv4 or IPv6 address'],
    ['fd00::1::2', 'is "fd00::1::2", must be an IPv4 or IPv6 address'],
    [
      'fe80::1%eth0',
      'is "fe80::1%eth0", must be an IPv4 or IPv6 address without a zone (the interface is said elsewhere)',
    ],
    ['ff02::12', 'is "ff02::12", must be an address that one host can hold'],
    ['"::"', 'is "::", must be an address that one host can hold'],
    ['::ffff:10.0.0.8', 'is "::ffff:10.0.0.8", must be an address that one host can hold'],
    ['fd00::8/129', 'is "fd00::8/129", must be an IPv6 address with a prefix length from /0 to /128'],
    ['224.0.0.18', 'is "224.0.0.18", must be an address that one host can hold'],
    ['0.0.0.0', 'is "0.0.0.0", must be an address that one host can hold'],
    ['10.0.0.8/33', 'is "10.0.0.8/33", must be an IPv4 address with a prefix length from /0 to /32'],
    ['10.0.0.8/', 'is "10.0.0.8/", must be an IPv4 address with a prefix length from /0 to /32'],
    ['10.0.0.8 dev', 'is "10.0.0.8 dev": nothing follows dev'],
    ['10.0.0.8 dev a/b', 'is "10.0.0.8 dev a/b": "a/b" is no name of an interface'],
    ['10.0.0.8 label a;b', 'is "10.0.0.8 label a;b": "a;b" is no label (1 to 15 letters, digits, :._@+-)'],
    ['10.0.0.8 scope nowhere', 'is "10.0.0.8 scope nowhere": the scope must be global, link, host or site'],
    ['10.0.0.8 brd 10.0.0', 'is "10.0.0.8 brd 10.0.0": "10.0.0" is no broadcast address'],
    [
      '10.0.0.8 peer 10.0.0.9',
      'is "10.0.0.8 peer 10.0.0.9": "peer" is not supported, only dev, label, scope and brd are',
    ],
    ['10.1', `is 10.1, ${VIP}`],
    ['5', `is 5, ${VIP}`],
  ])('%s', (address, message) => {
    expect(problemsOf(withInstanceLines('virtual_ipaddress_excluded:', `  - ${address}`))).toEqual([
      `7:9: ${EXCLUDED}: ${message}`,
    ]);
  });

  check([
    [
      'no IPv4 address among the advertised',
      MINIMAL.replace('10.0.0.5', '10.0.0.5, 10.0.0.256'),
      '5:35: vrrp_instance.VI_1.virtual_ipaddress[1]: is "10.0.0.256", must be an IPv4 or IPv6 address',
    ],
    [
      'more than an advertisement holds',
      MINIMAL.replace(
        '10.0.0.5',
        Array.from({ length: 256 }, (_, i) => `10.0.1.${i % 250} dev e${i}`).join(', '),
      ),
      expect.stringMatching(
        /^5:24: vrrp_instance.VI_1.virtual_ipaddress: has more than 255 addresses, an advertisement holds no more; /,
      ),
    ],
  ]);
});

describe('wrong values elsewhere', () => {
  const around = (sections: string) =>
    `${withInstanceLines('track_memcached: [m]', 'track_script: [s]', 'proxy: p')}${sections}`;
  const rest = {
    memcached: 'memcached: { m: { address: 10.0.0.1 } }\n',
    script: 'vrrp_script: { s: { script: x } }\n',
    proxy: 'proxy: { p: { listen: "10.0.0.5:1", servers: [a] } }\n',
  };
  check([
    [
      'the shape of a section',
      'vrrp_instance: [VI_1]\n',
      '1:16: vrrp_instance: is a list, must be a map from names to instances',
    ],
    [
      'global_defs',
      `${MINIMAL}global_defs:\n  control: run/x\n  metrics: { listen: 9650 }\n  script_user: nobody nogroup\n  log: { level: loud }\n  router_id: [a]\n`,
      '7:12: global_defs.control: is "run/x", must be an absolute path of at most 107 characters, without spaces',
      '8:22: global_defs.metrics.listen: is 9650, must be HOST:PORT',
      '9:16: global_defs.script_user: is "nobody nogroup", must be the name of one user',
      '10:17: global_defs.log.level: is "loud", must be trace, debug, info, warn or error',
      '11:14: global_defs.router_id: is a list, must be a name for this host',
    ],
    [
      'a memcached',
      around(
        `${rest.script}${rest.proxy}memcached:\n  m:\n    address: 10.0.0.1:0\n    interval: 0\n    timeout: soon\n    fall: 0\n    rise: 2.5\n    peer: 10.0.0.300\n`,
      ),
      '13:14: memcached.m.address: is "10.0.0.1:0", must be HOST or HOST:PORT (port 11211 when left out), such as 192.168.100.101:11211 (the port must be 1 to 65535)',
      '14:15: memcached.m.interval: is 0, must be a number of seconds from 0.01 to 86400',
      '15:14: memcached.m.timeout: is "soon", must be a number of seconds from 0.01 to 86400',
      '16:11: memcached.m.fall: is 0, must be a whole number, at least 1',
      '17:11: memcached.m.rise: is 2.5, must be a whole number, at least 1',
      '18:11: memcached.m.peer: is "10.0.0.300", must be HOST or HOST:PORT (port 11211 when left out), such as 192.168.100.101:11211 (10.0.0.300 is no IPv4 address)',
    ],
    [
      'a script',
      around(`${rest.memcached}${rest.proxy}vrrp_script:\n  s:\n    script: [x, [y]]\n    weight: 254\n`),
      '13:17: vrrp_script.s.script[1]: is a list, must be one word',
      '14:13: vrrp_script.s.weight: is 254, must be a whole number from -253 to 253',
    ],
    [
      'a proxy',
      around(
        `${rest.memcached}${rest.script}proxy:\n  p:\n    listen: 10.0.0.5\n    run: sometimes\n    servers: 10.0.0.1\n    command: [magent, -l, {host}]\n`,
      ),
      '13:13: proxy.p.listen: is "10.0.0.5", must be HOST:PORT, such as 192.168.100.250:12000 (the port is missing)',
      '14:10: proxy.p.run: is "sometimes", must be on_master or always',
      '15:14: proxy.p.servers: is "10.0.0.1", must be a list, such as [192.168.100.101:11211]',
      '16:27: proxy.p.command[2]: is a map, must be one word (put the braces in quotes: "{host}")',
    ],
    [
      'tracked things',
      withInstanceLines(
        'track_interface:',
        '  - eth1 weight 254',
        '  - eth1 wight 2',
        '  - eth1 reverse',
        '  - 7',
        '  - { weight: 2 }',
        '  - { name: eth1, weight: x }',
      ),
      '7:9: vrrp_instance.VI_1.track_interface[0]: is "eth1 weight 254", must be NAME, "NAME weight N" or "NAME weight N reverse" with N from -253 to 253',
      '8:9: vrrp_instance.VI_1.track_interface[1]: is "eth1 wight 2", must be NAME, "NAME weight N" or "NAME weight N reverse" with N from -253 to 253',
      '9:9: vrrp_instance.VI_1.track_interface[2]: is "eth1 reverse": reverse follows a weight, such as "eth1 weight 0 reverse"',
      '10:9: vrrp_instance.VI_1.track_interface[3]: is 7, must be NAME, "NAME weight N" or a map with name and weight',
      '11:9: vrrp_instance.VI_1.track_interface[4].name: is missing, must be a name',
      '12:31: vrrp_instance.VI_1.track_interface[5].weight: is "x", must be N or "N reverse" with N from -253 to 253',
    ],
    [
      'processes and files, whose weights may be one larger',
      withInstanceLines('track_process: [p weight 255]', 'track_file: [{ name: f, weight: -255 }]'),
      '6:21: vrrp_instance.VI_1.track_process[0]: is "p weight 255", must be NAME, "NAME weight N" or "NAME weight N reverse" with N from -254 to 254',
      '7:26: vrrp_instance.VI_1.track_file[0].name: is "f", which track_file does not define',
      '7:37: vrrp_instance.VI_1.track_file[0].weight: is -255, must be a whole number from -254 to 254',
    ],
    [
      'a script, a process and a file',
      `${MINIMAL}vrrp_script:\n  s: { script: x, weight: -20 revers, user: a b, init_fail: 1 }\nvrrp_track_process:\n  p: { process: "", quorum: 0, quorum_max: 70000, delay: 3601, param_match: first }\ntrack_file:\n  f: { file: x, weight: 1.5, init_file: 5 owerwrite }\n`,
      '7:3: warning: vrrp_script.s: is used by no vrrp_instance',
      '7:27: vrrp_script.s.weight: is "-20 revers", must be N or "N reverse" with N from -253 to 253',
      '7:45: vrrp_script.s.user: is "a b", must be the name of one user',
      '7:61: vrrp_script.s.init_fail: is 1, must be true or false',
      '9:3: warning: vrrp_track_process.p: is used by no vrrp_instance',
      '9:17: vrrp_track_process.p.process: is an empty command',
      '9:29: vrrp_track_process.p.quorum: is 0, must be a whole number from 1 to 65535',
      '9:44: vrrp_track_process.p.quorum_max: is 70000, must be a whole number from 0 to 65535',
      '9:58: vrrp_track_process.p.delay: is 3601, must be a number of seconds from 0 to 3600',
      '9:77: vrrp_track_process.p.param_match: is "first", must be exact, initial or partial',
      '11:3: warning: track_file.f: is used by no vrrp_instance',
      '11:14: track_file.f.file: is "x", must be an absolute path',
      '11:25: track_file.f.weight: is 1.5, must be a whole number from -254 to 254, or "N reverse"',
      '11:41: track_file.f.init_file: is "5 owerwrite", must be VALUE, overwrite or "VALUE overwrite", VALUE a whole number',
    ],
    [
      'delays of interfaces',
      `${withInstanceLines('track_interface: [a, b, c, d, e]')}interface_up_down_delays:\n  a: 256\n  b: 3 x\n  c: [1, 2, 3]\n  d: { up_delay: 1 }\n  e: true\n`,
      '8:6: interface_up_down_delays.a: is 256, must be a number of seconds from 0 to 255',
      '9:6: interface_up_down_delays.b: is "3 x", must be "DOWN_DELAY UP_DELAY", seconds from 0 to 255',
      '10:6: interface_up_down_delays.c: has more than two delays',
      '11:3: interface_up_down_delays.d.down_delay: is missing, must be a number of seconds from 0 to 255',
      '12:6: interface_up_down_delays.e: is true, must be DOWN_DELAY, [DOWN_DELAY, UP_DELAY] or a map with down_delay and up_delay',
    ],
    [
      'groups',
      `${MINIMAL}vrrp_sync_group:\n  A: { group: VI_1 }\n  B: { group: [] }\n  C: {}\n`,
      '7:15: vrrp_sync_group.A.group: is "VI_1", must be a list, such as [VI_1, VI_2]',
      '8:15: vrrp_sync_group.B.group: is empty, must name the instances of the group',
      '9:3: vrrp_sync_group.C.group: is missing, must be a list, such as [VI_1, VI_2]',
    ],
    [
      'what global_defs sets for the instances',
      `${MINIMAL}global_defs:\n  vrrp_version: 4\n  vrrp_garp_master_repeat: 0\n  vrrp_down_timer_adverts: 101\n  vrrp_startup_delay: -1\n  vrrp_notify_fifo: fifo\n`,
      '7:17: global_defs.vrrp_version: is 4, must be 2 or 3',
      '8:28: global_defs.vrrp_garp_master_repeat: is 0, must be a whole number from 1 to 255',
      '9:28: global_defs.vrrp_down_timer_adverts: is 101, must be a whole number from 1 to 100',
      '10:23: global_defs.vrrp_startup_delay: is -1, must be a number of seconds from 0 to 4294',
      '11:21: global_defs.vrrp_notify_fifo: is "fifo", must be an absolute path without spaces',
    ],
    [
      'authentication, without a word of the password',
      withInstanceLines('authentication: { auth_type: AH, auth_pass: [secret] }'),
      '6:34: vrrp_instance.VI_1.authentication.auth_type: is "AH", must be PASS',
      '6:49: vrrp_instance.VI_1.authentication.auth_pass: is a list, must be the password, 1 to 8 characters',
    ],
  ]);
});

test('a wrong value does not hide what is wrong between other values', () => {
  const text = `${withInstanceLines('priority: 300', 'track_memcached: [lokal]')}memcached: { local: { address: 5 } }\n`;
  expect(problemsOf(text)).toEqual([
    '6:15: vrrp_instance.VI_1.priority: is 300, must be a whole number from 1 to 255',
    '7:23: vrrp_instance.VI_1.track_memcached[0]: is "lokal", which memcached does not define, did you mean "local"?',
    '8:14: warning: memcached.local: is used by no vrrp_instance',
    '8:32: memcached.local.address: is 5, must be HOST or HOST:PORT',
  ]);
});
