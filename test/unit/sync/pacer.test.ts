import { describe, expect, it } from 'vitest';
import { createPacer } from '../../../src/sync/pacer.ts';

const FREE = { items: 0, bytes: 0 };

describe('the pace', () => {
  it.each([
    [FREE, { items: 128, bytes: 131_072 }],
    [
      { items: 1_000_000, bytes: 0 },
      { items: 128, bytes: 131_072 },
    ],
    [
      { items: 50_000, bytes: 0 },
      { items: 50, bytes: 131_072 },
    ],
    [
      { items: 20_000, bytes: 0 },
      { items: 20, bytes: 131_072 },
    ],
    [
      { items: 10_000, bytes: 0 },
      { items: 10, bytes: 131_072 },
    ],
    [
      { items: 1000, bytes: 0 },
      { items: 10, bytes: 131_072 },
    ],
    [
      { items: 1, bytes: 0 },
      { items: 1, bytes: 131_072 },
    ],
    [
      { items: 0, bytes: 1_000_000 },
      { items: 128, bytes: 10_000 },
    ],
    [
      { items: 0, bytes: 10_000_000 },
      { items: 128, bytes: 16_384 },
    ],
    [
      { items: 0, bytes: 32_000_000 },
      { items: 128, bytes: 32_000 },
    ],
    [
      { items: 0, bytes: 1 },
      { items: 128, bytes: 0 },
    ],
  ])('%j: a batch of %j at most', (rate, limits) =>
    expect(createPacer(rate, 0).limits(128, 131_072)).toEqual(limits),
  );

  it.each([
    [FREE, 100, 1000, 5000],
    [{ items: 1000, bytes: 0 }, 100, 1000, 5100],
    [{ items: 0, bytes: 1000 }, 100, 1000, 6000],
    [{ items: 1000, bytes: 1000 }, 100, 1000, 6000],
    [{ items: 100, bytes: 10_000 }, 100, 1000, 6000],
    [{ items: 1000, bytes: 0 }, 0.25, 0, 5000.25],
  ])('%j: after %d items of %i bytes at 5000 the next at %d', (rate, items, bytes, next) => {
    const pacer = createPacer(rate, 5000);
    expect(pacer.readyAt).toBe(5000);
    pacer.spend(items, bytes, 5000);
    expect(pacer.readyAt).toBe(next);
  });

  it('makes up for a late timer, but not for a long rest', () => {
    const late = createPacer({ items: 1000, bytes: 0 }, 0);
    late.spend(10, 0, 0);
    late.spend(10, 0, 11);
    expect(late.readyAt).toBe(20);
    late.spend(10, 0, 1000);
    expect(late.readyAt).toBe(1008);
  });
});
