/** Mistakes and doubts that lie between two values: their exact line, column, key and words. */
import { describe, expect, test } from 'vitest';
import { load, MINIMAL, problemsOf, withInstanceLines } from './sample.ts';

function check(cases: readonly (readonly [title: string, text: string, ...problems: string[]])[]) {
  test.each(cases.map(([title, text, ...problems]) => ({ title, text, problems })))(
    '$title',
    ({ text, problems }) => {
      expect(problemsOf(text)).toEqual(problems);
      const wrong = problems.some((problem) => !problem.includes(' warning: '));
      expect(load(text).config === null).toBe(wrong);
    },
  );
}

describe('VRRP version', () => {
  check([
    [
      'a fraction of a second with version 2',
      withInstanceLines('advert_int: 0.5'),
      '6:17: vrrp_instance.VI_1.advert_int: is 0.5, must be a whole number of seconds from 1 to 255 with VRRP version 2 (keepalived would round it in silence); version 3 allows fractions',
    ],
    ['a fraction of a second with version 3', withInstanceLines('version: 3', 'advert_int: 0.35')],
    [
      'every step of version 3 although it is no binary fraction',
      withInstanceLines('version: 3', 'advert_int: 40.95'),
    ],
    [
      'less than a step of version 3',
      withInstanceLines('vrrp_version: 3', 'advert_int: 0.105'),
      '7:17: vrrp_instance.VI_1.advert_int: is 0.105, must be from 0.01 to 40.95 seconds in steps of 0.01 with VRRP version 3',
    ],
    [
      'more than 12 bits hold',
      withInstanceLines('version: 3', 'advert_int: 41'),
      '7:17: vrrp_instance.VI_1.advert_int: is 41, must be from 0.01 to 40.95 seconds in steps of 0.01 with VRRP version 3',
    ],
    [
      'both spellings',
      withInstanceLines('version: 2', 'vrrp_version: 2'),
      '7:5: vrrp_instance.VI_1.vrrp_version: is another name of version, give only one of the two',
    ],
    [
      'authentication with version 3',
      withInstanceLines('version: 3', 'authentication: { auth_type: PASS, auth_pass: x }'),
      '7:5: vrrp_instance.VI_1.authentication: VRRP version 3 has no authentication, remove this or use version 2',
    ],
  ]);
});

describe('password', () => {
  check([
    ['eight characters', withInstanceLines('authentication: { auth_type: PASS, auth_pass: 12345678 }')],
    [
      'nine characters',
      withInstanceLines('authentication: { auth_type: PASS, auth_pass: 123456789 }'),
      '6:51: warning: vrrp_instance.VI_1.authentication.auth_pass: is longer than 8 characters, only the first 8 are used (keepalived cuts it too)',
    ],
    [
      'none',
      withInstanceLines('authentication: { auth_type: PASS, auth_pass: "" }'),
      '6:51: vrrp_instance.VI_1.authentication.auth_pass: is empty, must be the password, 1 to 8 characters',
    ],
  ]);
});

describe('preemption', () => {
  check([
    [
      'state MASTER',
      withInstanceLines('state: MASTER', 'nopreempt: true', 'preempt_delay: 3'),
      '7:16: warning: vrrp_instance.VI_1.nopreempt: has no effect with state MASTER, as in keepalived; use state BACKUP on both hosts',
      '8:20: warning: vrrp_instance.VI_1.preempt_delay: has no effect with state MASTER, as in keepalived',
    ],
    ['state MASTER alone', withInstanceLines('state: MASTER', 'nopreempt: false', 'preempt_delay: 0')],
    [
      'an address owner',
      withInstanceLines('nopreempt: true', 'priority: 255'),
      '6:16: warning: vrrp_instance.VI_1.nopreempt: has no effect with priority 255, as in keepalived',
    ],
    [
      'a delay of what never happens',
      withInstanceLines('nopreempt: true', 'preempt_delay: 3'),
      '7:20: warning: vrrp_instance.VI_1.preempt_delay: has no effect with nopreempt, as in keepalived',
    ],
  ]);
});

describe('the pace of advertisements', () => {
  const fast = withInstanceLines('vrrp_version: 3', 'advert_int: 0.05');
  check([
    ['100 ms', withInstanceLines('vrrp_version: 3', 'advert_int: 0.1')],
    [
      'less, as an ordinary process',
      fast,
      '7:17: warning: vrrp_instance.VI_1.advert_int: is 0.05, which a busy host keeps only with global_defs.vrrp_rt_priority (1 is enough)',
    ],
    ['less, in real time', `${fast}global_defs: { vrrp_rt_priority: 1 }\n`],
    [
      'a priority that there is not',
      `${MINIMAL}global_defs: { vrrp_rt_priority: 100 }\n`,
      '6:34: global_defs.vrrp_rt_priority: is 100, must be a whole number from 0 to 99',
    ],
  ]);
});

