/**
 * Hooks, check scripts and proxies that flood, fork, hang or are not there: bounded, and never in the way of the adverts, which
 * a capture shows to be on time.
 */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { type Capture, startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { type Daemon, startDaemon } from './support/daemon.ts';
import { measured } from './support/measured.ts';
import { type Config, VIP } from './support/pair.ts';

let lab: Lab<'a'>;
let host: Host;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhahooks', hosts: ['a'] });
  host = lab.hosts.a;
});
afterEach(() => host.powerOn());
afterAll(() => lab.destroy());

function script(name: string, text: string): string {
  const file = join(host.directory, name);
  writeFileSync(file, `#!/bin/bash\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Milliseconds between two adverts. */
const ADVERT_INT = 200;
/** A peer would take over after three adverts that it missed, and Skew_Time. */
const TOO_LATE = 3 * ADVERT_INT;

/** A host by itself. */
const alone = (instance: Config, sections: Config = {}): Config => ({
  vrrp_instance: {
    VI_1: {
      interface: 'eth0',
      virtual_router_id: 51,
      version: 3,
      advert_int: ADVERT_INT / 1000,
      virtual_ipaddress: [VIP],
      ...instance,
    },
  },
  ...sections,
});

/** The longest pause between two adverts of the next `duration` ms. */
async function longestPause(capture: Capture, duration: number): Promise<number> {
  const from = monotonicNow();
  await sleep(duration);
  const adverts = (await capture.frames('ip proto 112')).filter(({ t }) => t >= from - ADVERT_INT);
  expect(adverts.length).toBeGreaterThan(duration / ADVERT_INT / 2);
  return Math.max(...adverts.slice(1).map(({ t }, index) => t - adverts[index]!.t));
}

/** Resident memory of a process in MB. */
function memory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

describe('a hook', () => {
  test.each([
    ['that floods its output', 'timeout 20 yes "$(head -c 1000 /dev/zero | tr "\\0" x)"'],
    ['that floods one line without end', 'timeout 20 cat /dev/zero'],
    ['that forks', 'for i in $(seq 50); do sleep 100 & done; wait'],
    ['that hangs and ignores SIGTERM', 'trap "" TERM HUP INT; while :; do sleep 1; done'],
  ])('%s is in nobody’s way: adverts stay on time, and SIGTERM lets go of the VIP', async (_, text) => {
    const capture = await startCapture(host, { filter: 'ip proto 112' });
    const daemon = await startDaemon(host, alone({ notify_master: script('bad.sh', text), vip_lease: 1 }));
    await daemon.waitState('MASTER');
    const before = memory(daemon.process.pid);
    const pause = await longestPause(capture, 2000);
    measured(`longest pause between adverts (200), a hook ${_}`, pause);
    expect(pause).toBeLessThan(TOO_LATE);
    expect(await host.holds(VIP)).toBe(true);
    expect(memory(daemon.process.pid) - before).toBeLessThan(60);
    expect((await daemon.command('status')).code).toBe(0);
    // It waits for the hooks' own deadline before it ends, but nobody waits with it for the address.
    daemon.process.kill('SIGTERM');
    await until('the VIP is gone', async () => !(await host.holds(VIP)), { timeout: 4000 });
  });

  test('that hangs holds up no failover, and those behind it run when its time is over', async () => {
    // Its deadline is 30 s: here it ends by itself after three.
    const log = join(host.directory, 'order.log');
    const slow = script('slow.sh', `echo begin $1 >>${log}; sleep 3; echo end $1 >>${log}`);
    const quick = script('quick.sh', `echo $1 >>${log}`);
    const failing = script('check.sh', `[ ! -e ${join(host.directory, 'broken')} ]`);
    const daemon = await startDaemon(
      host,
      alone(
        {
          track_script: ['chk'],
          notify_master: `${slow} master`,
          notify_fault: `${quick} fault`,
          notify_backup: `${quick} backup`,
        },
        { vrrp_script: { chk: { script: failing, interval: 0.1 } } },
      ),
    );
    await daemon.waitState('MASTER');
    writeFileSync(join(host.directory, 'broken'), '');
    const broken = monotonicNow();
    await daemon.waitState('FAULT');
    expect(monotonicNow() - broken).toBeLessThan(1500);
    await until('all hooks have run', () => readFileSync(log, 'utf8').trim().split('\n').length >= 4);
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
      'backup',
      'begin master',
      'end master',
      'fault',
    ]);
  });

  test('runs as script_user, with the state in its environment and none of our descriptors', async () => {
    const file = join(host.directory, 'environment');
    writeFileSync(file, '');
    chmodSync(file, 0o666);
    const tell = script(
      'tell.sh',
      `exec >${file} 2>&1; id -un; env | grep ^MEMCACHE_HA_ | sort; ls -l /proc/$$/fd | grep -c socket: || true`,
    );
    const daemon = await startDaemon(host, {
      ...alone({ notify_master: tell, priority: 77 }),
      global_defs: { script_user: 'nobody', router_id: 'R7' },
    });
    await daemon.waitState('MASTER');
    await daemon.waitLog(/^notify_master: exit code 0/);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toEqual([
      'nobody',
      'MEMCACHE_HA_INSTANCE=VI_1',
      'MEMCACHE_HA_PRIORITY=77',
      'MEMCACHE_HA_ROUTER_ID=R7',
      'MEMCACHE_HA_STATE=MASTER',
      `MEMCACHE_HA_VIPS=${VIP}`,
      '0',
    ]);
  });
});

describe('a check script', () => {
  const track = (text: string, check: Config = {}) =>
    alone(
      { track_script: ['chk'] },
      { vrrp_script: { chk: { script: script('check.sh', text), interval: 0.2, timeout: 0.3, ...check } } },
    );
  const waitFault = async (daemon: Daemon, detail: RegExp) => {
    const { faults } = await daemon.waitState('FAULT');
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatchObject({ kind: 'script', name: 'chk' });
    expect(faults[0]!.detail).toMatch(detail);
  };

  test('that hangs fails by its timeout, and what it started is killed', async () => {
    const daemon = await startDaemon(host, track('trap "" TERM; sleep 100 & sleep 100'));
    await waitFault(daemon, /no end within 300 ms/);
    await sleep(1500);
    // One run at a time: the script, its two sleeps; two more that may be dying.
    const sleeps = (
      await host.exec(['sh', '-c', 'ps -o args= -p "$0" | grep -c "^sleep" || true', host.pids().join()])
    ).stdout;
    expect(Number(sleeps)).toBeLessThanOrEqual(4);
  });

  test.each([
    ['that does not exist', '/no/such/script', /ENOENT/],
    ['that is a directory', '/tmp', /EACCES/],
    ['that ends by a signal', ['sh', '-c', 'kill -SEGV $$'], /SIGSEGV/],
    ['that fails with a word', ['sh', '-c', 'echo disk full; exit 7'], /exit code 7: disk full/],
  ])('%s is a failing script', async (_, words, detail) => {
    const chk = { script: words, interval: 0.2 };
    await waitFault(
      await startDaemon(host, alone({ track_script: ['chk'] }, { vrrp_script: { chk } })),
      detail,
    );
  });

  test('that floods and forks at every run is in nobody’s way', async () => {
    const capture = await startCapture(host, { filter: 'ip proto 112' });
    const flood = 'for i in 1 2 3 4 5; do sleep 5 & done; timeout 0.1 yes; exit 0';
    const daemon = await startDaemon(host, track(flood, { interval: 0.3, timeout: 1 }));
    await daemon.waitState('MASTER');
    const before = memory(daemon.process.pid);
    const pause = await longestPause(capture, 3000);
    measured('longest pause between adverts (200), a check that floods and forks', pause);
    expect(pause).toBeLessThan(TOO_LATE);
    expect((await daemon.instance()).state).toBe('MASTER');
    expect(memory(daemon.process.pid) - before).toBeLessThan(60);
  });
});

test('a proxy that floods its output is in nobody’s way, and is read all the same', async () => {
  const capture = await startCapture(host, { filter: 'ip proto 112' });
  const command = script('proxy.sh', `yes 0123456789 & exec memcached -u nobody -l ${VIP} -p 12000`);
  const proxy = { front: { listen: `${VIP}:12000`, command } };
  const daemon = await startDaemon(host, alone({ proxy: 'front' }, { proxy }));
  await daemon.waitState('MASTER');
  const before = memory(daemon.process.pid);
  const pause = await longestPause(capture, 3000);
  measured('longest pause between adverts (200), a proxy that floods', pause);
  expect(pause).toBeLessThan(TOO_LATE);
  expect(await daemon.status()).toMatchObject({
    instances: [{ state: 'MASTER' }],
    proxies: [{ up: true, restarts: 0 }],
  });
  expect(memory(daemon.process.pid) - before).toBeLessThan(60);
  const told = daemon.log().filter(({ msg }) => msg.startsWith('proxy front says: '));
  expect(told.length).toBeGreaterThan(50);
  expect(told.length).toBeLessThan(300);
});
