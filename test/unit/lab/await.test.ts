import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { until } from '../../../src/lab/await.ts';

test('returns what the probe returned at last, sync or async', async () => {
  let turns = 0;
  expect(await until('three', () => ++turns === 3 && 'done', { every: 1 })).toBe('done');
  expect(await until('five', async () => (++turns >= 5 ? turns : null), { every: 1 })).toBe(5);
});

test('a probe that throws has not come true yet', async () => {
  let turns = 0;
  const probe = () => {
    turns += 1;
    if (turns < 3) throw new Error('not there');
    return turns;
  };
  expect(await until('it is there', probe, { every: 1 })).toBe(3);
});

test('in vain: the error says what, how long and what was seen last', async () => {
  await expect(until('b is MASTER', () => 0, { timeout: 30, every: 5 })).rejects.toThrow(
    /^waited \d+ ms in vain until b is MASTER; last seen: 0$/,
  );
  const broken = () => Promise.reject(new Error('refused'));
  await expect(until('it answers', broken, { timeout: 30, every: 5 })).rejects.toThrow(/last error: refused/);
});

test('a probe that never returns does not outlive the wait', async () => {
  await expect(
    until('it returns', () => sleep(60_000, true, { ref: false }), { timeout: 20 }),
  ).rejects.toThrow(/the probe itself did not return/);
});