describe('lease', () => {
  check([
    ['as long as a peer waits', withInstanceLines('vip_lease: 2')],
    ['off is a choice', withInstanceLines('vip_lease: off')],
    [
      'longer than a peer waits',
      withInstanceLines('vip_lease: 3'),
      '6:16: warning: vrrp_instance.VI_1.vip_lease: is 3, with more than 2 a peer takes over while the address of a killed daemon is still here',
    ],
  ]);
});

describe('addresses', () => {
  const two = (first: string, second: string) =>
    `vrrp_instance:\n  A: { interface: eth0, virtual_router_id: ${first} }\n  B: { interface: eth0, virtual_router_id: ${second} }\n`;
  check([
    [
      'one VRID twice on one interface',
      two('51, virtual_ipaddress: [10.0.0.5]', '51, virtual_ipaddress: [10.0.0.6]'),
      '3:44: vrrp_instance.B.virtual_router_id: is 51, which A has already on eth0',
    ],
    [
      'one VRID on two interfaces',
      two('51, virtual_ipaddress: [10.0.0.5]', '51, virtual_ipaddress: [10.0.0.6]').replace('eth0', 'eth1'),
    ],
    [
      'one address in two instances',
      two('51, virtual_ipaddress: [10.0.0.5]', '52, virtual_ipaddress: [10.0.0.6, 10.0.0.5/24]'),
      '3:78: vrrp_instance.B.virtual_ipaddress[1]: is 10.0.0.5, which A has already',
    ],
    [
      'one address twice in an instance',
      withInstanceLines('virtual_ipaddress_excluded: [{ address: 10.0.0.5 }]'),
      '6:45: vrrp_instance.VI_1.virtual_ipaddress_excluded[0].address: is 10.0.0.5, which VI_1 has already',
    ],
    [
      'peers that are no peers',
      withInstanceLines('mcast_src_ip: 10.0.0.1', 'unicast_peer: [10.0.0.1, 10.0.0.5, 10.0.0.2, 10.0.0.2]'),
      "7:20: vrrp_instance.VI_1.unicast_peer[0]: is 10.0.0.1, this host's own unicast_src_ip; a peer is another host",
      '7:30: vrrp_instance.VI_1.unicast_peer[1]: is 10.0.0.5, a virtual address; a peer has an address of its own',
      '7:50: vrrp_instance.VI_1.unicast_peer[3]: is 10.0.0.2, which is in the list already',
    ],
    ['a peer needs no source', withInstanceLines('unicast_peer: [10.0.0.2]')],
    [
      'both names of the source',
      withInstanceLines('unicast_src_ip: 10.0.0.1', 'mcast_src_ip: 10.0.0.1'),
      '7:5: vrrp_instance.VI_1.mcast_src_ip: is another name of unicast_src_ip, give only one of the two',
    ],
    [
      'labels that `ip` refuses',
      withInstanceLines(
        'virtual_ipaddress_excluded:',
        '  - 10.0.0.6 label eth1:1',
        '  - { address: 10.0.0.7, label: "eth0:1", dev: eth1 }',
        '  - 10.0.0.8 label eth1:1 dev eth1',
      ),
      "7:9: vrrp_instance.VI_1.virtual_ipaddress_excluded[0]: the label eth1:1 must begin with the interface's name, such as eth0:1",
      "8:37: vrrp_instance.VI_1.virtual_ipaddress_excluded[1].label: the label eth0:1 must begin with the interface's name, such as eth1:1",
    ],
  ]);
});

