import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { ask, startMemcached, startNutcracker } from '../../src/lab/programs.ts';
import { sweep } from '../../src/lab/remains.ts';
import { bundle } from './support/bundle.ts';
import { numberedFrame, sendFrames } from './support/send-frame.ts';

const PREFIX = 'mhalab';

/** The processes that made labs in this run: another run of these tests may be under way, with labs of its own. */
const owners = [process.pid];

/** What our labs have left behind. */
const leftovers = () =>
  [...readdirSync('/run/netns'), ...readdirSync(tmpdir())]
    .filter((name) =>
      owners.some((pid) => new RegExp(`^${PREFIX}${pid}\\b`).test(name.replace(/n\d+-/, '-'))),
    )
    .sort();

/** Runs and is no zombie. */
function alive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('making and removing a lab', () => {
  test('it is there within a second, with the addresses it promises, and goes without a trace', async () => {
    const before = monotonicNow();
    const lab = await createLab({ prefix: PREFIX, hosts: ['a', 'b', 'c'] });
    const took = monotonicNow() - before;
    const shell = lab.hosts.a.spawn(['sh', '-c', 'sleep 1000 & sleep 1000 & echo ready; wait']);
    await shell.stdout.waitFor(/ready/);
    await until('two sleeps run', () => lab.hosts.a.pids().length === 3);
    const pids = lab.hosts.a.pids();

    expect(took).toBeLessThan(1000);
    const namespaces = ['a', 'b', 'c', 'client', 'sw'].map((host) => `${lab.name}-${host}`);
    const directory = lab.directory.slice(tmpdir().length + 1);
    expect(leftovers()).toEqual([...namespaces, directory].sort());
    const hosts = [lab.hosts.a, lab.hosts.b, lab.hosts.c, lab.client];
    expect(hosts.map((host) => host.address)).toEqual([
      '10.9.0.101',
      '10.9.0.102',
      '10.9.0.103',
      '10.9.0.10',
    ]);
    expect(await lab.hosts.b.holds('10.9.0.102')).toBe(true);
    expect(await lab.hosts.b.holds('10.9.0.101')).toBe(false);

    await lab.destroy();
    expect((await shell.exited).signal).toBe('SIGKILL');
    expect(pids.filter(alive)).toEqual([]);
    expect(leftovers()).toEqual([]);
    await lab.destroy(); // a second time does no harm
  });

  test.each([
    ['a prefix with a digit', { prefix: 'lab1' }, /lab prefix lab1/],
    ['a host name that makes too long an interface', { hosts: ['abcdefghijk'] }, /host name abcdefghijk/],
    ['a host named as the switch', { hosts: ['a', 'sw'] }, /taken by the lab/],
    ['the same host twice', { hosts: ['a', 'a'] }, /not unique/],
  ])('%s is refused', async (_, options, message) => {
    await expect(createLab(options)).rejects.toThrow(message);
  });

  /** Another process that owns a lab with a sleep in it; what it prints is the sleep's pid. */
  async function otherOwner(afterwards: string) {
    const words = await bundle(`
      import { createLab } from './src/lab/namespaces.ts';
      createLab({ prefix: '${PREFIX}' }).then((lab) => {
        console.log(lab.hosts.a.spawn(['sleep', '1000']).pid);
        ${afterwards}
      });
    `);
    const owner = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
    owners.push(owner.pid ?? 0);
    const exited = new Promise<[number | null, string | null]>((resolve) => {
      owner.on('exit', (code, signal) => resolve([code, signal]));
    });
    const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
    const sleepPid = Number((await lines.next()).value);
    return { owner, exited, sleepPid };
  }

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'an owner that gets %s removes its lab and dies of it',
    async (signal) => {
      const { owner, exited, sleepPid } = await otherOwner('');
      expect(alive(sleepPid)).toBe(true);
      owner.kill(signal);
      expect(await exited).toEqual([null, signal]);
      expect(alive(sleepPid)).toBe(false);
      expect(leftovers()).toEqual([]);
    },
  );

  test('an owner that ends by an uncaught exception removes its lab', async () => {
    const { exited, sleepPid } = await otherOwner(
      `setTimeout(() => { throw new Error('on purpose'); }, 50);`,
    );
    expect((await exited)[0]).toBe(1);
    expect(alive(sleepPid)).toBe(false);
    expect(leftovers()).toEqual([]);
  });

  test('an owner killed with SIGKILL takes its programs with it, and the next sweep the rest', async () => {
    const { owner, exited, sleepPid } = await otherOwner('');
    const lab = await createLab({ prefix: PREFIX });
    owner.kill('SIGKILL');
    await exited;
    await until('its sleep is gone', () => !alive(sleepPid), { timeout: 2000 });
    const swept = sweep(PREFIX);
    const orphan = `${PREFIX}${owner.pid}`;
    expect(swept).toEqual(
      expect.arrayContaining([`${orphan}-a`, `${orphan}-b`, `${orphan}-client`, `${orphan}-sw`]),
    );
    // A lab whose owner lives stays.
    expect(await lab.hosts.a.holds('10.9.0.101')).toBe(true);
    await lab.destroy();
    expect(leftovers()).toEqual([]);
  });
});

