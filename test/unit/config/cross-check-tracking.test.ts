/** Doubts and mistakes between what is tracked, groups, delays and priorities: their exact line, column, key and words. */
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

/** A second instance, for groups. */
function second(...fields: string[]): string {
  const all = ['interface: eth0', 'virtual_router_id: 52', 'virtual_ipaddress: [10.0.0.6]', ...fields];
  return `  VI_2: { ${all.join(', ')} }\n`;
}

const NEVER =
  'which never moves the virtual address on a nopreempt pair: the BACKUP ignores advertisements of a lower priority; only a fault does, so leave the weight out (weight 0)';

describe('a weight with nopreempt', () => {
  const things =
    'vrrp_script: { s: { script: x, weight: -20 }, t: { script: x } }\nmemcached: { m: { address: a } }\nvrrp_track_process: { p: { process: x, weight: 5 } }\ntrack_file: { f: { file: /x } }\n';
  check([
    [
      'is told of at each entry, wherever the weight is written',
      withInstanceLines(
        'nopreempt: true',
        'track_script: [s, t]',
        'track_memcached: [{ name: m, weight: 10 }]',
        'track_interface: [eth1 weight -5 reverse]',
        'track_process: [p]',
        'track_file: [f]',
      ) + things,
      `7:20: warning: vrrp_instance.VI_1.track_script[0]: has weight -20, ${NEVER}`,
      `8:23: warning: vrrp_instance.VI_1.track_memcached[0]: has weight 10, ${NEVER}`,
      `9:23: warning: vrrp_instance.VI_1.track_interface[0]: has weight -5, ${NEVER}`,
      `10:21: warning: vrrp_instance.VI_1.track_process[0]: has weight 5, ${NEVER}`,
    ],
    [
      'not where the entry takes it back',
      `${withInstanceLines('nopreempt: true', 'track_script: [s weight 0]')}vrrp_script: { s: { script: x, weight: -20 } }\n`,
    ],
    [
      'not without nopreempt',
      `${withInstanceLines('track_script: [s]')}vrrp_script: { s: { script: x, weight: -20 } }\n`,
    ],
    [
      'not where nopreempt is cancelled, which is told instead',
      `${withInstanceLines('nopreempt: true', 'preempt: true', 'track_interface: [a weight 3]')}`,
      '6:16: warning: vrrp_instance.VI_1.nopreempt: has no effect with preempt, which cancels it',
    ],
    [
      'nor with state MASTER',
      withInstanceLines('nopreempt: true', 'state: MASTER', 'track_interface: [a weight 3]'),
      '6:16: warning: vrrp_instance.VI_1.nopreempt: has no effect with state MASTER, as in keepalived; use state BACKUP on both hosts',
    ],
    [
      'also in the group of such an instance',
      `${withInstanceLines('nopreempt: true')}${second()}vrrp_sync_group: { G: { group: [VI_1, VI_2], track_interface: [a weight 3, b] } }\n`,
      `8:64: warning: vrrp_sync_group.G.track_interface[0]: has weight 3, ${NEVER}`,
    ],
  ]);
});

