import { describe, expect, it } from 'vitest';
import { coldness, createHistogram } from '../../../src/sync/hottest.ts';

const NOW = 1_800_000_000;
const item = (age: number, fetched = false) => ({ lastAccess: NOW - age, fetched });

describe('the order of heat', () => {
  const DAY = 86_400;
  it('is that of the last use, and of whether there was any', () => {
    const order = [
      item(-5, true),
      item(-5),
      item(1, true),
      item(1),
      item(2, true),
      item(3599, true),
      item(3600, true),
      item(3600),
      item(3660, true),
      item(2 * DAY - 1, true),
      item(2 * DAY, true),
      item(2 * DAY + 3600, true),
      item(10 * 365 * DAY, true),
    ].map((each) => coldness(each, NOW));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(order).size).toBe(order.length);
  });

  it('does not tell apart what is nearly the same', () => {
    expect(coldness(item(0), NOW)).toBe(coldness(item(-100), NOW));
    expect(coldness(item(3601), NOW)).toBe(coldness(item(3659), NOW));
    expect(coldness(item(2 * DAY + 1), NOW)).toBe(coldness(item(2 * DAY + 3599), NOW));
    expect(coldness(item(400 * DAY), NOW)).toBe(coldness(item(NOW), NOW));
  });
});

describe('what has room', () => {
  function admitted(room: number): number[] {
    const items = [item(5, true), item(5), item(10, true), item(10, true), item(10, true), item(1000, true)];
    const histogram = createHistogram(NOW);
    for (const each of items) histogram.add(each, 100);
    const cutoff = histogram.cutoff(room);
    const kept: number[] = [];
    for (let step = 0; step < cutoff.steps; step++)
      for (const [index, each] of items.entries())
        if (cutoff.judge(each, 100, step) === 'now') kept.push(index);
    return kept.sort();
  }
  it.each([
    [0, []],
    [99, []],
    [100, [0]],
    [250, [0, 1]],
    // Some of those that are as hot as each other.
    [300, [0, 1, 2]],
    [450, [0, 1, 2, 3]],
    [500, [0, 1, 2, 3, 4]],
    [599, [0, 1, 2, 3, 4]],
    [600, [0, 1, 2, 3, 4, 5]],
    [1e12, [0, 1, 2, 3, 4, 5]],
  ])('%i bytes: %j', (room, kept) => expect(admitted(room)).toEqual(kept));

  it('is used up by asking', () => {
    const histogram = createHistogram(NOW);
    for (let count = 0; count < 10; count++) histogram.add(item(5), 100);
    const cutoff = histogram.cutoff(450);
    expect(cutoff.steps).toBe(1);
    const answers = Array.from({ length: 20 }, () => cutoff.judge(item(5), 100, 0));
    expect(answers).toEqual([...Array(4).fill('now'), ...Array(16).fill('cold')]);
    expect(cutoff.judge(item(1), 100, 0)).toBe('now');
  });

  it('goes in steps, the coldest first', () => {
    const histogram = createHistogram(NOW);
    for (let age = 0; age < 1000; age++) histogram.add(item(age), 100);
    const cutoff = histogram.cutoff(80_050);
    expect(cutoff.steps).toBe(4);
    const steps = Array.from({ length: 1000 }, (_, age) =>
      [0, 1, 2, 3].map((step) => cutoff.judge(item(age), 100, step)),
    );
    const stepOf = steps.map((answers) => answers.indexOf('now'));
    expect(stepOf).toEqual([...stepOf].sort((a, b) => b - a));
    for (const [step, most] of [
      [-1, 200],
      [0, 205],
      [1, 205],
      [2, 205],
      [3, 205],
    ]) {
      const count = stepOf.filter((each) => each === step).length;
      expect(count).toBeLessThanOrEqual(most!);
      expect(count).toBeGreaterThan(190);
    }
    expect(steps[900]).toEqual(['cold', 'cold', 'cold', 'cold']);
    expect(steps[100]).toEqual(['another', 'another', 'another', 'now']);
    // Each in exactly one of them.
    expect(steps.every((answers) => answers.filter((answer) => answer === 'now').length <= 1)).toBe(true);
  });
});
