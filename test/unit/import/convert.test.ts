/** What becomes of each keyword, and that `check` has the last word. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is keepalived's and the shell's here
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { importText, instance, instanceLines, lossesOf } from './conf.ts';

describe('keywords of an instance that are carried', () => {
  test.each([
    ['state MASTER\npriority 1', ['state: MASTER', 'priority: 1']],
    ['state BACKUP', ['state: BACKUP']],
    ['state EQUAL', ['state: BACKUP # keepalived takes EQUAL for BACKUP']],
    [
      'state MASTER',
      ['state: MASTER', "priority: 255 # keepalived's default with state MASTER: the owner of the address"],
    ],
    ['priority 150', ['priority: 150']],
    ['advert_int 2', ['advert_int: 2']],
    ['advert_int 1.00', ['advert_int: 1']],
    ['advert_int 1.6', ['advert_int: 2 # keepalived rounds 1.6']],
    ['advert_int 0.2', ['advert_int: 1 # keepalived rounds 0.2']],
    ['advert_int 0.2\nversion 3', ['advert_int: 0.2', 'version: 3']],
    ['advert_int 0.123\nversion 3', ['advert_int: 0.12 # keepalived rounds 0.123', 'version: 3']],
    ['nopreempt', ['nopreempt: true']],
    ['preempt', ['nopreempt: false']],
    ['preempt_delay 4.12', ['preempt_delay: 4.12']],
    ['garp_master_delay 10', ['garp_master_delay: 10']],
    ['garp_master_repeat 0', ['garp_master_repeat: 1']],
    [
      'garp_master_refresh 60\ngarp_master_refresh_repeat 2',
      ['garp_master_refresh: 60', 'garp_master_refresh_repeat: 2'],
    ],
    ['mcast_src_ip 10.0.0.1', ['mcast_src_ip: 10.0.0.1']],
    ['unicast_peer {\n10.0.0.2\n10.0.0.3\n}', ['unicast_peer: [10.0.0.2, 10.0.0.3]']],
    ['unicast_peer { 10.0.0.2 }\nunicast_peer { 10.0.0.3 }', ['unicast_peer: [10.0.0.2, 10.0.0.3]']],
    ['track_interface {\neth1\neth2 weight -20\n}', ['track_interface: [eth1, eth2 weight -20]']],
    ['track_interface { eth1 weight 254 }', ['track_interface: [eth1 weight 253]']],
    ['notify "/x.sh a"', ['notify: /x.sh a']],
    ['notify_master "/x.sh \'a b\'"', ['notify_master: "/x.sh \'a b\'"']],
    ['notify_master /x.sh', ['notify_master: /x.sh']],
    ['notify_fault "/x.sh \\x41"', ['notify_fault: [/x.sh, A]']],
    ['use_vmac', ['use_vmac: true']],
    ['use_vmac vrrp.51\nvmac_xmit_base', ['use_vmac: vrrp.51', 'vmac_xmit_base: true']],
    ['use_vmac name group', ['use_vmac: group']],
    ['use_vmac netlink_notify_msg v51', ['use_vmac: v51']],
    ['accept', []],
    [
      'virtual_ipaddress_excluded {\n10.0.0.6/24 dev eth1 label eth1:1 scope link brd 10.0.0.255\n}',
      ['virtual_ipaddress_excluded:', '- 10.0.0.6/24 dev eth1 label eth1:1 scope link brd 10.0.0.255'],
    ],
    [
      'authentication {\nauth_type PASS\nauth_pass 0111\n}',
      ['authentication:', 'auth_type: PASS', 'auth_pass: "0111"'],
    ],
    [
      'authentication {\nauth_pass "a b"\nauth_type PASS\n}',
      ['authentication:', 'auth_type: PASS', 'auth_pass: a b'],
    ],
  ])('%s', (text, lines) => {
    const imported = importText(instance(...text.split('\n')));
    expect(lossesOf(imported)).toEqual([]);
    expect(instanceLines(imported)).toEqual(lines);
  });
});

describe('keywords of an instance that are not carried', () => {
  const AH = 'memcache-ha does not speak AH; use PASS on every host, or none';
  test.each([
    ['smtp_alert', '5: smtp_alert: no e-mail is sent; alert on the metrics or send it from a notify hook'],
    ['prioritty 1', '5: prioritty 1: keepalived has no such keyword here'],
    ['priority', '5: priority: has no value'],
    ['priority 300', '5: priority 300: check says: is 300, must be a whole number from 1 to 255'],
    ['priority 5 6', '5: priority 5 6: only 5 counts, keepalived ignores the rest'],
    [
      'priority 5\npriority 6',
      '5: priority 5: is overruled on /etc/keepalived/keepalived.conf:6, as in keepalived',
    ],
    [
      'notify /a\nnotify /b',
      '6: notify /b: is overruled on /etc/keepalived/keepalived.conf:5, as in keepalived',
    ],
    [
      'priority 9\nstate BACKUP\nstate MASTER',
      '6: state BACKUP: is overruled on /etc/keepalived/keepalived.conf:7, as in keepalived',
    ],
    ['notify /a root', '5: notify /a root: runs as script_user, not as root'],
    ['notify "/a', '5: notify "/a: is no command that keepalived could read'],
    [
      'unicast_peer { 10.0.0.2 min_ttl 2 }',
      '5: 10.0.0.2 min_ttl 2: the TTL of a unicast peer is not checked',
    ],
    [
      'unicast_peer { 10.0.0.999 }',
      '5: 10.0.0.999: check says: is "10.0.0.999", must be an IPv4 or IPv6 address',
    ],
    ['unicast_peer', '5: unicast_peer: has no block'],
    [
      'virtual_routes { default via 10.0.0.1 }',
      '5: virtual_routes {: memcache-ha moves addresses only, no routes and no rules; set them in a notify hook',
    ],
    ['track_script { gone }', '5: gone: check says: is "gone", which vrrp_script does not define'],
    ['authentication { auth_type AH\nauth_pass secret }', `5: authentication {: ${AH}`],
    [
      'authentication { auth_type PASS }',
      '5: authentication {: no auth_pass is given, so keepalived uses no authentication',
    ],
    [
      'authentication { auth_pass secret }',
      '5: authentication {: no auth_type is given, so keepalived uses none',
    ],
    [
      'strict_mode\nauthentication { auth_type PASS\nauth_pass secret }',
      '6: authentication {: with vrrp_strict keepalived uses no authentication',
    ],
    [
      'version 3\nauthentication { auth_type PASS\nauth_pass secret }',
      '6: authentication {: VRRP version 3 has no authentication, keepalived ignores it too',
    ],
    [
      'virtual_ipaddress_excluded { 10.0.0.5 }',
      '5: 10.0.0.5: check says: is 10.0.0.5, which VI_1 has already',
    ],
    [
      'virtual_ipaddress_excluded { 10.0.0.6 no_track }',
      '5: 10.0.0.6 no_track: an address that somebody removes is always put back',
    ],
    [
      'virtual_ipaddress_excluded { 10.0.0.6 label x:1 }',
      "5: 10.0.0.6 label x:1: a label must begin with the interface's name, eth0",
    ],
    [
      'use_vmac\nvirtual_ipaddress_excluded { 10.0.0.6 dev eth0 label eth0:1 }',
      "6: 10.0.0.6 label eth0:1: a label must begin with the interface's name, vrrp.51",
    ],
    [
      'use_vmac v51 02:00:5e:00:01:33',
      '5: use_vmac 02:00:5e:00:01:33: the MAC is that of the RFC, and the group that of the interface below',
    ],
  ])('%s', (text, loss) => {
    const imported = importText(instance(...text.split('\n')));
    expect(lossesOf(imported)).toContain(loss);
    expect(imported.hasConfig).toBe(true);
    expect(loadConfig('x', imported.yaml).problems.filter(({ severity }) => severity === 'error')).toEqual(
      [],
    );
    // The reason stands in the YAML too, at the place it belongs to.
    expect(imported.yaml).toContain(
      `because: ${loss.replace(/^\d+: .*?: (?=[a-z])(?!1:)/, '').slice(-20)}`.slice(-20),
    );
  });

  test('a password stands in no message', () => {
    const imported = importText(
      instance(
        'auth_pass secret',
        'authentication {',
        'auth_type PASS',
        'auth_pass secret',
        'auth_pass secret2',
        '}',
      ),
    );
    expect(lossesOf(imported).join()).not.toContain('secret');
  });

  test('what is refused takes along what cannot be without it, and says so', () => {
    const imported = importText(
      `${instance()}\nvrrp_instance VI_2 {\ninterface eth0\nvirtual_router_id 51\nvirtual_ipaddress {\n10.0.0.5\nfe80::1\n}\n}`,
    );
    expect(imported.hasConfig).toBe(true);
    expect(lossesOf(imported)).toContain(
      '6: vrrp_instance VI_2 {: check says: virtual_router_id is missing, must be a whole number from 1 to 255',
    );
  });
});

describe('blocks', () => {
  test('a script with its numbers, and the reference to it', () => {
    const imported = importText(
      `vrrp_script chk {\nscript "/bin/x 'a b'"\ninterval 2.5\ntimeout 2\nfall 3\nrise 1\nweight -20\n}\n${instance('track_script { chk weight 5 }')}`,
    );
    expect(lossesOf(imported)).toEqual([]);
    expect(imported.yaml).toContain(
      'vrrp_script:\n  chk:\n    script: "/bin/x \'a b\'"\n    interval: 2.5\n    timeout: 2\n    fall: 3\n    rise: 1\n    weight: -20\n',
    );
    expect(instanceLines(imported)).toEqual(['track_script: [chk weight 5]']);
  });

  test('a port that bash opens is opened by bash', () => {
    const imported = importText(
      `vrrp_script chk { script "</dev/tcp/127.0.0.1/80" }\n${instance('track_script { chk }')}`,
    );
    expect(imported.yaml).toContain('script: [bash, -c, "</dev/tcp/127.0.0.1/80"]');
  });

  test.each([
    [
      'virtual_server 10.0.0.9 80 { real_server 10.0.0.1 80 { weight 1 } }',
      /virtual_server 10.0.0.9 80 \{: memcache-ha balances no load/,
    ],
    ['bfd_instance b { }', /no BFD/],
    ['static_routes { }', /for the network configuration/],
    ['net_namespace x', /NetworkNamespacePath=/],
    ['nonsense', /keepalived has no such keyword here/],
    ['vrrp_instance {\n}', /has no name/],
    ['vrrp_instance VI_1 { priority 3 }', /VI_1 is defined already on .*:1$/],
  ])('%s is named', (text, reason) => {
    const imported = importText(`${instance()}\n${text}`);
    expect(lossesOf(imported)).toHaveLength(1);
    expect(lossesOf(imported)[0]).toMatch(reason);
  });

  test('global_defs', () => {
    const imported = importText(
      `global_defs {\nrouter_id 051\nscript_user nobody nogroup\nenable_script_security\nvrrp_strict\n}\n${instance('notify /a nobody')}`,
    );
    expect(imported.yaml).toContain('global_defs:\n  router_id: "051"\n  script_user: nobody\n');
    expect(lossesOf(imported)).toEqual([
      "3: script_user nobody nogroup: scripts run with nobody's own group, not with nogroup",
      '4: enable_script_security: who may write a script is not looked at; script_user says who runs it',
      '5: vrrp_strict: memcache-ha has no strict mode',
    ]);
  });

  test('what global_defs says of all instances holds in each that does not say otherwise', () => {
    const text = `global_defs {\nvrrp_garp_master_delay 7\nvrrp_version 3\ndefault_interface eth9\n}\n${instance('advert_int 0.5')}
      vrrp_instance VI_2 { virtual_router_id 52\nvirtual_ipaddress { 10.0.0.6 }\ngarp_master_delay 9 }`;
    const imported = importText(text);
    expect(lossesOf(imported)).toEqual([]);
    const { config } = loadConfig('x', imported.yaml);
    expect(
      config!.instances.map((each) => [each.interface, each.vrrp.version, each.vrrp.garpMasterDelay]),
    ).toEqual([
      ['eth0', 3, 7000],
      ['eth9', 3, 9000],
    ]);
    expect(config!.instances[0]!.vrrp.advertisementInterval).toBe(500);
  });
});

test('without an instance there is no config, and all is told', () => {
  const imported = importText('global_defs {\nrouter_id R1\n}\nvirtual_server 10.0.0.9 80 {\n}');
  expect(imported.hasConfig).toBe(false);
  expect(lossesOf(imported)).toEqual([
    '2: router_id R1: there is no vrrp_instance that could use it',
    '4: virtual_server 10.0.0.9 80 {: memcache-ha balances no load over real servers (LVS, IPVS)',
  ]);
  expect(imported.yaml.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
});

test('names and words that YAML would read otherwise stay what they are', () => {
  const imported = importText(
    instance().replace('VI_1', '51').replace('eth0', 'on') +
      `\nvrrp_instance true {\ninterface 1e3\nvirtual_router_id 7\nvirtual_ipaddress { 10.1.1.1 }\n}`,
  );
  expect(lossesOf(imported)).toEqual([]);
  const { config } = loadConfig('x', imported.yaml);
  expect(config!.instances.map((each) => [each.name, each.interface])).toEqual([
    ['51', 'on'],
    ['true', '1e3'],
  ]);
});

test('255 instances fit', () => {
  const block = [
    '$I= \\',
    'vrrp_instance VI_${N} { \\',
    'interface eth0 \\',
    'virtual_router_id ${N} \\',
    'virtual_ipaddress { 10.0.1.${N} } \\',
    'smtp_alert \\',
    '}',
    '~SEQ(N, 1, 255) $I',
  ].join('\n');
  const imported = importText(block);
  expect(loadConfig('x', imported.yaml).config!.instances).toHaveLength(255);
  expect(imported.losses).toHaveLength(255);
});

describe('an instance over IPv6', () => {
  const text = `global_defs { vrrp_version 2 }
vrrp_instance V6 {
  interface eth0
  virtual_router_id 51
  native_ipv6
  version 2
  unicast_src_ip fd00:9::1
  unicast_peer { fd00:9::2 }
  virtual_ipaddress {
    fe80::250/64 dev eth0
    fd00:9::250/64 label eth0:1 brd 10.0.0.255
    10.0.0.8
  }
  virtual_ipaddress_excluded { 10.0.0.9/24 label eth0:2 }
}
`;
  const imported = importText(text);
  const { config, problems } = loadConfig('x', imported.yaml);

  test('is carried with all that keepalived heeds, in version 3', () => {
    expect(problems).toEqual([]);
    const { vrrp, sourceAddress, excludedAddresses } = config!.instances[0]!;
    expect(vrrp).toMatchObject({
      version: 3,
      addresses: ['fe80::250', 'fd00:9::250'],
      unicastPeers: ['fd00:9::2'],
    });
    expect(sourceAddress).toBe('fd00:9::1');
    expect(excludedAddresses).toMatchObject([{ address: '10.0.0.9', label: 'eth0:2' }]);
  });

  test('what keepalived passes over is told', () => {
    expect(lossesOf(imported)).toEqual([
      '6: version 2: check says: is 2, must be 3 or left out: only version 3 speaks IPv6',
      '11: fd00:9::250/64 label eth0:1: an IPv6 address has no label; keepalived passes it on in vain',
      '11: fd00:9::250/64 brd 10.0.0.255: an IPv6 address has no broadcast address; keepalived passes over it',
      '12: 10.0.0.8: check says: is 10.0.0.8, must be an IPv6 address as the first of virtual_ipaddress is; the other family can stand in virtual_ipaddress_excluded',
    ]);
  });
});