describe('a weight where the priority cannot move', () => {
  const lists = [
    'track_interface: [eth1 weight 5]',
    'track_script: [s]',
    'track_file: [f, g]',
    'track_memcached: [m weight 2]',
    'track_process: [p weight 1]',
  ];
  const things =
    'vrrp_track_process: { p: { process: x } }\nvrrp_script: { s: { script: x, weight: 3 } }\ntrack_file: { f: { file: /x }, g: { file: /x, weight: 2 } }\nmemcached: { m: { address: a } }\n';
  check([
    [
      'an address owner',
      withInstanceLines('priority: 255', ...lists) + things,
      '7:23: warning: vrrp_instance.VI_1.track_interface[0]: has weight 5, which has no effect with priority 255, as in keepalived',
      '8:20: warning: vrrp_instance.VI_1.track_script[0]: has weight 3, which has no effect with priority 255, as in keepalived',
      '9:18: warning: vrrp_instance.VI_1.track_file[0]: has weight 1, which is ignored with priority 255, as in keepalived: any number but 0 is a fault',
      '9:21: warning: vrrp_instance.VI_1.track_file[1]: has weight 2, so it is not tracked with priority 255, as in keepalived',
      '10:23: warning: vrrp_instance.VI_1.track_memcached[0]: has weight 2, which has no effect with priority 255, as in keepalived',
      '11:21: warning: vrrp_instance.VI_1.track_process[0]: has weight 1, which has no effect with priority 255, as in keepalived',
    ],
    [
      'a member of a group',
      `${withInstanceLines(...lists)}${second()}vrrp_sync_group: { G: { group: [VI_1, VI_2] } }\n${things}`,
      '6:23: warning: vrrp_instance.VI_1.track_interface[0]: has weight 5, which is ignored in a member of vrrp_sync_group G: its loss is a fault',
      '7:20: warning: vrrp_instance.VI_1.track_script[0]: has weight 3, so it is not tracked in a member of vrrp_sync_group G, as in keepalived; give it weight 0 here, or track it in the group',
      '8:18: warning: vrrp_instance.VI_1.track_file[0]: has weight 1, which is ignored in a member of vrrp_sync_group G: any number but 0 is a fault',
      '8:21: warning: vrrp_instance.VI_1.track_file[1]: has weight 2, so it is not tracked in a member of vrrp_sync_group G, as in keepalived; give it weight 0 here, or track it in the group',
      '9:23: warning: vrrp_instance.VI_1.track_memcached[0]: has weight 2, which is ignored in a member of vrrp_sync_group G: its loss is a fault',
      '10:21: warning: vrrp_instance.VI_1.track_process[0]: has weight 1, so it is not tracked in a member of vrrp_sync_group G; give it weight 0 here, or track it in the group',
    ],
  ]);
});

describe('groups', () => {
  const groups = (text: string) => `${MINIMAL}${second()}vrrp_sync_group:\n  ${text}\n`;
  check([
    ['of two', groups('G: { group: [VI_1, VI_2] }')],
    [
      'with a member that is no instance, and one twice',
      groups('G: { group: [VI_1, VI-2, VI_1] }'),
      '8:22: vrrp_sync_group.G.group[1]: is "VI-2", which vrrp_instance does not define, did you mean "VI_2"?',
      '8:28: vrrp_sync_group.G.group[2]: is "VI_1", which is in the list already',
    ],
    [
      'that share a member',
      groups('G: { group: [VI_1, VI_2] }\n  H: { group: [VI_2, VI_1] }'),
      '9:16: vrrp_sync_group.H.group[0]: is "VI_2", which is in vrrp_sync_group G already, an instance has one group',
      '9:22: vrrp_sync_group.H.group[1]: is "VI_1", which is in vrrp_sync_group G already, an instance has one group',
    ],
    [
      'of one',
      groups('G: { group: [VI_1] }'),
      '8:15: warning: vrrp_sync_group.G.group: has one member only, so there is nothing to keep together',
    ],
    [
      'of an owner and another',
      `${MINIMAL}${second('priority: 255')}vrrp_sync_group: { G: { group: [VI_1, VI_2] } }\n`,
      '7:32: warning: vrrp_sync_group.G.group: has members with priority 255 and others without, which cannot be of one state',
    ],
    [
      'of owners only',
      `${withInstanceLines('priority: 255')}${second('priority: 255')}vrrp_sync_group: { G: { group: [VI_1, VI_2] } }\n`,
    ],
    [
      'that track what is not defined, and what only they use',
      `${groups('G: { group: [VI_1, VI_2], track_script: [s, z], track_memcached: [{ name: m, warm: true }] }')}vrrp_script: { s: { script: x } }\nmemcached: { m: { address: a } }\n`,
      '8:47: vrrp_sync_group.G.track_script[1]: is "z", which vrrp_script does not define, did you mean "s"?',
      "8:86: vrrp_sync_group.G.track_memcached[0].warm: needs memcached.m.peer, the other host's copy",
    ],
  ]);
});

