import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKeyList, type KeyList } from '../../../src/sync/key-list.ts';

/** A key as a string of one character per byte. */
function push(list: KeyList, key: string, size: number): void {
  list.push({ bytes: Buffer.from(`${key}!`, 'latin1'), length: key.length }, size);
}

describe('the keys that wait', () => {
  it('come out as they went in', () => {
    const list = createKeyList();
    push(list, 'a', 10);
    push(list, 'b\xff\0', 4_294_967_295);
    push(list, '', 0);
    push(list, 'k'.repeat(250), 1);
    expect(list.length).toBe(4);
    expect(list.take(10, Number.POSITIVE_INFINITY)).toEqual({
      keys: ['a', 'b\xff\0', '', 'k'.repeat(250)],
      bytes: 4_294_967_306,
    });
    expect(list.length).toBe(0);
    expect(list.memory).toBe(0);
    expect(list.take(10, 10)).toEqual({ keys: [], bytes: 0 });
  });

  it.each([
    [1, 1000, 1],
    [3, 1000, 3],
    [10, 250, 2],
    [10, 300, 3],
    // One at least, however large.
    [10, 5, 1],
    [10, 0, 1],
  ])('at most %i of %i bytes: %i', (most, bytes, taken) => {
    const list = createKeyList();
    for (const key of ['a', 'b', 'c', 'd']) push(list, key, 100);
    expect(list.take(most, bytes).keys).toHaveLength(taken);
    expect(list.length).toBe(4 - taken);
  });

  it('take little memory, and give it back', () => {
    const list = createKeyList();
    for (let index = 0; index < 100_000; index++) push(list, `key-${index}`.padEnd(25, '.'), index);
    expect(list.memory).toBeGreaterThan(100_000 * 30);
    expect(list.memory).toBeLessThan(100_000 * 31 + 65_536);
    for (let index = 0; index < 50_000; index += 100) list.take(100, Number.POSITIVE_INFINITY);
    expect(list.memory).toBeLessThan(50_000 * 31 + 2 * 65_536);
    list.clear();
    expect(list.memory).toBe(0);
    push(list, 'again', 1);
    expect(list.take(1, 1)).toEqual({ keys: ['again'], bytes: 1 });
  });

  it('are a queue, whatever is put in and taken out', () => {
    const key = fc.tuple(
      fc.string({ minLength: 1, maxLength: 250, unit: 'binary-ascii' }),
      fc.nat(1_000_000),
    );
    const acts = fc.array(
      fc.oneof(fc.array(key, { maxLength: 600 }), fc.record({ most: fc.integer({ min: 1, max: 500 }) })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(acts, (all) => {
        const list = createKeyList();
        const model: string[] = [];
        for (const act of all) {
          if (Array.isArray(act)) {
            for (const [name, size] of act) {
              push(list, name, size);
              model.push(name);
            }
          } else {
            const { keys } = list.take(act.most, Number.POSITIVE_INFINITY);
            expect(keys).toEqual(model.splice(0, act.most));
          }
          expect(list.length).toBe(model.length);
        }
      }),
      { numRuns: 50 },
    );
  });
});
