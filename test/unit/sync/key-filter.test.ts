import { describe, expect, it } from 'vitest';
import { createKeyFilter } from '../../../src/sync/key-filter.ts';

/** How many of `count` different keys are taken for one that was met, and how many that were met are not known again. */
function mistakes(foreseen: number, count: number, key: (index: number) => string) {
  const filter = createKeyFilter(foreseen);
  let taken = 0;
  let forgotten = 0;
  for (let index = 0; index < count; index++) if (!filter.addText(key(index))) taken++;
  for (let index = 0; index < count; index++) if (filter.addText(key(index))) forgotten++;
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

  it.each(kinds)('%s: a key is the same as text and as bytes', (_, key) => {
    const filter = createKeyFilter(1000, 64);
    const bytesOf = (index: number) => {
      const bytes = Buffer.from(`${key(index)}!`, 'latin1');
      return { bytes, length: bytes.length - 1 };
    };
    for (let index = 0; index < 1000; index++) {
      expect(filter.has(bytesOf(index))).toBe(false);
      expect(index % 2 === 0 ? filter.addText(key(index)) : filter.add(bytesOf(index))).toBe(true);
      expect(filter.has(bytesOf(index))).toBe(true);
      expect(filter.addText(key(index))).toBe(false);
      expect(filter.add(bytesOf(index))).toBe(false);
    }
  });

  it('with 64 bits for each key takes none of a million others for one of 200 000', () => {
    const filter = createKeyFilter(200_000, 64);
    for (let index = 0; index < 200_000; index++) filter.addText(`key-${index}`);
    let taken = 0;
    const bytes = Buffer.alloc(20);
    for (let index = 200_000; index < 1_200_000; index++)
      if (filter.has({ bytes, length: bytes.write(`key-${index}`, 'latin1') })) taken++;
    expect(taken).toBeLessThanOrEqual(3);
  });
});
