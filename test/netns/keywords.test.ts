/**
 * keepalived's keywords for what an instance depends on, each made true and untrue on a real host. With a weight the
 * address goes to a keepalived of middling priority and comes back. (test/unit has their arithmetic.)
 */
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { type Daemon, startDaemon } from './support/daemon.ts';
import { type Config, VIP } from './support/pair.ts';

let lab: Lab<'a' | 'b'>;
let host: Host;
let peer: Host;
/** A file that the tests write, read and look for. */
let file: string;
beforeAll(async () => {
  lab = await createLab({ prefix: 'mhakeys' });
  ({ a: host, b: peer } = lab.hosts);
  file = join(host.directory, 'file');
});
afterEach(async () => {
  await Promise.all([host.powerOn(), peer.powerOn()]);
  rmSync(file, { force: true });
});
afterAll(() => lab.destroy());

/** The daemon on the host, with priority 150. */
function start(instance: Config, sections: Config = {}): Promise<Daemon> {
  const common = { interface: 'eth0', virtual_router_id: 51, version: 3, advert_int: 0.1, priority: 150 };
  return startDaemon(host, {
    vrrp_instance: { VI_1: { ...common, virtual_ipaddress: [VIP], ...instance } },
    ...sections,
  });
}

/** keepalived on the peer, with priority 100. */
const startPeer = () =>
  startKeepalived(
    peer,
    `vrrp_instance VI_1 {
 interface eth0
 virtual_router_id 51
 version 3
 advert_int 0.1
 priority 100
 virtual_ipaddress {
 ${VIP}
 }
}
`,
  );

const holdsAlone = (here: Host, there: Host) =>
  until(
    `${here.name} alone holds the address`,
    async () => (await here.holds(VIP)) && !(await there.holds(VIP)),
  );

/** Transitions so far, the oldest first: `BACKUP master_down`. */
const history = async (daemon: Daemon): Promise<string[]> =>
  (await daemon.instance()).transitions.map(({ to, reason }) => `${to} ${reason}`).toReversed();

let workers = 0;

/** A program under a name that no other process of this machine has: vrrp_track_process looks at all of them. */
function startWorker(name = `w${process.pid}n${++workers}`): { name: string; kill(): void } {
  const program = join(host.directory, name);
  if (!existsSync(program)) copyFileSync('/bin/sleep', program);
  const worker = host.spawn([program, '600']);
  return { name, kill: () => void worker.kill('SIGKILL') };
}

describe('vrrp_track_process', () => {
  test('a process that is killed is a fault, and one that is there again ends it', async () => {
    const worker = startWorker();
    const daemon = await start(
      { track_process: ['w'] },
      { vrrp_track_process: { w: { process: worker.name } } },
    );
    await daemon.waitState('MASTER');
    worker.kill();
    expect((await daemon.waitState('FAULT')).faults).toMatchObject([{ kind: 'process', name: 'w' }]);
    await until('the address is gone', async () => !(await host.holds(VIP)));
    startWorker(worker.name);
    await daemon.waitState('MASTER');
  });

  test('with a weight it moves the priority, and the address to the peer and back', async () => {
    const worker = startWorker();
    const daemon = await start(
      { track_process: ['w'] },
      { vrrp_track_process: { w: { process: worker.name, weight: -80 } } },
    );
    await daemon.waitState('MASTER');
    await startPeer();
    worker.kill();
    await holdsAlone(peer, host);
    expect(await daemon.instance()).toMatchObject({ state: 'BACKUP', priority: 70, faults: [] });
    startWorker(worker.name);
    await holdsAlone(host, peer);
    expect(await daemon.instance()).toMatchObject({ state: 'MASTER', priority: 150 });
  });

  test('terminate_delay suffers a short absence', async () => {
    const worker = startWorker();
    const daemon = await start(
      { track_process: ['w'] },
      { vrrp_track_process: { w: { process: worker.name, terminate_delay: 3 } } },
    );
    await daemon.waitState('MASTER');
    worker.kill();
    await sleep(1200); // it is looked for each second
    startWorker(worker.name);
    await sleep(2500);
    expect(await history(daemon)).toEqual(['BACKUP startup', 'MASTER master_down']);
  });
});

describe('track_file', () => {
  test('its number times the weight moves the priority, and the address to the peer and back', async () => {
    writeFileSync(file, '0\n');
    const daemon = await start({ track_file: ['f'] }, { track_file: { f: { file, weight: 2 } } });
    await daemon.waitState('MASTER');
    await startPeer();
    writeFileSync(file, '-40\n');
    await holdsAlone(peer, host);
    expect(await daemon.instance()).toMatchObject({ state: 'BACKUP', priority: 70 });
    writeFileSync(file, '10\n');
    await holdsAlone(host, peer);
    expect(await daemon.instance()).toMatchObject({ state: 'MASTER', priority: 170 });
  });

  test('without a weight any number but 0 is a fault; init_file is what it begins with', async () => {
    const daemon = await start(
      { track_file: ['f'] },
      { track_file: { f: { file, weight: 0, init_file: { value: 1 } } } },
    );
    await daemon.waitState('FAULT');
    writeFileSync(file, '0\n');
    await daemon.waitState('MASTER');
    writeFileSync(file, '7\n');
    expect((await daemon.waitState('FAULT')).faults).toMatchObject([{ kind: 'file', name: 'f' }]);
    rmSync(file); // as with keepalived, a 0
    await daemon.waitState('MASTER');
  });

  test('reverse, without a weight: 0 is the fault', async () => {
    writeFileSync(file, '1\n');
    const daemon = await start(
      { track_file: ['f'] },
      { track_file: { f: { file, weight: 0, reverse: true } } },
    );
    await daemon.waitState('MASTER');
    writeFileSync(file, '0\n');
    await daemon.waitState('FAULT');
  });
});

