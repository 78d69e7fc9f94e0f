/** The real clock's timers: never early, cancelled for good, and an exact one is exact. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/io/clock.ts';

const fire = (delay: number, exact: boolean): Promise<number> => {
  const deadline = systemClock.now() + delay;
  return new Promise((resolve) => {
    systemClock.at(deadline, () => resolve(systemClock.now() - deadline), exact);
  });
};

describe.each([false, true])('exact: %s', (exact) => {
  test.each([-5, 0, 0.3, 1, 1.9, 2, 2.5, 7.4, 30])('a deadline in %d ms is not met before', async (delay) => {
    for (let i = 0; i < 5; i++) expect(await fire(delay, exact)).toBeGreaterThanOrEqual(0);
  });

  test.each([0, 1, 20])('cancelled before it is due in %d ms, it never comes', async (delay) => {
    let came = false;
    const cancel = systemClock.at(systemClock.now() + delay, () => (came = true), exact);
    cancel();
    cancel();
    await fire(delay + 20, false);
    expect(came).toBe(false);
  });

  test('cancelled while the loop turns for it, it never comes', async () => {
    // A machine that is busy may come too late for that.
    for (let attempt = 0; attempt < 20; attempt++) {
      let came = false;
      const cancel = systemClock.at(systemClock.now() + 1.5, () => (came = true), exact);
      await new Promise((resolve) => setImmediate(resolve));
      const inTime = !came;
      cancel();
      await fire(5, false);
      expect(came).toBe(!inTime);
      if (inTime) return;
    }
    throw new Error('never in time');
  });
});

test('an exact one is closer to its deadline than the others, in the median', async () => {
  const median = async (exact: boolean): Promise<number> => {
    const late: number[] = [];
    for (let i = 0; i < 41; i++) late.push(await fire(5 + (i % 10) / 10, exact));
    return late.toSorted((x, y) => x - y)[20]!;
  };
  const [exact, other] = [await median(true), await median(false)];
  expect(exact).toBeLessThan(other);
});
