/**
 * The second tutorial's pair: no proxy, clients ask the virtual address on memcached's own port, `nopreempt`, a
 * `vrrp_script` with the users' own check beside the probe, and hooks that write a log.
 */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import { type Config, type Pair, startPair, VIP } from './support/pair.ts';

/** Where clients ask. */
const TARGET = `${VIP}:11211`;

/** What notify.sh of the tutorial writes, and the generic hook's words behind it. */
const hookLog = (host: Host): string[] => {
  const file = join(host.directory, 'hooks.log');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

/** Writes a script into the host's directory and returns its path. */
function script(host: Host, name: string, text: string): string {
  const file = join(host.directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

function secondTutorial(host: Host): Config {
  const log = join(host.directory, 'hooks.log');
  const notify = script(host, 'notify.sh', `echo "$1 $MEMCACHE_HA_STATE $MEMCACHE_HA_VIPS" >>${log}`);
  const any = script(host, 'notify-all.sh', `echo "$@" >>${log}`);
  // The users' own check: anything that exits 0. This one fails while a file is there.
  const check = script(host, 'check.sh', `[ ! -e ${join(host.directory, 'broken')} ]`);
  return {
    memcached: { local: { address: '127.0.0.1:11211', interval: 2, timeout: 2, fall: 3, rise: 1 } },
    vrrp_script: { chk: { script: check, interval: 0.5, fall: 2, rise: 1 } },
    vrrp_instance: {
      VI_1: {
        state: 'BACKUP',
        interface: 'eth0',
        virtual_router_id: 51,
        priority: host.name === 'a' ? 150 : 100,
        advert_int: 1,
        version: 2,
        nopreempt: true,
        garp_master_delay: 10,
        authentication: { auth_type: 'PASS', auth_pass: '1111' },
        virtual_ipaddress: [VIP],
        track_interface: ['eth0'],
        track_memcached: ['local'],
        track_script: ['chk'],
        notify_master: `${notify} Master`,
        notify_backup: `${notify} Backup`,
        notify_fault: `${notify} Fault`,
        notify_stop: `${notify} Stop`,
        notify: any,
      },
    },
  };
}

describe('the drill', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ config: secondTutorial });
  });
  afterAll(() => pair.destroy());

  /** The hook's own line and the generic one, as a state is entered. */
  const lines = (state: string, priority: number) => [
    `${state[0]}${state.slice(1).toLowerCase()} ${state} ${VIP}`,
    `INSTANCE VI_1 ${state} ${priority}`,
  ];
  const waitHooks = (host: Host, expected: readonly string[]) =>
    until(`the hooks on ${host.name} have run`, () => hookLog(host).length >= expected.length).then(() =>
      expect(hookLog(host)).toEqual(expected),
    );
  const onA = [...lines('BACKUP', 150), ...lines('MASTER', 150)];
  const onB = [...lines('BACKUP', 100)];

  test('the higher priority is MASTER and its hooks ran in order', async () => {
    const { a, b } = pair;
    await waitHooks(a.host, onA);
    await waitHooks(b.host, onB);
    expect(onA.at(-1)).toBe('INSTANCE VI_1 MASTER 150');
    expect(await b.host.holds(VIP)).toBe(false);
  });

  test('kill -9 of memcached: B answers after Skew_Time; A comes back and waits', async () => {
    const { a, b } = pair;
    const client = await pair.client(TARGET);
    await sleep(300);
    const killed = monotonicNow();
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    await client.waitAnswer(killed + 100);
    await pair.waitHolder('b');
    const gap = await client.longestGap(killed);
    measured("the client's longest gap, no proxy, memcached killed (Skew_Time 609)", gap);
    expect(gap).toBeLessThan(1300);
    onA.push(...lines('FAULT', 150));
    onB.push(...lines('MASTER', 100));
    await waitHooks(a.host, onA);
    await waitHooks(b.host, onB);

    await a.startMemcached();
    const back = monotonicNow();
    await a.daemon.waitState('BACKUP');
    onA.push(...lines('BACKUP', 150));
    await waitHooks(a.host, onA);
    await sleep(4200); // longer than A's Master_Down_Interval
    expect(await pair.holders()).toEqual(['b']);
    expect(await client.longestGap(back)).toBeLessThan(500);
    await client.stop();
  });

  test('the users’ own check fails on B: A has it again', async () => {
    const { a, b } = pair;
    const client = await pair.client(TARGET);
    const failed = monotonicNow();
    writeFileSync(join(b.host.directory, 'broken'), '');
    await a.daemon.waitState('MASTER');
    await client.waitAnswer(failed + 1000);
    await pair.waitHolder('a');
    const gap = (await client.stop()).longestGap;
    measured("the client's longest gap, script failed, make before break", gap);
    expect(gap).toBeLessThan(500);
    expect((await b.daemon.instance()).faults).toEqual([
      { kind: 'script', name: 'chk', detail: 'exit code 1' },
    ]);
    onA.push(...lines('MASTER', 150));
    onB.push(...lines('FAULT', 100));
    await waitHooks(a.host, onA);
    await waitHooks(b.host, onB);
  });

  test('SIGTERM runs notify_stop last, and the daemon waits for it', async () => {
    const { a, b } = pair;
    a.daemon.process.kill('SIGTERM');
    expect(await a.daemon.process.exited).toEqual({ code: 0, signal: null });
    expect(hookLog(a.host)).toEqual([...onA, ...lines('STOP', 150)]);
    // B is in FAULT by its script: nobody has the address, and A let go of it when nobody spoke up.
    expect(await pair.holders()).toEqual([]);
    expect((await b.daemon.instance()).state).toBe('FAULT');
    const stops = (await b.daemon.metrics()).value('memcache_ha_hook_runs_total', { result: 'success' });
    expect(stops).toBe(onB.length);
  });
});
