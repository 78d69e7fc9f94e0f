/** Instances over IPv6: what they mean, and the mistakes that only they can have. */
import { describe, expect, test } from 'vitest';
import { configOf, load, problemsOf } from './sample.ts';

/** Lines 1 to 5; what a test adds to the instance begins on line 6. */
function instance(addresses: string, ...lines: string[]): string {
  return `vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
    virtual_ipaddress: [${addresses}]
${lines.map((line) => `    ${line}\n`).join('')}`;
}

describe('what an instance over IPv6 means', () => {
  test('version 3, whatever the default of the file is', () => {
    const text = `global_defs: { vrrp_version: 2 }\n${instance('fe80::250')}`;
    expect(configOf(text).instances[0]!.vrrp.version).toBe(3);
    expect(configOf(instance('10.0.0.5')).instances[0]!.vrrp.version).toBe(2);
  });

  test('fractions of a second without a word about the version', () => {
    expect(configOf(instance('fe80::250', 'advert_int: 0.25')).instances[0]!.vrrp).toMatchObject({
      version: 3,
      advertisementInterval: 250,
    });
  });

  test('every address in its canonical form, /128 when nothing is said', () => {
    const text = instance(
      '"FE80:0::0250/64 dev eth1", "fd00:0009:0:0:0:0:0:250", { address: fd00::A }',
      'virtual_ipaddress_excluded: [10.0.0.9/24, FD00::1:0:0:B/64]',
      'unicast_src_ip: FD00:9::0:1',
      'unicast_peer: [fd00:9:0::2, FE80::2]',
    );
    const { virtualAddresses, excludedAddresses, sourceAddress, vrrp } = configOf(text).instances[0]!;
    expect(vrrp.addresses).toEqual(['fe80::250', 'fd00:9::250', 'fd00::a']);
    expect(vrrp.unicastPeers).toEqual(['fd00:9::2', 'fe80::2']);
    expect(sourceAddress).toBe('fd00:9::1');
    expect(virtualAddresses.map(({ prefixLength, dev }) => `/${prefixLength} ${dev}`)).toEqual([
      '/64 eth1',
      '/128 eth0',
      '/128 eth0',
    ]);
    expect(excludedAddresses.map(({ address }) => address)).toEqual(['10.0.0.9', 'fd00::1:0:0:b']);
  });

  test.each([
    ['10.0.0.5', '', 0.8, 2000],
    ['fe80::250', '', 1, 2000],
    ['fe80::250', '', 0.99, 1000],
    ['fe80::250', '', 2, 5000],
    ['10.0.0.5', 'virtual_ipaddress_excluded: [fd00::5]', 0.99, 1000],
  ])('vip_lease auto of %s with %s at %d s: %d ms', (address, line, interval, lease) => {
    const text = instance(address, 'version: 3', `advert_int: ${interval}`, ...(line === '' ? [] : [line]));
    expect(configOf(text).instances[0]!.vrrp.vipLease).toBe(lease);
  });

  test('one VRID for each family on one interface, and one link-local address on each interface', () => {
    const one = (name: string, device: string, address: string) =>
      `  ${name}: { interface: ${device}, virtual_router_id: 51, virtual_ipaddress: ["${address}"] }\n`;
    const text = `vrrp_instance:\n${one('A', 'eth0', 'fe80::250')}${one('B', 'eth0', '10.0.0.5')}${one('C', 'eth1', 'fe80::250')}`;
    expect(problemsOf(text)).toEqual([]);
  });

  test('endpoints', () => {
    const text = `global_defs: { metrics: { listen: "[::]:9650" } }
memcached: { local: { address: "[::1]:11211", peer: "[fd00:9::2]" } }
proxy: { front: { listen: "[FE80::250]:12000", command: "x {listen} {host} {port}" } }
${instance('fe80::250', 'proxy: front', 'track_memcached: [local]')}`;
    const { global, memcached, proxies } = configOf(text);
    expect(global.metrics).toEqual({ host: '::', port: 9650 });
    expect(memcached[0]).toMatchObject({
      address: { host: '::1', port: 11211 },
      peer: { host: 'fd00:9::2', port: 11211 },
    });
    expect(proxies[0]!.command).toEqual(['x', '[fe80::250]:12000', 'fe80::250', '12000']);
    expect(problemsOf(text)).toEqual([]);
  });
});