describe('vrrp_script', () => {
  const script = (more: Config) => ({
    vrrp_script: { chk: { script: ['/usr/bin/test', '-e', file], interval: 0.1, timeout: 1, ...more } },
  });

  test('reverse: success is the fault', async () => {
    const daemon = await start({ track_script: ['chk'] }, script({ reverse: true }));
    await daemon.waitState('MASTER');
    writeFileSync(file, '');
    expect((await daemon.waitState('FAULT')).faults).toMatchObject([{ kind: 'script', name: 'chk' }]);
    rmSync(file);
    await daemon.waitState('MASTER');
  });

  test('reverse with a weight: success takes it off, and the address goes to the peer and back', async () => {
    const daemon = await start({ track_script: ['chk'] }, script({ weight: 80, reverse: true }));
    await daemon.waitState('MASTER');
    await startPeer();
    writeFileSync(file, '');
    await holdsAlone(peer, host);
    expect(await daemon.instance()).toMatchObject({ state: 'BACKUP', priority: 70 });
    rmSync(file);
    await holdsAlone(host, peer);
  });

  test.each([
    [true, ['FAULT script_failed', 'BACKUP recovered', 'MASTER master_down']],
    [false, ['BACKUP startup', 'MASTER master_down']],
  ])('init_fail %s', async (initFail, transitions) => {
    writeFileSync(file, '');
    const daemon = await start({ track_script: ['chk'] }, script({ init_fail: initFail, rise: 2 }));
    await daemon.waitState('MASTER');
    expect(await history(daemon)).toEqual(transitions);
  });
});

describe('an interface', () => {
  test('interface_up_down_delays: a short loss is none, a long one counts late, and so does its end', async () => {
    const daemon = await start({}, { interface_up_down_delays: { eth0: { down_delay: 1, up_delay: 1 } } });
    await daemon.waitState('MASTER');
    await host.linkDown();
    await sleep(300);
    await host.linkUp();
    await sleep(1500);
    expect(await history(daemon)).toEqual(['BACKUP startup', 'MASTER master_down']);

    const down = monotonicNow();
    await host.linkDown();
    await daemon.waitState('FAULT');
    expect(monotonicNow() - down).toBeGreaterThan(950);
    const up = monotonicNow();
    await host.linkUp();
    await daemon.waitState('MASTER');
    expect(monotonicNow() - up).toBeGreaterThan(950);
  });

  test.each([
    [true, 'MASTER'],
    [false, 'FAULT'],
  ] as const)('dont_track_primary %s: without a carrier it is %s', async (dontTrack, state) => {
    const daemon = await start({ dont_track_primary: dontTrack });
    await daemon.waitState('MASTER');
    await host.linkDown();
    await sleep(1000);
    expect((await daemon.instance()).state).toBe(state);
    expect(await host.holds(VIP)).toBe(dontTrack);
  });
});

test('vrrp_startup_delay: says nothing and listens to nobody before', async () => {
  const capture = await startCapture(peer, { filter: 'ip proto 112' });
  const daemon = await start({}, { global_defs: { vrrp_startup_delay: 1.5 } });
  const began = monotonicNow();
  await sleep(500);
  expect((await daemon.instance()).state).toBe('INIT');
  const [first] = await capture.waitFrames('ip proto 112', 1);
  // The delay began before the control socket answered; Master_Down_Interval comes on top of it.
  expect(first!.t - began).toBeGreaterThan(1000);
  await daemon.waitState('MASTER');
});

test('vrrp_notify_fifo: the same lines as keepalived’s', async () => {
  const record = async (speaker: (fifo: string) => Promise<{ stop(): Promise<unknown> }>) => {
    const fifo = join(host.directory, `fifo-${Math.random().toString(36).slice(2)}`);
    await host.exec(['mkfifo', '-m', '600', fifo]);
    const reader = host.spawn(['sh', '-c', `exec cat <>${fifo}`]);
    const said = () => reader.stdout.lines.map(({ text }) => text);
    const running = await speaker(fifo);
    await until('it is MASTER', () => said().some((line) => line.includes('MASTER')));
    await host.linkDown();
    await until('it is in FAULT', () => said().some((line) => line.includes('FAULT')));
    await running.stop();
    await until('it has stopped', () => said().some((line) => line.includes('STOP')));
    await host.linkUp();
    return said();
  };
  const theirs = await record((fifo) =>
    startKeepalived(
      host,
      `global_defs {
 vrrp_notify_fifo ${fifo}
}
vrrp_instance VI_1 {
 interface eth0
 virtual_router_id 51
 version 3
 advert_int 0.1
 priority 150
 virtual_ipaddress {
 ${VIP}
 }
}
`,
    ),
  );
  const mine = await record(
    async (fifo) => (await start({}, { global_defs: { vrrp_notify_fifo: fifo } })).process,
  );
  expect(theirs).toHaveLength(4);
  expect(mine).toEqual(theirs);
});