describe('references', () => {
  const definitions =
    'memcached: { local: { address: 127.0.0.1 } }\nvrrp_script: { chk: { script: x } }\nproxy: { front: { listen: "10.0.0.5:1", servers: [a] } }\n';
  check([
    [
      'to nothing at all',
      withInstanceLines('track_memcached: [local]', 'track_script: [chk weight 2]', 'proxy: front'),
      '6:23: vrrp_instance.VI_1.track_memcached[0]: is "local", which memcached does not define',
      '7:20: vrrp_instance.VI_1.track_script[0]: is "chk", which vrrp_script does not define',
      '8:12: vrrp_instance.VI_1.proxy: is "front", which proxy does not define',
    ],
    [
      'misspelt',
      withInstanceLines('track_memcached: [{ name: lokal }]', 'track_script: [chkk]', 'proxy: fornt') +
        definitions,
      '6:31: vrrp_instance.VI_1.track_memcached[0].name: is "lokal", which memcached does not define, did you mean "local"?',
      '7:20: vrrp_instance.VI_1.track_script[0]: is "chkk", which vrrp_script does not define, did you mean "chk"?',
      '8:12: vrrp_instance.VI_1.proxy: is "fornt", which proxy does not define, did you mean "front"?',
      '9:14: warning: memcached.local: is used by no vrrp_instance',
      '10:16: warning: vrrp_script.chk: is used by no vrrp_instance',
      '11:10: warning: proxy.front: is used by no vrrp_instance',
    ],
    [
      'a definition with a mistake in it is a definition',
      `${withInstanceLines('track_memcached: [local]')}memcached: { local: 5 }\n`,
      '7:21: memcached.local: is 5, must be a map with at least address',
    ],
    [
      'one thing tracked twice',
      withInstanceLines('track_interface: [eth1, "eth1 weight 3", { name: eth1 }]'),
      '6:29: vrrp_instance.VI_1.track_interface[1]: is "eth1", which is in the list already',
      '6:54: vrrp_instance.VI_1.track_interface[2].name: is "eth1", which is in the list already',
    ],
    [
      'warm without the other copy',
      `${withInstanceLines('track_memcached: [{ name: local, warm: true }]')}memcached: { local: { address: 127.0.0.1 } }\n`,
      "6:44: vrrp_instance.VI_1.track_memcached[0].warm: needs memcached.local.peer, the other host's copy",
    ],
    [
      'a proxy that two instances use',
      `${withInstanceLines('proxy: front')}  VI_2: { interface: eth1, virtual_router_id: 51, virtual_ipaddress: [10.0.0.6], proxy: front }\nproxy: { front: { listen: "0.0.0.0:1", servers: [a] } }\n`,
      '7:89: vrrp_instance.VI_2.proxy: is "front", which VI_1 uses already',
    ],
  ]);
});

describe('warm', () => {
  const warm = (memcached: string, rest = '', entry = '{ name: m, warm: true }') =>
    `${withInstanceLines(`track_memcached: [${entry}]`)}memcached: { m: { address: 10.0.0.1${memcached} } }\n${rest}`;
  const bundled =
    'proxy: { front: { listen: "10.0.0.5:12000", servers: [10.0.0.1], backups: [10.0.0.2] } }\n';
  const [noEffect, unused] = [
    'warning: vrrp_instance.VI_1.track_memcached[0].warm: has no effect',
    '8:10: warning: proxy.front: is used by no vrrp_instance',
  ];
  const alone =
    'without the bundled proxy, which alone writes down what a copy has: every copy counts as whole';
  check([
    ['behind the bundled proxy', warm(', peer: 10.0.0.2', bundled), unused],
    ['without a proxy', warm(', peer: 10.0.0.2'), `6:40: ${noEffect} ${alone}`],
    [
      'behind another proxy',
      warm(', peer: 10.0.0.2', bundled.replace('servers', 'engine: magent, servers')),
      `6:40: ${noEffect} ${alone}`,
      unused,
    ],
    [
      'of a memcached that must be down',
      warm(', peer: 10.0.0.2', bundled, '{ name: m, weight: 5 reverse, warm: true }'),
      `6:59: ${noEffect} with reverse, which wants the memcached to be down`,
      unused,
    ],
    [
      'beside itself',
      warm(', peer: "10.0.0.1:11211"', bundled),
      "7:44: memcached.m.peer: is this memcached itself, must be the other host's copy",
      unused,
    ],
    ['not wanted', warm(', peer: 10.0.0.2', '', 'm')],
  ]);
});

