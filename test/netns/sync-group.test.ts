/**
 * vrrp_sync_group beside keepalived: the same faults, one after the other, in a pair of keepaliveds and in one of ours,
 * and what both write to their notify FIFO.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { namespacePath } from '../../src/lab/remains.ts';
import { run } from '../../src/lab/run.ts';
import { startDaemon } from './support/daemon.ts';

let lab: Lab<'a' | 'b'>;
let a: Host;
let b: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhasync' });
  ({ a, b } = lab.hosts);
  // A second network: eth1 of both hosts on a switch of its own.
  const lines = ['link add br1 type bridge mcast_snooping 0 stp_state 0', 'link set br1 up'];
  for (const host of [a, b]) {
    lines.push(`link add second-${host.name} type veth peer name eth1 netns ${host.namespace}`);
    lines.push(`link set second-${host.name} master br1 up`);
  }
  const input = `${lines.join('\n')}\n`;
  await run(['nsenter', `--net=${namespacePath(`${lab.name}-sw`)}`, '--', 'ip', '-batch', '-'], { input });
  for (const [index, host] of [a, b].entries()) {
    await host.exec(['ip', 'link', 'set', 'eth1', 'up']);
    await host.exec(['ip', 'addr', 'add', `10.8.0.${101 + index}/24`, 'dev', 'eth1']);
  }
});
afterEach(async () => {
  for (const host of [a, b]) {
    await host.powerOn();
    await host.exec(['ip', 'link', 'set', 'eth1', 'up']);
    rmSync(join(host.directory, 'broken'), { force: true });
  }
});
afterAll(() => lab.destroy());

const VIP_1 = '10.9.0.250';
const VIP_2 = '10.8.0.250';
/** The second instance is on the second network, or beside the first one. */
type Second = 'eth1' | 'eth0';
type Start = (host: Host, second: Second, fifo: string) => Promise<{ stop(): Promise<unknown> }>;

const priorityOf = (host: Host): number => (host.name === 'a' ? 200 : 100);
/** Fails while there is a file `broken`. */
const check = (host: Host): string => `/usr/bin/test ! -e ${join(host.directory, 'broken')}`;

const keepalived: Start = (host, second, fifo) => {
  const instance = (name: string, device: string, vrid: number, vip: string, more = '') =>
    `vrrp_instance ${name} {
 state BACKUP
 interface ${device}
 version 3
 advert_int 0.2
 virtual_router_id ${vrid}
 priority ${priorityOf(host)}
 ${more}
 virtual_ipaddress {
 ${vip}
 }
}
`;
  return startKeepalived(
    host,
    `global_defs {
 vrrp_notify_fifo ${fifo}
 script_user root
}
vrrp_script chk {
 script "${check(host)}"
 interval 1
}
vrrp_sync_group G1 {
 group {
 V1
 V2
 }
}
${instance('V1', 'eth0', 51, VIP_1, 'track_script {\n chk\n }')}${instance('V2', second, 52, VIP_2)}`,
  );
};

const ours: Start = async (host, second, fifo) => {
  const instance = (device: string, vrid: number, vip: string) => ({
    interface: device,
    version: 3,
    advert_int: 0.2,
    virtual_router_id: vrid,
    priority: priorityOf(host),
    virtual_ipaddress: [vip],
  });
  const daemon = await startDaemon(host, {
    global_defs: { vrrp_notify_fifo: fifo, script_user: 'root' },
    vrrp_script: { chk: { script: check(host), interval: 1 } },
    vrrp_sync_group: { G1: { group: ['V1', 'V2'] } },
    vrrp_instance: {
      V1: { ...instance('eth0', 51, VIP_1), track_script: ['chk'] },
      V2: instance(second, 52, VIP_2),
    },
  });
  return daemon.process;
};

/** `here` holds both addresses and `there` none. */
async function holdsBoth(here: Host, there: Host): Promise<void> {
  await until(`${here.name} alone holds both addresses`, async () => {
    const held = await Promise.all([here, there].flatMap((host) => [host.holds(VIP_1), host.holds(VIP_2)]));
    return held.join() === 'true,true,false,false';
  });
}

/**
 * What a host wrote to its FIFO. The group's line ends each change; which member tells first is chance, so the two are
 * sorted.
 */
interface Fifo {
  readonly path: string;
  told(): string[];
}

async function listen(host: Host): Promise<Fifo> {
  const path = join(host.directory, `fifo-${Math.random().toString(36).slice(2)}`);
  await host.exec(['mkfifo', '-m', '600', path]);
  const reader = host.spawn(['sh', '-c', `exec cat <>${path}`]);
  return {
    path,
    told() {
      const changes: string[][] = [[]];
      for (const { text } of reader.stdout.lines) {
        changes.at(-1)!.push(text);
        if (text.startsWith('GROUP')) changes.push([]);
      }
      return changes.flatMap((lines) => [...lines.filter(isInstance).sort(), ...lines.filter(isGroup)]);
    },
  };
}

const isInstance = (line: string): boolean => line.startsWith('INSTANCE');
const isGroup = (line: string): boolean => line.startsWith('GROUP');

/** The life of a pair: A is elected, loses what V2 (or V1) needs, has it again, and is stopped. */
async function live(start: Start, second: Second): Promise<{ a: string[]; b: string[] }> {
  const [fifoA, fifoB] = [await listen(a), await listen(b)];
  const untilGroup = (fifo: Fifo, state: string) =>
    until(
      `the group is told to be ${state}`,
      () => fifo.told().findLast(isGroup) === `GROUP "G1" ${state} 0`,
    );
  const runningA = await start(a, second, fifoA.path);
  const runningB = await start(b, second, fifoB.path);
  await holdsBoth(a, b);
  await untilGroup(fifoB, 'BACKUP');
  if (second === 'eth1') await a.exec(['ip', 'link', 'set', 'eth1', 'down']);
  else writeFileSync(join(a.directory, 'broken'), '');
  await holdsBoth(b, a);
  await untilGroup(fifoA, 'FAULT');
  if (second === 'eth1') await a.exec(['ip', 'link', 'set', 'eth1', 'up']);
  else rmSync(join(a.directory, 'broken'));
  await holdsBoth(a, b);
  await untilGroup(fifoB, 'BACKUP');
  await runningA.stop();
  await holdsBoth(b, a);
  await untilGroup(fifoB, 'MASTER');
  await runningB.stop();
  await untilGroup(fifoB, 'STOP');
  return { a: fifoA.told(), b: fifoB.told() };
}

describe.each<[string, Second]>([
  ['two networks, one of which A loses', 'eth1'],
  ['two virtual routers on one network, and a check of one of them', 'eth0'],
])('a group of %s', (_, second) => {
  let theirs: Awaited<ReturnType<typeof live>>;
  let mine: Awaited<ReturnType<typeof live>>;
  beforeAll(async () => {
    theirs = await live(keepalived, second);
    mine = await live(ours, second);
  });

  test('keepalived’s members change together, so that there is something to compare with', () => {
    const states = theirs.a.filter(isGroup).map((line) => line.split(' ')[2]);
    expect(states).toEqual(['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER', 'STOP']);
  });
  test('A goes through the same states, and tells of the group when its members have told', () =>
    expect(mine.a).toEqual(theirs.a));
  test('B likewise', () => expect(mine.b).toEqual(theirs.b));
});
