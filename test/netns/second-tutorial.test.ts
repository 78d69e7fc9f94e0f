/**
 * The second tutorial's pair, step by step: `import`'s config of it, with a check of the users' own and a `notify` beside
 * the hooks that it has. No proxy: clients ask the virtual address on memcached's own port.
 */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { type Capture, startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { notifyLog, toldByNotifyScript } from './support/drilled.ts';
import { measured } from './support/measured.ts';
import { type Config, createPair, type Member, type Pair, secondTutorial, VIP } from './support/pair.ts';

/** Where clients ask. */
const TARGET = `${VIP}:11211`;

/** Writes a script into the host's directory and returns its path. */
function script(host: Host, name: string, text: string): string {
  const file = join(host.directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** While this file is there the users' own check fails. */
const broken = ({ host }: Member) => join(host.directory, 'broken');

function withCheckAndNotify(host: Host): Config {
  const check = script(host, 'check.sh', `[ ! -e ${join(host.directory, 'broken')} ]`);
  return secondTutorial(host, {
    instance: {
      track_script: ['chk'],
      notify: script(host, 'notify-all.sh', `echo "$@" >>${notifyLog(host)}`),
    },
    sections: { vrrp_script: { chk: { script: check, interval: 0.5, fall: 2, rise: 1 } } },
  });
}

describe('the pair, step by step', () => {
  let pair: Pair;
  let capture: Capture;
  beforeAll(async () => {
    pair = await createPair({ config: withCheckAndNotify });
    capture = await startCapture(pair.lab.client, { filter: 'arp or ip proto 112' });
  });
  afterAll(() => pair.destroy());

  /** The tutorial's hook and the generic one, as a state is entered. */
  const lines = (state: string, priority: number) => [
    `${state[0]}${state.slice(1).toLowerCase()}`,
    `INSTANCE VI_1 ${state} ${priority}`,
  ];
  const waitTold = (host: Host, expected: readonly string[]) =>
    until(
      `the hooks on ${host.name} have run`,
      () => toldByNotifyScript(host).length >= expected.length,
    ).then(() => expect(toldByNotifyScript(host)).toEqual(expected));
  const onA = [...lines('BACKUP', 150), ...lines('MASTER', 150)];
  const onB = [...lines('BACKUP', 100)];

  test('A is MASTER within 4 s of starting both, the VIP is on A alone, and the hooks ran in order', async () => {
    const { a, b } = pair;
    const begun = monotonicNow();
    // A has a start on B: with `nopreempt` the quicker to start would stay MASTER.
    await a.startDaemon();
    await b.startDaemon();
    const running = monotonicNow();
    await a.daemon.waitState('MASTER');
    const elected = monotonicNow();
    measured('second tutorial, from starting both to A MASTER', elected - begun);
    // Master_Down_Interval of priority 150 is 3414 ms.
    expect(elected - begun).toBeGreaterThan(3000);
    expect(elected - running).toBeLessThan(5000);
    await pair.waitHolder('a');
    await waitTold(a.host, onA);
    await waitTold(b.host, onB);
    expect(onA.at(-1)).toBe('INSTANCE VI_1 MASTER 150');
  });

  test('A told it by one advert and then five gratuitous ARPs', async () => {
    const { a } = pair;
    const arps = await capture.waitFrames(`arp and ether src ${a.host.mac} and arp src host ${VIP}`, 5);
    const adverts = await capture.frames(`ip proto 112 and ip src ${a.host.address}`);
    // From the IP header on; IP ID and checksum (here dots) are the sender's own.
    expect(adverts[0]?.hex.slice(28)).toMatch(
      /^45c00028....0000ff70....0a090065e0000012213396010101da640a0900fa3131313100000000$/,
    );
    expect(adverts[0]!.t).toBeLessThan(arps[0]!.t);
    expect(await capture.complaints('vrrp')).toEqual([]);
  });

  test('the users’ own check fails on A: B has it before A lets go; well again, A waits', async () => {
    const { a, b } = pair;
    const client = await pair.client(TARGET);
    const failed = monotonicNow();
    writeFileSync(broken(a), '');
    await b.daemon.waitState('MASTER');
    await pair.waitHolder('b');
    await client.waitAnswer(monotonicNow());
    const gap = await client.longestGap(failed);
    measured("the client's longest gap, script failed, make before break", gap);
    expect(gap).toBeLessThan(500);
    expect((await a.daemon.instance()).faults).toEqual([
      { kind: 'script', name: 'chk', detail: 'exit code 1' },
    ]);
    onA.push(...lines('FAULT', 150));
    onB.push(...lines('MASTER', 100));
    await waitTold(a.host, onA);
    await waitTold(b.host, onB);

    rmSync(broken(a));
    await a.daemon.waitState('BACKUP');
    onA.push(...lines('BACKUP', 150));
    await waitTold(a.host, onA);
    await sleep(1000);
    expect(await pair.holders()).toEqual(['b']);
    expect((await client.stop()).longestGap).toBeLessThan(500);
  });

  test('it fails on B: A has it again', async () => {
    const { a, b } = pair;
    writeFileSync(broken(b), '');
    await a.daemon.waitState('MASTER');
    await pair.waitHolder('a');
    onA.push(...lines('MASTER', 150));
    onB.push(...lines('FAULT', 100));
    await waitTold(a.host, onA);
    await waitTold(b.host, onB);
  });

  test('SIGTERM runs notify_stop last, and the daemon waits for it', async () => {
    const { a, b } = pair;
    a.daemon.process.kill('SIGTERM');
    expect(await a.daemon.process.exited).toEqual({ code: 0, signal: null });
    expect(toldByNotifyScript(a.host)).toEqual([...onA, ...lines('STOP', 150)]);
    // B is in FAULT by its script: nobody has the address, and A let go of it when nobody spoke up.
    expect(await pair.holders()).toEqual([]);
    expect((await b.daemon.instance()).state).toBe('FAULT');
    const runs = (await b.daemon.metrics()).value('memcache_ha_hook_runs_total', { result: 'success' });
    expect(runs).toBe(onB.length);
    expect(await capture.complaints('vrrp')).toEqual([]);
  });
});