describe('proxies', () => {
  const proxy = (...lines: string[]) =>
    `${withInstanceLines('proxy: front')}proxy:\n  front:\n${lines.map((line) => `    ${line}\n`).join('')}`;
  check([
    ['on the virtual address', proxy('listen: 10.0.0.5:12000', 'servers: [10.0.0.1]')],
    ['everywhere', proxy('listen: 0.0.0.0:12000', 'servers: [10.0.0.1]')],
    ['elsewhere as a warm standby', proxy('listen: 10.0.0.1:12000', 'servers: [10.0.0.1]', 'run: always')],
    [
      'the bundled one as a warm standby',
      proxy('listen: 10.0.0.5:12000', 'servers: [10.0.0.1]', 'run: always'),
    ],
    [
      'another program on the virtual address as a warm standby',
      proxy('listen: 10.0.0.5:12000', 'servers: [10.0.0.1]', 'engine: nutcracker', 'run: always'),
      '12:10: warning: proxy.front.run: is "always", but nutcracker cannot listen on 10.0.0.5 while that is on the other host; listen on 0.0.0.0, or set ip_nonlocal_bind',
    ],
    [
      'without servers but with a program',
      proxy('listen: 10.0.0.5:12000', 'command: x {listen} {host} {port} {}'),
    ],
    [
      'elsewhere',
      proxy('listen: 10.0.0.1:12000', 'servers: [10.0.0.1]'),
      '9:13: warning: proxy.front.listen: 10.0.0.1 is no virtual address of the instance that uses this proxy, so clients of the virtual address do not reach it',
    ],
    [
      'without anything to run or to send to',
      proxy('listen: 10.0.0.5:12000', 'command: null'),
      '8:3: proxy.front.servers: is missing, a proxy without a command needs at least one',
    ],
    [
      'with unknown placeholders',
      proxy('listen: 10.0.0.5:12000', 'command: [x, "{prot}", "a{peer}b"]'),
      '10:18: proxy.front.command[1]: is "{prot}": {prot} is no placeholder, did you mean "port"?',
      '10:28: proxy.front.command[2]: is "a{peer}b": {peer} is no placeholder, only {listen}, {host} and {port} are filled in',
    ],
    [
      'in front of itself',
      proxy('listen: 10.0.0.5:11211', 'servers: [10.0.0.1, 10.0.0.5]'),
      '10:25: proxy.front.servers[1]: is "10.0.0.5", where this proxy itself listens',
    ],
    [
      'two on one endpoint, one of them everywhere',
      `${withInstanceLines('proxy: a')}  VI_2: { interface: eth1, virtual_router_id: 51, virtual_ipaddress: [10.0.0.6], proxy: b }\nproxy:\n  a: { listen: "10.0.0.5:1", servers: [x] }\n  b: { listen: "0.0.0.0:1", servers: [x] }\n`,
      '10:16: proxy.b.listen: is "0.0.0.0:1", where a listens already',
    ],
    [
      'where the metrics are by default',
      proxy('listen: 0.0.0.0:9650', 'servers: [x]'),
      '9:13: proxy.front.listen: is "0.0.0.0:9650", where metrics listens already',
    ],
    [
      'where the metrics would be',
      `${proxy('listen: 0.0.0.0:9650', 'servers: [x]')}global_defs: { metrics: null }\n`,
    ],
  ]);
});

describe('metrics', () => {
  check([
    ['off', `${MINIMAL}global_defs: { metrics: null }\n`],
    [
      'off by accident',
      `${MINIMAL}global_defs:\n  metrics:\n  # listen: 127.0.0.1:9650\n`,
      '7:3: warning: global_defs.metrics: is empty, which turns metrics off; write null if that is meant',
    ],
  ]);
});

test('the minimal config has no problem', () => {
  expect(problemsOf(MINIMAL)).toEqual([]);
});

describe('use_vmac', () => {
  const second = (...lines: string[]) =>
    `  VI_2:\n    interface: eth1\n    virtual_router_id: 51\n    virtual_ipaddress: [10.0.0.6]\n${lines.map((line) => `    ${line}\n`).join('')}`;
  check([
    ['true', withInstanceLines('use_vmac: true')],
    ['a name, and the adverts from below', withInstanceLines('use_vmac: v51', 'vmac_xmit_base: true')],
    [
      'vmac_xmit_base alone',
      withInstanceLines('vmac_xmit_base: true'),
      '6:5: vrrp_instance.VI_1.vmac_xmit_base: has no effect without use_vmac',
    ],
    [
      'vmac_xmit_base with use_vmac turned off',
      withInstanceLines('use_vmac: false', 'vmac_xmit_base: true'),
      '7:5: vrrp_instance.VI_1.vmac_xmit_base: has no effect without use_vmac',
    ],
    [
      'two of the same VRID: the names that they get by themselves are the same',
      withInstanceLines('use_vmac: true') + second('use_vmac: true'),
      '11:15: vrrp_instance.VI_2.use_vmac: makes vrrp.51, as VI_1 does already; give it another name',
    ],
    ['one of them with a name', withInstanceLines('use_vmac: true') + second('use_vmac: other')],
    [
      'the name of an interface in use',
      withInstanceLines('use_vmac: eth1') + second(),
      '6:15: vrrp_instance.VI_1.use_vmac: is eth1, the interface of VI_2; give it a name that is not in use',
    ],
    [
      'IPv6, which has none here',
      'vrrp_instance: { VI_1: { interface: eth0, virtual_router_id: 51, virtual_ipaddress: [fe80::5], use_vmac: true } }\n',
      '1:96: vrrp_instance.VI_1.use_vmac: is there for IPv4 only, remove it',
    ],
    [
      'a label, which belongs to the interface that is made',
      withInstanceLines(
        'use_vmac: true',
        'virtual_ipaddress_excluded: [10.0.0.7 label eth0:1, 10.0.0.8 label vrrp.51:1]',
      ),
      "7:34: vrrp_instance.VI_1.virtual_ipaddress_excluded[0]: the label eth0:1 must begin with the interface's name, such as vrrp.51:1",
    ],
  ]);
});