const GLOBAL_FIRST =
  '5:25: warning: vrrp_instance.VI_1.virtual_ipaddress[0]: is fd00::5, the first IPv6 address should be link-local (RFC 9568 §5.2.9); keepalived says so too, and goes on';

describe('mistakes', () => {
  test.each<[title: string, text: string, ...problems: string[]]>([
    ['no link-local address', instance('fd00::5'), GLOBAL_FIRST],
    ['no link-local address, unicast', instance('fd00::5', 'unicast_peer: ["fd00::2"]')],
    [
      'two families among the advertised',
      instance('fe80::250, 10.0.0.5'),
      '5:36: vrrp_instance.VI_1.virtual_ipaddress[1]: is 10.0.0.5, must be an IPv6 address as the first of virtual_ipaddress is; the other family can stand in virtual_ipaddress_excluded',
    ],
    [
      'two families, as a map',
      instance('10.0.0.5, { address: "fd00::5" }'),
      '5:46: vrrp_instance.VI_1.virtual_ipaddress[1].address: is fd00::5, must be an IPv4 address as the first of virtual_ipaddress is; the other family can stand in virtual_ipaddress_excluded',
    ],
    [
      'peers and a source of the other family',
      instance('fe80::250', 'unicast_src_ip: 10.0.0.1', 'unicast_peer: ["fd00::2", 10.0.0.2]'),
      '6:21: vrrp_instance.VI_1.unicast_src_ip: is 10.0.0.1, must be an IPv6 address as the first of virtual_ipaddress is',
      '7:31: vrrp_instance.VI_1.unicast_peer[1]: is 10.0.0.2, must be an IPv6 address as the first of virtual_ipaddress is',
    ],
    [
      'version 2',
      instance('fe80::250', 'version: 2'),
      '6:14: vrrp_instance.VI_1.version: is 2, must be 3 or left out: only version 3 speaks IPv6',
    ],
    [
      'a password',
      instance('fe80::250', 'authentication: { auth_type: PASS, auth_pass: x }'),
      '6:5: vrrp_instance.VI_1.authentication: VRRP version 3 has no authentication, remove this or use version 2',
    ],
    [
      'a label and a broadcast address',
      instance('"fe80::250 label eth0:1", { address: "fd00::5", brd: 10.0.0.255 }'),
      '5:25: vrrp_instance.VI_1.virtual_ipaddress[0]: an IPv6 address has no label, remove it',
      '5:78: vrrp_instance.VI_1.virtual_ipaddress[1].brd: an IPv6 address has no brd, remove it',
    ],
    [
      'a multicast source that is not link-local',
      instance('fe80::250', 'mcast_src_ip: fd00::1'),
      '6:19: warning: vrrp_instance.VI_1.mcast_src_ip: is fd00::1, should be a link-local address (fe80::/10): RFC 9568 §5.1.2.1 asks for it in multicast advertisements',
    ],
    [
      'one peer in two spellings, and our own address',
      instance('fe80::250', 'unicast_src_ip: fd00::1', 'unicast_peer: [FD00::0:1, fd00::2, "fd00:0::2"]'),
      "7:20: vrrp_instance.VI_1.unicast_peer[0]: is fd00::1, this host's own unicast_src_ip; a peer is another host",
      '7:40: vrrp_instance.VI_1.unicast_peer[2]: is fd00::2, which is in the list already',
    ],
    [
      'one address in two spellings',
      instance('fe80::250', 'virtual_ipaddress_excluded: ["FE80:0::250/64"]'),
      '6:34: vrrp_instance.VI_1.virtual_ipaddress_excluded[0]: is fe80::250, which VI_1 has already',
    ],
    [
      'metrics at every address of both families',
      `global_defs: { metrics: { listen: "[::]:12000" } }\nproxy: { front: { listen: "10.0.0.5:12000", command: x } }\n${instance('10.0.0.5', 'proxy: front')}`,
      '2:27: proxy.front.listen: is "10.0.0.5:12000", where metrics listens already',
    ],
  ])('%s', (_, text, ...problems) => {
    expect(problemsOf(text)).toEqual(problems);
    expect(load(text).config === null).toBe(problems.some((problem) => !problem.includes(' warning: ')));
  });
});
