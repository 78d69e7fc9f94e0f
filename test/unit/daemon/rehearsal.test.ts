/** A rehearsed takeover comes to its end for whatever can be configured, and leaves the host as it was. */
import { describe, expect, test } from 'vitest';
import type { InstanceConfig } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { rehearseTakeover } from '../../../src/daemon/rehearsal.ts';

function instanceWith(settings: string): InstanceConfig {
  const { config, problems } = loadConfig(
    'test.yaml',
    `
memcached:
  local: { address: 127.0.0.1:11211, peer: 10.9.0.4:11211 }
vrrp_script:
  chk: { script: /bin/true }
proxy:
  front: { listen: 10.9.0.5:12000, servers: [10.9.0.3], backups: [10.9.0.4], run: always }
vrrp_instance:
  VI_1:
    interface: eth0
    virtual_router_id: 51
${settings
  .trim()
  .split('\n')
  .map((line) => `    ${line.trim()}`)
  .join('\n')}
`,
  );
  if (config === null) throw new Error(JSON.stringify(problems));
  return config.instances[0]!;
}

/** What of the host was asked; the kernel refuses every frame. */
function stage(localAddress: string) {
  const asked: string[] = [];
  const frames: number[] = [];
  return {
    asked,
    frames,
    arp: {
      send(index: number) {
        frames.push(index);
        throw new Error('sendto: ENXIO');
      },
    },
    batch: {
      async run(command: string) {
        asked.push(command);
        return '[{}]';
      },
    },
    links: {
      find: () => undefined,
      localAddress: () => localAddress,
      socket: () => null,
      isOwn: () => false,
    },
  };
}

describe('a takeover is rehearsed', () => {
  test.each([
    ['version 2', 'virtual_ipaddress: [10.9.0.5, 10.9.0.6/24]'],
    ['version 3', 'version: 3\nadvert_int: 0.1\nvirtual_ipaddress: [10.9.0.5]'],
    ['unicast', 'unicast_peer: [10.9.0.4]\nvirtual_ipaddress: [10.9.0.5]'],
    ['the address owner', 'priority: 255\nvirtual_ipaddress: [10.9.0.5]'],
    ['nopreempt and preempt_delay', 'nopreempt: true\nvirtual_ipaddress: [10.9.0.5]'],
    ['one that waits before it preempts', 'preempt_delay: 60\nvirtual_ipaddress: [10.9.0.5]'],
    ['no lease', 'vip_lease: off\nvirtual_ipaddress: [10.9.0.5]'],
    ['use_vmac', 'use_vmac: true\nvirtual_ipaddress: [10.9.0.5]'],
    ['a proxy', 'proxy: front\nvirtual_ipaddress: [10.9.0.5]'],
    ['hooks', 'notify_master: /bin/false\nnotify: /bin/false\nvirtual_ipaddress: [10.9.0.5]'],
    [
      'everything tracked, and nothing of it known',
      `track_interface: [eth1]
       track_script: [chk]
       track_memcached: [{ name: local, warm: true }]
       virtual_ipaddress: [10.9.0.5]`,
    ],
  ])('%s', async (_, settings) => {
    const host = stage('10.9.0.3');
    await rehearseTakeover(instanceWith(settings), host);
    expect(new Set(host.asked)).toEqual(new Set(['addr show dev lo']));
    expect(host.frames.length).toBeGreaterThanOrEqual(5);
    expect(new Set(host.frames)).toEqual(new Set([0]));
  });

  test('IPv6', async () => {
    const host = stage('fe80::3');
    await rehearseTakeover(instanceWith('version: 3\nvirtual_ipaddress: [fe80::5, "2001:db8::5/64"]'), host);
    expect(new Set(host.frames)).toEqual(new Set([0]));
  });
});

test('an `ip` that refuses is no trouble', async () => {
  const host = stage('10.9.0.3');
  host.batch.run = () => Promise.reject(new Error('ip -batch ended'));
  await rehearseTakeover(instanceWith('virtual_ipaddress: [10.9.0.5]'), host);
  expect(new Set(host.frames)).toEqual(new Set([0]));
});

test('one that comes to no end is given up', async () => {
  const host = stage('10.9.0.3');
  host.batch.run = () => new Promise(() => {});
  const rehearsal = rehearseTakeover(instanceWith('virtual_ipaddress: [10.9.0.5]'), host);
  await expect(rehearsal).rejects.toThrow('VI_1: the rehearsal of a takeover came to no end');
}, 10_000);
