/** Times for people, and round ones for an axis. */
import { expect, test } from 'vitest';
import { duration, milliseconds, ticks } from '../../../src/page/times.ts';

const [S, MIN, H, D] = [1000, 60_000, 3_600_000, 86_400_000];

test.each([
  [-5, '0 s'],
  [59.9 * S, '59 s'],
  [60 * S, '1 min'],
  [12 * MIN + 5 * S, '12 min 5 s'],
  [3 * H + 12 * MIN + 59 * S, '3 h 12 min'],
  [2 * D + 3 * H, '2 d 3 h'],
  [400 * D, '400 d'],
])('%d ms', (ms, expected) => {
  expect(duration(ms)).toBe(expected);
});

test.each([
  [0.04, '0.04 ms'],
  [0.35, '0.3 ms'],
  [9.94, '9.9 ms'],
  [12.4, '12 ms'],
  [1500, '1.5 s'],
])('a measured time of %d ms', (ms, expected) => {
  expect(milliseconds(ms)).toBe(expected);
});

test.each([
  [15 * MIN, 5 * MIN],
  [H, 10 * MIN],
  [6 * H, H],
  [D, 6 * H],
  [7 * D, D],
])('ticks of a span of %d ms are %d ms apart, round, and within it', (span, step) => {
  const from = Date.parse('2026-01-02T03:04:05Z');
  const marks = ticks(from, from + span, 7);
  expect(marks.length).toBeGreaterThanOrEqual(3);
  expect(marks.length).toBeLessThanOrEqual(8);
  expect(marks[1]! - marks[0]!).toBe(step);
  expect(marks.at(-1)!).toBeLessThanOrEqual(from + span);
  expect(marks[0]!).toBeGreaterThanOrEqual(from);
  expect(new Date(marks[0]!).getMinutes() % 5).toBe(0);
});
