/**
 * use_vmac: the virtual router's own MAC on an interface of its own. The same frames as keepalived's, no changed MAC in
 * a client's ARP cache, and nothing left on the host.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { startClient } from '../../src/lab/client.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { ask, startMemcached } from '../../src/lab/programs.ts';
import { type Daemon, MEMCACHE_HA, memcacheHa, startDaemon, writeConfig } from './support/daemon.ts';
import { measured } from './support/measured.ts';
import { type Config, VIP } from './support/pair.ts';

const MAC = '00:00:5e:00:01:33';

let lab: Lab<'a' | 'b'>;
let a: Host;
let b: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhavmac' });
  ({ a, b } = lab.hosts);
});
afterEach(async () => {
  for (const host of [a, b]) {
    await host.powerOn();
    // What a daemon leaves for the next one ends with a reboot.
    for (const name of ['kernel-settings.json', 'control.state']) {
      rmSync(join(host.directory, name), { force: true });
    }
    for (const name of ['vrrp.51', 'vm52', 'vrrp.53', 'vrrp.54']) {
      await host.exec(['ip', 'link', 'del', name], { allowFailure: true });
    }
    const names = 'rp_filter arp_ignore arp_filter arp_announce';
    const reset = `for n in ${names}; do for f in /proc/sys/net/ipv4/conf/*/$n; do echo 0 >$f; done; done`;
    await host.exec(['sh', '-c', reset]);
  }
  await lab.client.exec(['ip', 'neigh', 'flush', 'all']);
});
afterAll(() => lab.destroy());

const instance = (host: Host, changes: Config = {}): Config => ({
  interface: 'eth0',
  virtual_router_id: 51,
  version: 3,
  advert_int: 0.2,
  priority: host.name === 'a' ? 200 : 100,
  use_vmac: true,
  virtual_ipaddress: [VIP],
  ...changes,
});
const config = (host: Host, changes?: Config): Config => ({
  vrrp_instance: { VI_1: instance(host, changes) },
});
const keepalivedConf = (host: Host, changes = 'use_vmac', vip = VIP): string => `vrrp_instance VI_1 {
 state BACKUP
 interface eth0
 virtual_router_id 51
 version 3
 advert_int 0.2
 priority ${host.name === 'a' ? 200 : 100}
 ${changes}
 virtual_ipaddress {
 ${vip}
 }
}
`;

/** The MAC that the client has for the virtual address. */
async function clientsMac(): Promise<string> {
  const { stdout } = await lab.client.exec(['ip', '-j', 'neigh', 'show', VIP]);
  return (JSON.parse(stdout) as { lladdr?: string }[])[0]?.lladdr ?? 'none';
}

async function interfaces(host: Host): Promise<string[]> {
  const { stdout } = await host.exec(['ip', '-j', 'link', 'show']);
  return (JSON.parse(stdout) as { ifname: string }[]).map(({ ifname }) => ifname);
}

/** All settings of IPv4 on this host's interfaces, as they are. */
async function settings(host: Host): Promise<string> {
  return (await host.exec(['sh', '-c', 'grep -r . /proc/sys/net/ipv4/conf | sort'])).stdout;
}

const holdsAlone = async (host: Host, other: Host): Promise<void> => {
  await until(`${host.name} alone holds the address`, async () => {
    const [here, there] = await Promise.all([host.holds(VIP), other.holds(VIP)]);
    return here && !there;
  });
};

describe('the frames', () => {
  const INSTANCES = [
    { vrid: 51, vip: VIP, theirs: 'use_vmac', ours: { use_vmac: true } },
    {
      vrid: 52,
      vip: '10.9.0.52',
      theirs: 'use_vmac vm52\n advert_int 0.5',
      ours: { use_vmac: 'vm52', advert_int: 0.5 },
    },
    {
      vrid: 53,
      vip: '10.9.0.53',
      theirs: 'use_vmac\n vmac_xmit_base',
      ours: { use_vmac: true, vmac_xmit_base: true },
    },
    {
      vrid: 54,
      vip: '10.9.0.54',
      theirs: 'use_vmac\n vmac_xmit_base\n unicast_src_ip 10.9.0.101\n unicast_peer {\n 10.9.0.102\n }',
      ours: { use_vmac: true, unicast_src_ip: '10.9.0.101', unicast_peer: ['10.9.0.102'] },
    },
  ];

  /** Every different frame of adverts and ARPs; the IP identification, and the checksum with it, are the sender's own. */
  async function record(speaker: () => Promise<{ stop(): Promise<unknown> }>) {
    await a.powerOn();
    const capture = await startCapture(b, { filter: 'arp or ip proto 112 or igmp' });
    const running = await speaker();
    for (const { vrid, vip } of INSTANCES) {
      await capture.waitFrames(`ip proto 112 and ip[21] = ${vrid}`, 2);
      await capture.waitFrames(`arp src host ${vip}`, 5);
    }
    await running.stop();
    await capture.stop();
    const once = async (filter: string) => {
      const hex = (await capture.frames(filter)).map((frame) => frame.hex);
      return [...new Set(hex)].sort();
    };
    const masked = (hex: string) => `${hex.slice(0, 36)}....${hex.slice(40, 48)}....${hex.slice(52)}`;
    return {
      adverts: [...new Set((await once('ip proto 112')).map(masked))].sort(),
      arps: await once('arp and arp[24:4] = arp[14:4]'),
      reports: await once('igmp and ether[0:4] = 0x01005e00 and ether[6:4] = 0x00005e00'),
    };
  }

  test('are keepalived’s, byte for byte, and no report of a group membership comes from a virtual MAC', async () => {
    const conf = INSTANCES.map(({ vrid, vip, theirs }) =>
      keepalivedConf(a, theirs, vip).replace('VI_1', `V${vrid}`).replace('id 51', `id ${vrid}`),
    );
    const theirs = await record(() => startKeepalived(a, conf.join('')));
    const mine = await record(async () => {
      const instances = INSTANCES.map(({ vrid, vip, ours }) => [
        `V${vrid}`,
        instance(a, { virtual_router_id: vrid, virtual_ipaddress: [vip], ...ours }),
      ]);
      return (await startDaemon(a, { vrrp_instance: Object.fromEntries(instances) })).process;
    });
    // An advert and a priority 0 of each, an ARP of each.
    expect(theirs.adverts).toHaveLength(8);
    expect(theirs.arps).toHaveLength(4);
    expect(mine.adverts).toEqual(theirs.adverts);
    expect(mine.arps).toEqual(theirs.arps);
    const from = (frames: readonly string[]) => new Set(frames.map((hex) => hex.slice(12, 24)));
    expect(from(mine.adverts)).toEqual(new Set(['00005e000133', '00005e000134', a.mac.replaceAll(':', '')]));
    expect(from(mine.arps)).toEqual(
      new Set(['00005e000133', '00005e000134', '00005e000135', '00005e000136']),
    );
    expect(mine.reports).toEqual([]);
  });
});

describe('a pair', () => {
  test('fails over and back without a change in the ARP cache of a client', async () => {
    const changes = lab.client.spawn(['ip', '-o', 'monitor', 'neigh']);
    await Promise.all([a, b].map((host) => startMemcached(host)));
    const [ours, theirs] = [await startDaemon(a, config(a)), await startDaemon(b, config(b))];
    await ours.waitState('MASTER');
    await theirs.waitState('BACKUP');
    await holdsAlone(a, b);
    expect((await a.addresses()).find(({ address }) => address === VIP)).toMatchObject({
      interface: 'vrrp.51',
    });
    const served = async () => {
      expect(await ask(lab.client, `${VIP}:11211`, 'version')).toMatch(/^VERSION/);
      expect(await clientsMac()).toBe(MAC);
    };
    await served();
    // The host itself asks for the client's MAC: it must not present its own as the virtual address's.
    await a.exec(['ip', 'neigh', 'flush', 'dev', 'eth0']);
    await served();

    await ours.command('drain');
    await theirs.waitState('MASTER');
    await holdsAlone(b, a);
    await served();
    await b.exec(['ip', 'neigh', 'flush', 'dev', 'eth0']);
    await served();

    await ours.command('resume');
    await ours.waitState('MASTER');
    await holdsAlone(a, b);
    await served();
    changes.kill('SIGINT');
    await changes.exited;
    const macs = changes.stdout.lines.flatMap(({ text }) =>
      text.startsWith(`${VIP} `) ? (/lladdr (\S+)/.exec(text)?.[1] ?? []) : [],
    );
    expect(new Set(macs)).toEqual(new Set([MAC]));
    expect((await ours.instance()).vmac).toBe('vrrp.51');
  });

  test.each([
    ['the host loses its power', (host: Host) => host.powerOff()],
    ['it is drained', async (_: Host, daemon: Daemon) => void (await daemon.command('drain'))],
  ])('is asked every ms: %s', async (what, act) => {
    await Promise.all([a, b].map((host) => startMemcached(host)));
    const ours = await startDaemon(a, config(a));
    await (await startDaemon(b, config(b))).waitState('BACKUP');
    await ours.waitState('MASTER');
    await holdsAlone(a, b);
    const client = startClient(lab.client, {
      target: `${VIP}:11211`,
      command: [...MEMCACHE_HA, 'lab-client'],
      expectAny: true,
    });
    await client.started;
    await act(a, ours);
    await until('B holds the address', () => b.holds(VIP));
    await client.waitAnswer(monotonicNow());
    const { longestGap } = await client.stop();
    // 3 x 200 ms and Skew_Time 122 ms at most when nobody says a last word.
    measured(`the client's longest gap, use_vmac, adverts each 200 ms, ${what}`, longestGap);
    expect(longestGap).toBeLessThan(2000);
    expect(await clientsMac()).toBe(MAC);
  });

  test.each([
    ['use_vmac', { use_vmac: true }],
    ['use_vmac\n vmac_xmit_base', { use_vmac: true, vmac_xmit_base: true }],
    ['use_vmac', { use_vmac: true, vmac_xmit_base: true }],
    ['', { use_vmac: true }],
    ['use_vmac', { use_vmac: false }],
  ])('of keepalived with %j and us with %j: the same master, both ways', async (theirs, changes) => {
    // We are MASTER, keepalived is BACKUP and takes over.
    const ours = await startDaemon(a, config(a, changes));
    const keepalived = await startKeepalived(b, keepalivedConf(b, theirs));
    await ours.waitState('MASTER');
    await keepalived.waitState('VI_1', 'BACKUP');
    await sleep(1000);
    expect(keepalived.state('VI_1')).toBe('BACKUP');
    await holdsAlone(a, b);
    await ours.process.stop();
    await keepalived.waitState('VI_1', 'MASTER');
    await holdsAlone(b, a);
    // keepalived is MASTER; with the higher priority we preempt it, with the lower one we stay BACKUP.
    const low = await startDaemon(a, config(a, { ...changes, priority: 50 }));
    await low.waitState('BACKUP');
    await sleep(1000);
    expect((await low.instance()).state).toBe('BACKUP');
    expect((await low.metrics()).value('memcache_ha_vrrp_advertisements_received_total')).toBeGreaterThan(3);
    await low.process.stop();
    const high = await startDaemon(a, config(a, changes));
    await high.waitState('MASTER');
    await keepalived.waitState('VI_1', 'BACKUP');
    await holdsAlone(a, b);
    await keepalived.stop();
  });

  test('in which only keepalived has vmac_xmit_base has two masters, as two keepaliveds would', async () => {
    // Its private macvlan keeps what comes from its MAC, and it listens on the interface below.
    const theirs = await startKeepalived(b, keepalivedConf(b, 'use_vmac\n vmac_xmit_base'));
    for (const start of [
      () => startKeepalived(a, keepalivedConf(a, 'use_vmac')),
      async () => (await startDaemon(a, config(a))).process,
    ]) {
      const running = await start();
      await until('both hosts hold the address', async () => (await a.holds(VIP)) && (await b.holds(VIP)));
      await sleep(1500);
      expect([await a.holds(VIP), theirs.state('VI_1')]).toEqual([true, 'MASTER']);
      await running.stop();
    }
  });
});