describe('delays of interfaces', () => {
  const delays = (value: string, ...lines: string[]) =>
    `interface_up_down_delays: { eth0: ${value} }\n${withInstanceLines(...lines)}`;
  const should = (down: number, limit: number) =>
    `1:35: warning: interface_up_down_delays.eth0: the down delay is ${down}, should be less than ${limit} seconds, (down_timer_adverts - 1) x advert_int of VI_1: a peer takes over while this host still waits`;
  check([
    ['just shorter than a peer waits', delays('1.99')],
    ['as long as a peer waits', delays('2'), should(2, 2)],
    ['the up delay may be longer', delays('[1, 60]')],
    ['more adverts', delays('2', 'down_timer_adverts: 4')],
    ['one advert leaves no time', delays('0.1', 'down_timer_adverts: 1'), should(0.1, 0)],
    ['no delay is none', delays('0', 'down_timer_adverts: 1')],
    ['short adverts', delays('0.3', 'version: 3', 'advert_int: 0.1'), should(0.3, 0.2)],
    ['adverts of global_defs', `${delays('3')}global_defs: { vrrp_down_timer_adverts: 5 }\n`],
    [
      'the hastiest instance counts, and one that tracks the interface is one',
      `${delays('2', 'down_timer_adverts: 9')}  VI_2: { interface: eth1, virtual_router_id: 1, virtual_ipaddress: [10.0.0.6], track_interface: [eth0] }\n`,
      should(2, 2).replace('VI_1', 'VI_2'),
    ],
    [
      'an interface that nobody uses',
      `interface_up_down_delays: { eth9: 1 }\n${MINIMAL}`,
      '1:29: warning: interface_up_down_delays.eth9: is used by no vrrp_instance',
    ],
    [
      'an interface that only a group tracks',
      `interface_up_down_delays: { eth9: 1 }\n${MINIMAL}${second()}vrrp_sync_group: { G: { group: [VI_1, VI_2], track_interface: [eth9] } }\n`,
    ],
  ]);
});

describe('processes and files', () => {
  const tracked = (text: string) => `${withInstanceLines('track_process: [p]')}${text}\n`;
  check([
    [
      'a quorum above the most',
      tracked('vrrp_track_process: { p: { process: x, quorum: 3, quorum_max: 2 } }'),
      '7:63: vrrp_track_process.p.quorum_max: is 2, less than the quorum of 3',
    ],
    ['none may run', tracked('track_process: { p: { process: x, quorum: 1, quorum_max: 0 } }')],
    [
      'none may run and two must',
      tracked('track_process: { p: { process: x, quorum: 2, quorum_max: 0 } }'),
      '7:58: track_process.p.quorum_max: is 0, less than the quorum of 2',
    ],
    [
      'a delay that is overruled twice',
      tracked('track_process: { p: { process: x, delay: 1, fork_delay: 2, terminate_delay: 3 } }'),
      '7:35: warning: track_process.p.delay: has no effect beside fork_delay and terminate_delay',
    ],
    [
      'one name in both sections',
      tracked('vrrp_track_process: { p: { process: x } }\ntrack_process: { p: { process: y } }'),
      '8:18: track_process.p: is defined in vrrp_track_process already',
    ],
    [
      'nobody tracks it',
      `${MINIMAL}vrrp_track_file: { f: { file: /x } }\n`,
      '6:20: warning: vrrp_track_file.f: is used by no vrrp_instance',
    ],
    [
      'tracked but not defined',
      withInstanceLines('track_process: [p]', 'track_file: [f]'),
      '6:21: vrrp_instance.VI_1.track_process[0]: is "p", which vrrp_track_process does not define',
      '7:18: vrrp_instance.VI_1.track_file[0]: is "f", which track_file does not define',
    ],
  ]);
});

describe('global_defs', () => {
  check([
    [
      'both names of the FIFO',
      `${MINIMAL}global_defs: { vrrp_notify_fifo: /a, notify_fifo: /b }\n`,
      '6:38: global_defs.notify_fifo: is another name of vrrp_notify_fifo, give only one of the two',
    ],
    [
      'a version for all decides on advert_int and authentication',
      `${withInstanceLines('advert_int: 0.105', 'authentication: { auth_type: PASS, auth_pass: x }')}global_defs: { vrrp_version: 3 }\n`,
      '6:17: vrrp_instance.VI_1.advert_int: is 0.105, must be from 0.01 to 40.95 seconds in steps of 0.01 with VRRP version 3',
      '7:5: vrrp_instance.VI_1.authentication: VRRP version 3 has no authentication, remove this or use version 2',
    ],
    [
      'adverts for all decide on how long a lease may be',
      `${withInstanceLines('vip_lease: 5')}global_defs: { vrrp_down_timer_adverts: 5 }\n`,
      '6:16: warning: vrrp_instance.VI_1.vip_lease: is 5, with more than 4 a peer takes over while the address of a killed daemon is still here',
    ],
  ]);
});
