import { describe, expect, it } from 'vitest';
import { narrowClock, readClock, secondsOf, uncertaintyOf } from '../../../src/core/server-clock.ts';

/** A server whose second 1 000 000 000 began at 700 ms of the local clock. */
const serverSeconds = (now: number) => 1_000_000_000 + Math.floor((now - 700) / 1000);
const ask = (asked: number, took = 0) => readClock(serverSeconds(asked + took / 2), asked, asked + took);

describe('a clock of whole seconds', () => {
  it('is known to half a second after one answer', () => {
    const clock = ask(1000);
    expect(uncertaintyOf(clock)).toBeCloseTo(0.5);
    expect(Math.abs(secondsOf(clock, 2200) - serverSeconds(2200))).toBeLessThanOrEqual(1);
  });

  it('is known to the distance of two answers between which it ticked', () => {
    const clock = narrowClock(ask(1690), ask(1710));
    expect(uncertaintyOf(clock)).toBeCloseTo(0.01);
    for (let now = 1720; now < 10_000; now += 30)
      if ((now - 700) % 1000 > 20 && (now - 700) % 1000 < 980)
        expect(secondsOf(clock, now)).toBe(serverSeconds(now));
  });

  it('is the less certain the longer the answer took', () => {
    expect(uncertaintyOf(ask(1000, 200))).toBeCloseTo(0.6);
  });

  it('narrows with every answer, whatever their order', () => {
    let clock = ask(0);
    for (let now = 0; now < 3000; now += 150) {
      const next = narrowClock(clock, ask(now, 4));
      expect(uncertaintyOf(next)).toBeLessThanOrEqual(uncertaintyOf(clock));
      clock = next;
    }
    expect(uncertaintyOf(clock)).toBeLessThan(0.08);
  });

  it('that jumped is believed', () => {
    const clock = narrowClock(ask(1000), readClock(2_000_000_000, 1500, 1501));
    expect(secondsOf(clock, 1501)).toBeGreaterThanOrEqual(2_000_000_000);
  });
});
