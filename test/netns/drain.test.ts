/** `drain` and `resume` on a live pair. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import { fastPair, type Pair, PROXY, PROXY_PORT, startPair, VIP } from './support/pair.ts';

describe('drain and resume', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ config: (host) => fastPair(host) });
    await pair.a.proxyPid();
  });
  afterAll(() => pair.destroy());

  test('drain hands over with hardly a gap, and says so', async () => {
    const { a, b } = pair;
    const client = await pair.client(PROXY);
    const asked = monotonicNow();
    expect(await a.daemon.command('drain')).toMatchObject({ code: 0, stderr: '' });
    await b.daemon.waitState('MASTER');
    await pair.waitHolder('b');
    await client.waitAnswer(asked + 500);
    const gap = (await client.stop()).longestGap;
    measured("the client's longest gap, drain", gap);
    expect(gap).toBeLessThan(600);
    await until('the proxy left A', async () => !(await a.host.listens(PROXY_PORT)));
    expect(await a.daemon.status()).toMatchObject({ drained: true });
    expect(await a.daemon.instance()).toMatchObject({
      state: 'BACKUP',
      candidate: false,
      handing_over: false,
    });
    expect((await a.daemon.instance()).transitions[0]).toMatchObject({
      from: 'MASTER',
      to: 'BACKUP',
      reason: 'drained',
    });
    expect((await a.daemon.command('status')).stdout).toContain('drained: stays out until');
  });

  test('a second drain changes nothing', async () => {
    const before = (await pair.a.daemon.instance()).transitions;
    expect((await pair.a.daemon.command('drain')).code).toBe(0);
    expect((await pair.a.daemon.instance()).transitions).toEqual(before);
  });

  test('a drained host stays out even when its peer dies', async () => {
    const { a, b } = pair;
    await b.host.powerOff();
    await sleep(1800); // more than twice its Master_Down_Interval
    expect((await a.daemon.instance()).state).toBe('BACKUP');
    expect(await a.host.holds(VIP)).toBe(false);
    expect((await a.daemon.instance()).master).toBeNull();
  });

  test('resume takes it over when nobody has it', async () => {
    const { a } = pair;
    const resumed = monotonicNow();
    expect((await a.daemon.command('resume')).code).toBe(0);
    await a.daemon.waitState('MASTER');
    measured('from `resume` to MASTER (Master_Down_Interval 722)', monotonicNow() - resumed);
    await until('the proxy listens on A', () => a.host.listens(PROXY_PORT, VIP));
    expect(await a.daemon.status()).toMatchObject({ drained: false });
  });

  test('drained with nobody to hand over to, it lets go when nobody was heard', async () => {
    const { a } = pair;
    const asked = monotonicNow();
    await a.daemon.command('drain');
    expect(await a.daemon.instance()).toMatchObject({ state: 'BACKUP', handing_over: true });
    expect(await a.host.holds(VIP)).toBe(true);
    await until('A let go', async () => !(await a.host.holds(VIP)));
    // 3 × advert_int + 1 s.
    expect(monotonicNow() - asked).toBeGreaterThan(1400);
    expect(monotonicNow() - asked).toBeLessThan(4000);
  });

  test('two that meet again elect as ever', async () => {
    const { a, b } = pair;
    await a.daemon.command('resume');
    await b.host.powerOn();
    await b.startMemcached();
    await b.startDaemon();
    await a.daemon.waitState('MASTER');
    await b.daemon.waitState('BACKUP');
    await pair.waitHolder('a');
  });
});
