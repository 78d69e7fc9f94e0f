import { describe, expect, it } from 'vitest';
import { createKeyFilter } from '../../../src/sync/key-filter.ts';

/** How many of `count` different keys are taken for one that was met, and how many that were met are not known again. */
function mistakes(foreseen: number, count: number, key: (index: number) => string) {
  const filter = createKeyFilter(foreseen);
  let taken = 0;
  let forgotten = 0;
  for (let index = 0; index < count; index++) if (!filter.add(key(index))) taken++;
  for (let index = 0; index < count; index++) if (filter.add(key(index))) forgotten++;
  return { taken, forgotten };
}

describe('a filter of keys', () => {
  const kinds: [string, (index: number) => string][] = [
    ['numbered', (index) => `key-${index}`],
    ['numbered in front', (index) => `${index}:session`],
    ['binary', (index) => String.fromCharCode(index & 255, (index >> 8) & 255, (index >> 16) & 255)],
    ['long', (index) => `${'k'.repeat(240)}${index}`],
  ];
  it.each(kinds)('%s: forgets none, and takes hardly any for another', (_, key) => {
    const { taken, forgotten } = mistakes(200_000, 200_000, key);
    expect(forgotten).toBe(0);
    expect(taken).toBeLessThanOrEqual(4);
  });

  it.each(kinds)('%s: takes none for another of a few hundred', (_, key) => {
    expect(mistakes(0, 1000, key)).toEqual({ taken: 0, forgotten: 0 });
  });

  it('errs little with twice as many as foreseen', () => {
    expect(mistakes(50_000, 100_000, (index) => `key-${index}`).taken).toBeLessThan(100);
  });
});