describe('what it leaves on the host', () => {
  test('is nothing after SIGTERM, whatever rp_filter was', async () => {
    await a.exec(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter']);
    const before = await settings(a);
    await startMemcached(a);
    const daemon = await startDaemon(a, config(a));
    await daemon.waitState('MASTER');
    expect(await ask(lab.client, `${VIP}:11211`, 'version')).toMatch(/^VERSION/);
    expect(await settings(a)).toContain('conf/eth0/rp_filter:1');
    await daemon.process.stop();
    expect(await settings(a)).toBe(before);
    expect(await interfaces(a)).not.toContain('vrrp.51');
  });

  test('after SIGKILL: the lease takes the address, the next start the interface, its end the settings', async () => {
    const before = await settings(a);
    const killed = await startDaemon(a, config(a, { vip_lease: 1 }));
    await killed.waitState('MASTER');
    killed.process.kill('SIGKILL');
    await until('the lease has run out', async () => !(await a.holds(VIP)), { timeout: 3000 });
    expect(await interfaces(a)).toContain('vrrp.51');
    expect(await settings(a)).not.toBe(before);

    const next = await startDaemon(a, config(a, { vip_lease: 1 }));
    await next.waitState('MASTER');
    await until('the address is on', () => a.holds(VIP));
    expect(next.log().filter(({ level }) => level === 'error')).toEqual([]);
    await next.process.stop();
    expect(await interfaces(a)).not.toContain('vrrp.51');
    expect(await settings(a)).toBe(before);
  });

  test('after SIGKILL: `release` removes all of it', async () => {
    const before = await settings(a);
    const killed = await startDaemon(a, config(a, { vip_lease: 'off' }));
    await killed.waitState('MASTER');
    await until('the address is on', () => a.holds(VIP));
    killed.process.kill('SIGKILL');
    await killed.process.exited;
    const released = await memcacheHa(a, 'release', '--config', killed.file);
    expect(released).toMatchObject({ code: 0, stdout: expect.stringContaining('there is no vrrp.51') });
    expect(await a.holds(VIP)).toBe(false);
    expect(await interfaces(a)).not.toContain('vrrp.51');
    expect(await settings(a)).toBe(before);
  });
});

describe('the interface', () => {
  test('that somebody removes is made again, with its address', async () => {
    const daemon = await startDaemon(a, config(a));
    await daemon.waitState('MASTER');
    await until('the address is on', () => a.holds(VIP));
    await a.exec(['ip', 'link', 'del', 'vrrp.51']);
    await until('it is back', async () => (await interfaces(a)).includes('vrrp.51'));
    await daemon.waitState('MASTER');
    await until('the address is back', () => a.holds(VIP));
    const capture = await startCapture(b, { filter: `ether src ${MAC} and ip proto 112` });
    await capture.waitFrames('ip proto 112', 2);
  });

  test('is not made in the place of somebody else’s', async () => {
    await a.exec(['ip', 'link', 'add', 'vrrp.51', 'type', 'bridge']);
    const run = await memcacheHa(a, 'run', '--config', writeConfig(a, config(a)));
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/there is an interface vrrp\.51 already, .*give use_vmac another name/);
    expect(await interfaces(a)).toContain('vrrp.51');
  });

  test('goes down with its base, and the instance to FAULT and back', async () => {
    const daemon = await startDaemon(a, config(a));
    await daemon.waitState('MASTER');
    await a.linkDown();
    await daemon.waitState('FAULT');
    await until('the address is gone', async () => !(await a.holds(VIP)));
    await a.linkUp();
    await daemon.waitState('MASTER');
    await until('the address is back', () => a.holds(VIP));
  });
});
