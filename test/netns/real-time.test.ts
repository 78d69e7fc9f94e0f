/** vrrp_rt_priority: the event loop goes before everything else on the host, and what it starts does not. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { MEMCACHE_HA, startDaemon, watchDaemon, writeConfig } from './support/daemon.ts';
import { type Config, VIP } from './support/pair.ts';

let lab: Lab<'a'>;
let host: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhart', hosts: ['a'] });
  host = lab.hosts.a;
});
afterEach(() => host.powerOn());
afterAll(() => lab.destroy());

const config = (priority: number, changes: Config = {}): Config => ({
  global_defs: { vrrp_rt_priority: priority },
  vrrp_instance: {
    VI_1: {
      interface: 'eth0',
      virtual_router_id: 51,
      version: 3,
      advert_int: 0.02,
      virtual_ipaddress: [VIP],
      ...changes,
    },
  },
});

/** `policy` and `rt_priority` of proc(5): 0 is SCHED_OTHER, 2 SCHED_RR. */
function scheduling(pid: number): { policy: number; priority: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return { policy: Number(fields[38]), priority: Number(fields[37]) };
}

const ORDINARY = { policy: 0, priority: 0 };

test('the daemon is in real time, its helpers and hooks are not', async () => {
  const daemon = await startDaemon(host, config(3, { notify_master: 'sleep 20' }));
  await daemon.waitState('MASTER');
  const { pid } = daemon.process;
  expect(scheduling(pid)).toEqual({ policy: 2, priority: 3 });
  await sleep(200);
  const others = host.pids().filter((other) => other !== pid);
  const names = others.map((other) => readFileSync(`/proc/${other}/comm`, 'utf8').trim());
  expect(names).toEqual(expect.arrayContaining(['ip', 'sleep']));
  for (const other of others) expect(scheduling(other)).toEqual(ORDINARY);
  // Threads that it started before, the garbage collector's among them, stay as they were.
  const threads = readdirSync(`/proc/${pid}/task`).map(Number);
  expect(threads.filter((thread) => scheduling(thread).policy === 2)).toEqual([pid]);
});

test('a reload changes it', async () => {
  const daemon = await startDaemon(host, config(0));
  await daemon.waitState('MASTER');
  for (const [priority, expected] of [
    [2, { policy: 2, priority: 2 }],
    [0, ORDINARY],
  ] as const) {
    const { global_defs: defs, ...rest } = JSON.parse(readFileSync(daemon.file, 'utf8'));
    const changed = { global_defs: { ...defs, vrrp_rt_priority: priority }, ...rest };
    writeFileSync(daemon.file, JSON.stringify(changed, null, 2));
    expect(await daemon.command('reload')).toMatchObject({ code: 0 });
    expect(scheduling(daemon.process.pid)).toEqual(expected);
  }
  expect((await daemon.instance()).state).toBe('MASTER');
});

test('by default it is not', async () => {
  const daemon = await startDaemon(host, config(0));
  expect(scheduling(daemon.process.pid)).toEqual(ORDINARY);
});

test('without the right to it: a line of the log, and it runs all the same', async () => {
  const file = writeConfig(host, config(1));
  const without = ['setpriv', '--bounding-set=-sys_nice', '--inh-caps=-sys_nice', '--'];
  const child = host.spawn(['prlimit', '--rtprio=0', ...without, ...MEMCACHE_HA, 'run', '--config', file]);
  const daemon = watchDaemon(host, file, child);
  await daemon.waitState('MASTER');
  const line = await daemon.waitLog(/vrrp_rt_priority/);
  expect(line).toMatchObject({ level: 'error', msg: expect.stringMatching(/EPERM: it needs CAP_SYS_NICE/) });
  expect(scheduling(child.pid)).toEqual(ORDINARY);
});

test.each([
  ['an ordinary process', 0],
  ['real time', 1],
] as const)('adverts every 20 ms beside two busy loops for each core, %s', async (title, priority) => {
  const daemon = await startDaemon(host, config(priority));
  await daemon.waitState('MASTER');
  const capture = await startCapture(lab.client, { filter: 'ip proto 112' });
  const busy = Array.from({ length: 4 }, () =>
    host.spawn(['timeout', '3', 'sh', '-c', 'while :; do :; done']),
  );
  await sleep(2500);
  await Promise.all(busy.map((one) => one.stop()));
  const adverts = await capture.frames();
  const late = adverts.slice(1).map(({ t }, index) => t - adverts[index]!.t - 20);
  late.sort((a, b) => a - b);
  const at = (share: number): number => late[Math.min(late.length - 1, Math.floor(share * late.length))]!;
  const [median, p99, most] = [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(1));
  process.stdout.write(
    `measured: ${title}: ${late.length} adverts, late by ${median} ms (median), ${p99} (p99), ${most} (most)\n`,
  );
  // A peer's Master_Down_Interval is 60 ms and its skew.
  if (priority > 0) expect(at(0.95)).toBeLessThan(20);
});