describe('a host', () => {
  let lab: Lab<'a' | 'b'>;
  beforeAll(async () => {
    lab = await createLab({ prefix: PREFIX });
  });
  afterAll(async () => {
    await lab.destroy();
    expect(leftovers()).toEqual([]);
  });
  beforeEach(async () => {
    await lab.hosts.a.powerOn();
    await lab.hosts.b.powerOn();
  });

  const carrier = async (host: Lab['client']) =>
    (
      JSON.parse((await host.exec(['ip', '-j', 'link', 'show', 'eth0'])).stdout) as Array<{ flags: string[] }>
    )[0]?.flags.includes('LOWER_UP');
  const answers = async (from: Lab['client'], to: Lab['client']) =>
    ask(from, `${to.address}:11211`, 'version').then(
      (answer) => answer.startsWith('VERSION'),
      () => false,
    );
  /** With patience: who asked a host that was away waits for its own ARP to give up before it asks anew. */
  const answersSoon = (from: Lab['client'], to: Lab['client']) =>
    until(`${to.name} answers ${from.name}`, () => answers(from, to));

  test('a failing, a missing and an endless program are told by exec', async () => {
    const { a } = lab.hosts;
    await expect(a.exec(['sh', '-c', 'echo why >&2; exit 3'])).rejects.toThrow(/exit 3; stderr: why/);
    await expect(a.exec(['no-such-program'])).rejects.toThrow(/no-such-program/);
    await expect(a.exec(['sleep', '100'], { deadline: 100 })).rejects.toThrow(/not done after 100 ms/);
    expect((await a.exec(['sh', '-c', 'echo out; exit 3'], { allowFailure: true })).code).toBe(3);
    expect((await a.exec(['cat'], { input: 'through' })).stdout).toBe('through');
    expect(a.pids()).toEqual([]);
  });

  test('a spawned program is told by its lines and its end, under its own pid', async () => {
    const { a } = lab.hosts;
    const shell = a.spawn(
      ['sh', '-c', 'echo pid $$; echo env $COLOUR; echo bad >&2; read word; echo got $word; exit 4'],
      {
        env: { COLOUR: 'blue' },
      },
    );
    await shell.stdout.waitFor(/^env blue$/);
    await shell.stderr.waitFor(/^bad$/);
    shell.stdin.write('word\n');
    expect(await shell.exited).toEqual({ code: 4, signal: null });
    await shell.stdout.waitFor(/^got word$/);
    expect(shell.stdout.lines[0]?.text).toBe(`pid ${shell.pid}`);
    expect(shell.kill()).toBe(false);
    const stubborn = a.spawn(['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']);
    await stubborn.stdout.waitFor(/ready/);
    expect(await stubborn.stop(100)).toEqual({ code: null, signal: 'SIGKILL' });
    await expect(stubborn.stdout.waitFor(/never said/, 50)).rejects.toThrow(/never said[\s\S]*ready/);
  });

  test('memcached runs without root, and its death is known', async () => {
    const memcached = await startMemcached(lab.hosts.a);
    expect(readFileSync(`/proc/${memcached.pid}/status`, 'utf8')).not.toMatch(/^Uid:\s+0/m);
    expect(await lab.hosts.a.listens(11211)).toBe(true);
    expect(await lab.hosts.a.listens(11212)).toBe(false);
    expect(await lab.hosts.b.listens(11211)).toBe(false);
    memcached.kill('SIGKILL');
    expect(await memcached.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await lab.hosts.a.listens(11211)).toBe(false);
  });

  test('nutcracker on an address of its own answers from memcached; without the address it is told', async () => {
    const { a, b } = lab.hosts;
    await startMemcached(a);
    const options = { listen: '10.9.0.250:12000', servers: ['10.9.0.101:11211'] };
    await expect(startNutcracker(b, options)).rejects.toThrow(/instead of being ready/);
    await b.exec(['ip', 'addr', 'add', '10.9.0.250/32', 'dev', 'eth0']);
    await startNutcracker(b, options);
    expect(await b.holds('10.9.0.250')).toBe(true);
    expect(await b.listens(12000, '10.9.0.250')).toBe(true);
    expect(await b.listens(12000, '10.9.0.102')).toBe(false);
    expect(await ask(lab.client, '10.9.0.250:12000', 'set k 0 0 5\r\nvalue')).toBe('STORED');
    expect(await ask(lab.client, '10.9.0.101:11211', 'get k')).toBe('VALUE k 0 5\nvalue\nEND');
  });

  test('unplug swallows everything and leaves the carrier; linkDown takes the carrier', async () => {
    const { a, b } = lab.hosts;
    await startMemcached(a);
    await answersSoon(lab.client, a);
    await a.unplug();
    expect(await answers(lab.client, a)).toBe(false);
    expect(await carrier(a)).toBe(true);
    await a.plug();
    await answersSoon(lab.client, a);
    await a.linkDown();
    expect(await carrier(a)).toBe(false);
    expect(await carrier(b)).toBe(true);
    await a.linkUp();
    expect(await carrier(a)).toBe(true);
    await answersSoon(b, a);
  });

  test('power off kills all without a last word, power on brings back an empty host', async () => {
    const { a, b } = lab.hosts;
    await startMemcached(a);
    // A program that would say goodbye on SIGTERM, and one that a program started.
    const polite = a.spawn(['sh', '-c', 'trap "echo goodbye" TERM; sleep 1000 & echo ready; wait']);
    await polite.stdout.waitFor(/ready/);
    await a.exec(['ip', 'addr', 'add', '10.9.0.250/32', 'dev', 'eth0']);
    expect(a.pids()).toHaveLength(3);
    await a.powerOff();
    expect(a.pids()).toEqual([]);
    expect(polite.stdout.text()).toBe('ready');
    expect(await answers(b, a)).toBe(false);
    await a.powerOn();
    expect((await a.addresses()).map((held) => held.address).sort()).toEqual([
      '10.9.0.101',
      '127.0.0.1',
      '::1',
    ]);
    await startMemcached(a);
    await answersSoon(b, a);
  });

  test('power off takes the kernel too: what it still had to send is not sent when power is back', async () => {
    const { a, b } = lab.hosts;
    const memcached = await startMemcached(b);
    const script = `exec 3<>/dev/tcp/${b.address}/11211; echo ready; read; printf 'set late 0 0 1\\r\\nx\\r\\n' >&3; echo sent; sleep 100`;
    const writer = a.spawn(['bash', '-c', script]);
    await writer.stdout.waitFor(/ready/);
    await a.unplug();
    writer.stdin.write('\n');
    await writer.stdout.waitFor(/sent/);
    await a.powerOff();
    await a.powerOn();
    await answersSoon(a, b);
    // By now the kernel would have tried again.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await ask(b, '127.0.0.1:11211', 'get late')).toBe('END');
    await memcached.stop();
  });

  test('the network is silent: nobody says a word that no test asked for', async () => {
    const quiet = await createLab({ prefix: PREFIX });
    const capture = await startCapture(quiet.client);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    await sendFrames(quiet.hosts.a, [numberedFrame(quiet.hosts.a, 1)]);
    await capture.waitFrames('ether proto 0x88b5', 1);
    expect((await capture.frames()).map(({ hex }) => hex.slice(24, 28))).toEqual(['88b5']);
    await quiet.destroy();
  });

  test('addresses tells leases, labels and prefixes', async () => {
    const { a } = lab.hosts;
    const lease = ['valid_lft', '100', 'preferred_lft', '50'];
    await a.exec(['ip', 'addr', 'add', '10.9.0.250/32', 'dev', 'eth0', 'label', 'eth0:1', ...lease]);
    const held = (await a.addresses()).find(({ address }) => address === '10.9.0.250');
    expect(held).toMatchObject({ interface: 'eth0', prefixLength: 32, label: 'eth0:1', scope: 'global' });
    expect(held?.validLifetime).toBeGreaterThan(80);
    expect(held?.validLifetime).toBeLessThanOrEqual(100);
    expect(held?.preferredLifetime).toBeLessThanOrEqual(50);
    const own = (await a.addresses()).find(({ address }) => address === '10.9.0.101');
    expect(own).toMatchObject({ prefixLength: 24, validLifetime: Number.POSITIVE_INFINITY });
  });

  test('block is one direction between two hosts, or one protocol of it', async () => {
    const { a, b } = lab.hosts;
    const atA = await startCapture(a, { filter: 'ether proto 0x88b5' });
    const atB = await startCapture(b, { filter: 'ether proto 0x88b5 or ip proto 112' });
    const atClient = await startCapture(lab.client, { filter: 'ether proto 0x88b5' });
    await lab.block(a, b);
    await sendFrames(a, [numberedFrame(a, 1)]);
    await sendFrames(b, [numberedFrame(b, 2)]);
    await lab.unblock(a, b);
    await lab.block(a, b, { ipProtocol: 112 });
    const vrrp = `01005e000012 ${a.mac.replaceAll(':', '')} 0800 45c00014000100 00ff70 0000 0a090065 e0000012`;
    await sendFrames(a, [vrrp, numberedFrame(a, 3)]);
    await lab.unblock(a, b);
    await sendFrames(a, [vrrp, numberedFrame(a, 4)]);
    const seen = async (capture: typeof atA, last: number) => {
      await capture.waitFrames(`ether[17] = ${last}`, 1);
      return (await capture.frames()).map(({ hex }) =>
        hex.slice(24, 28) === '0800' ? 'vrrp' : Number(`0x${hex.slice(28, 36)}`),
      );
    };
    expect(await seen(atB, 4)).toEqual([2, 3, 'vrrp', 4]);
    expect(await seen(atA, 4)).toEqual([1, 2, 3, 4]);
    expect(await seen(atClient, 4)).toEqual([1, 2, 3, 4]);
  });

  test('impair loses the share it is told to, in both directions, and heal ends it', async () => {
    const { a, b } = lab.hosts;
    const atA = await startCapture(a, { filter: `ether proto 0x88b5 and ether src ${b.mac}` });
    const atB = await startCapture(b, { filter: `ether proto 0x88b5 and ether src ${a.mac}` });
    const numbers = Array.from({ length: 400 }, (_, index) => index);
    expect(await a.impair({ loss: 0.5 })).toEqual({ missing: [] });
    await sendFrames(
      a,
      numbers.map((number) => numberedFrame(a, number)),
    );
    await sendFrames(
      b,
      numbers.map((number) => numberedFrame(b, number)),
    );
    await a.heal();
    await sendFrames(
      a,
      numbers.slice(0, 50).map((number) => numberedFrame(a, 1000 + number)),
    );
    await sendFrames(
      b,
      numbers.slice(0, 50).map((number) => numberedFrame(b, 1000 + number)),
    );
    for (const capture of [atA, atB]) {
      await capture.waitFrames('ether[16:2] = 1049', 1);
      expect(await capture.frames('ether[16:2] >= 1000')).toHaveLength(50);
      const passed = (await capture.frames('ether[16:2] < 1000')).length;
      // 400 coins: beyond 130..270 lie 7 standard deviations.
      expect(passed).toBeGreaterThan(130);
      expect(passed).toBeLessThan(270);
    }
  });

  test('a delay is in force, or is told to be missing', async () => {
    const { a } = lab.hosts;
    await startMemcached(a);
    const { missing } = await a.impair({ delay: 300 });
    const before = monotonicNow();
    await answersSoon(lab.client, a);
    const took = monotonicNow() - before;
    await a.heal();
    if (missing.length === 0) expect(took).toBeGreaterThan(300);
    else expect(missing.join()).toMatch(/no netem/);
  });
});
