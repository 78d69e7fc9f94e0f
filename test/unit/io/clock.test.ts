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

  test.each([0, 1, 20])('cancelled %d ms before it is due, it never comes', async (early) => {
    let came = false;
    const cancel = systemClock.at(systemClock.now() + early + 2, () => (came = true), exact);
    await fire(1, false);
    cancel();
    cancel();
    await fire(early + 20, false);
    expect(came).toBe(early < 0);
  });
});

test('an exact one is closer to its deadline than the others, in the median', async () => {
  const median = async (exact: boolean): Promise<number> => {
    const late: number[] = [];
    for (let i = 0; i < 41; i++) late.push(await fire(5 + (i % 10) / 10, exact));
    return late.toSorted((x, y) => x - y)[20]!;
  };
  const [exact, other] = [await median(true), await median(false)];
  expect(exact).toBeLessThan(0.5);
  expect(exact).toBeLessThan(other);
});
