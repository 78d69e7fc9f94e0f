import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, type LabClient, startClient } from '../../src/lab/client.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import type { LabProcess } from '../../src/lab/process.ts';
import { ask, startMemcached } from '../../src/lab/programs.ts';
import { labClientCommand } from './support/bundle.ts';

const TARGET = '10.9.0.101:11211';

describe('the client that asks every millisecond', () => {
  let lab: Lab<'a' | 'b'>;
  let memcached: LabProcess;
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhaclient' });
  });
  afterAll(() => lab.destroy());
  beforeEach(async () => {
    await lab.client.powerOn();
    await lab.hosts.a.powerOn();
    memcached = await startMemcached(lab.hosts.a);
  });

  const start = async (options: Partial<ClientOptions> = {}): Promise<LabClient> => {
    const client = startClient(lab.client, { target: TARGET, command: await labClientCommand(), ...options });
    await client.started;
    return client;
  };

  test('a service that is whole: many answers, no long gap, nothing wrong', async () => {
    // It is not to give up because the machine is busy.
    const client = await start({ giveUp: 1000 });
    await sleep(1000);
    const summary = await client.stop();
    expect(summary.answers).toBeGreaterThan(100);
    // The first request sets the key, and the last may be on its way.
    expect(summary.requests - summary.answers).toBeLessThanOrEqual(2);
    expect(summary).toMatchObject({ misses: 0, wrong: 0, failures: 0 });
    expect(summary.longestGap).toBeLessThan(500);
    expect(summary.p50).toBeGreaterThan(0);
    expect(summary.p50).toBeLessThan(20);
    expect(summary.p99).toBeGreaterThanOrEqual(summary.p50 ?? 0);
    expect(summary.firstAnswer).toBeLessThan(summary.lastAnswer ?? 0);
  });

  test('a stopped memcached: the gap is as long as the stop, told while it lasts and when it ends', async () => {
    const client = await start();
    const stopped = monotonicNow();
    memcached.kill('SIGSTOP');
    await sleep(300);
    expect((await client.standing()).openGap).toBeGreaterThan(250);
    expect(client.events.at(-1)).toMatchObject({ event: 'answer-lost' });
    const continued = monotonicNow();
    memcached.kill('SIGCONT');
    const answered = await client.waitAnswer(continued);
    const gap = await client.longestGap(stopped);

    expect(gap).toBeGreaterThan(280);
    expect(gap).toBeLessThan(600);
    // The client's clock and ours are one: the gap lies around the stop.
    const told = client.events.filter(({ event, t }) => event === 'answered-again' && t > continued);
    expect(told[0]).toMatchObject({ gap, reason: 'no answer within 20 ms' });
    expect(answered - continued).toBeLessThan(200);
    expect(await client.longestGap(answered)).toBeLessThan(250);

    const summary = await client.stop();
    const kept = summary.gaps.find((one) => one.gap === gap);
    expect(kept?.from).toBeGreaterThan(stopped - 20);
    expect(kept?.from).toBeLessThan(stopped + 20);
    expect(summary.failures).toBeGreaterThan(5);
    expect(summary.longestGap).toBe(gap);
  });

  test('killed and started empty: misses are no right answers, unless any will do', async () => {
    const strict = await start({ key: 'strict' });
    const content = await start({ expectAny: true });
    const killed = monotonicNow();
    memcached.kill('SIGKILL');
    await memcached.exited;
    await sleep(150);
    await startMemcached(lab.hosts.a);
    const restarted = monotonicNow();
    await content.waitAnswer(restarted);
    await sleep(200);

    const gap = (await content.stop()).gaps.find((one) => one.to > killed && one.gap > 100);
    expect(gap?.gap).toBeGreaterThan(140);
    expect(gap?.gap).toBeLessThan(600);
    expect(gap?.reason).toMatch(/closed|ECONNRESET/);

    const open = await strict.standing();
    expect(open.openGap).toBeGreaterThan(340);
    await ask(lab.client, TARGET, 'set strict 0 0 5\r\nwrong');
    await sleep(50);
    await ask(lab.client, TARGET, 'set strict 0 0 5\r\nright');
    await strict.waitAnswer(monotonicNow());
    const summary = await strict.stop();
    expect(summary.misses).toBeGreaterThan(20);
    expect(summary.wrong).toBeGreaterThan(5);
    expect(summary.longestGap).toBeGreaterThan(open.openGap);
  });

  test('a service that never comes back: the open gap is the longest', async () => {
    const client = await start();
    const killed = monotonicNow();
    memcached.kill('SIGKILL');
    await sleep(300);
    await expect(client.waitAnswer(monotonicNow(), 100)).rejects.toThrow(
      /until a right answer at 10\.9\.0\.101:11211/,
    );
    const summary = await client.stop();
    expect(summary.openGap).toBeGreaterThan(390);
    expect(summary.longestGap).toBe(summary.openGap);
    expect(summary.lastAnswer).toBeLessThan(killed + 20);
  });

  test('a client that waits on TCP outlives a hole in the network, and one that gives up connects anew', async () => {
    const patient = await start({ giveUp: 0, key: 'patient' });
    const hasty = await start({ key: 'hasty' });
    const unplugged = monotonicNow();
    await lab.hosts.a.unplug();
    await sleep(300);
    await lab.hosts.a.plug();
    const plugged = monotonicNow();
    const answered = [await patient.waitAnswer(plugged), await hasty.waitAnswer(plugged)];
    expect(Math.min(...answered)).toBeGreaterThan(plugged);
    const [waited, retried] = [await patient.stop(), await hasty.stop()];
    // TCP repeats the lost request after 200, 600, 1400 ms.
    expect(waited.longestGap).toBeGreaterThan(plugged - unplugged - 20);
    expect(waited.longestGap).toBeLessThan(3000);
    expect(waited.failures).toBe(0);
    expect(retried.failures).toBeGreaterThan(5);
    expect(retried.longestGap).toBeGreaterThan(plugged - unplugged - 50);
    expect(retried.longestGap).toBeLessThan(1000);
  });

  test('its duration ends it, and so does the death of its owner', async () => {
    const client = await start({ duration: 0.5 });
    expect(await client.process.exited).toEqual({ code: 0, signal: null });
    expect((await client.stop()).answers).toBeGreaterThan(50);
    const killed = await start();
    killed.process.kill('SIGKILL');
    await expect(killed.waitAnswer(monotonicNow(), 1000)).rejects.toThrow(/client has ended/);
    await expect(killed.stop()).rejects.toThrow(/client has ended/);
  });

  test.each([
    [[], /--target wants ADDRESS:PORT/],
    [['--target', 'localhost:11211'], /--target wants/],
    [['--target', TARGET, '--every', '0'], /--every wants a number from 1/],
    [['--target', TARGET, '--duration', '4000'], /to 3600, not 4000/],
    [['--target', TARGET, '--key', 'two words'], /--key wants/],
    [['--target', TARGET, '--colour', 'blue'], /colour/],
  ])('bad usage %j is told with exit code 2', async (words, message) => {
    const command = await labClientCommand();
    const { code, stderr } = await lab.client.exec([...command, ...words], { allowFailure: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test('nobody there: exit code 1 and a summary of failures', async () => {
    const words = [...(await labClientCommand()), '--target', '10.9.0.102:11211', '--duration', '0.3'];
    const { code, stdout } = await lab.client.exec(words, { allowFailure: true });
    expect(code).toBe(1);
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
    expect(summary).toMatchObject({ event: 'summary', answers: 0, firstAnswer: null, p50: null });
    expect(summary.failures).toBeGreaterThan(5);
  });
});
