import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../../src/core/generation.ts';
import { type CopyRecord, compareCopies, raisedNumber } from '../../../src/core/wholeness.ts';

const TAGS = ['1111111111111111', '2222222222222222', '3333333333333333'];
const at = (number: number, tag = 0, filling = false): Generation => ({ number, tag: TAGS[tag]!, filling });

describe('two copies', () => {
  test.each<[string, CopyRecord[], number[], number[], number[], number | null]>([
    // title, records, whole, filling, behind, arbiter
    ['never had a generation', [null, null], [0, 1], [], [], null],
    ['equal', [at(3), at(3)], [0, 1], [], [], null],
    ['the first one restarted', [null, at(1)], [1], [], [0], null],
    ['the second one was cut off', [at(4), at(3)], [0], [], [1], null],
    ['the first one was cut off', [at(3), at(4)], [1], [], [0], null],
    ['the second one is not there', [at(3), undefined], [0], [], [], null],
    ['only one, and it restarted', [null, undefined], [0], [], [], null],
    ['the second one is being filled from this one', [at(3), at(3, 0, true)], [0], [1], [], null],
    ['it was being filled before the other one went on', [at(4, 1), at(3, 0, true)], [0], [], [1], null],
    ['it was being filled by the other side', [at(3, 1), at(3, 0, true)], [0], [], [1], null],
    ['the source of the filling died', [undefined, at(3, 0, true)], [1], [], [], null],
    ['the source of the filling died and came back empty', [null, at(3, 0, true)], [1], [], [0], null],
    ['both went on alone', [at(4, 1), at(4, 0)], [0], [], [1], 1],
    ['both went on alone, the other one decides', [at(4, 0), at(4, 1)], [0], [], [1], 0],
    ['neither is there', [undefined, undefined], [], [], [], null],
  ])('%s', (_title, records, whole, filling, behind, arbiter) => {
    expect(compareCopies(records, [0, 1])).toMatchObject({ whole, filling, behind, arbiter });
  });

  test('a tie is settled by preference', () => {
    expect(compareCopies([at(4, 1), at(4, 0)], [1, 0])).toMatchObject({
      whole: [1],
      behind: [0],
      arbiter: 1,
    });
  });

  const unheard = (record: Generation): Generation => ({ ...record, unheard: true });
  test.each<[string, Generation[], number[], number]>([
    ['heard no client', [unheard(at(4, 1)), at(4, 0)], [1], 1],
    ['heard none, whatever is preferred', [at(4, 1), unheard(at(4, 0))], [0], 1],
    ['heard none, as the other one', [unheard(at(4, 1)), unheard(at(4, 0))], [0], 1],
    ['heard none, but went on longer', [unheard(at(5, 1)), at(4, 0)], [0], -1],
  ])('a tie where a side %s', (_title, records, whole, arbiter) => {
    const expected = { whole, arbiter: arbiter === -1 ? null : arbiter };
    expect(compareCopies(records, [0, 1])).toMatchObject(expected);
  });

  test('the record is that of the whole ones', () => {
    expect(compareCopies([at(3), at(4)], [0, 1]).record).toEqual(at(4));
    expect(compareCopies([null, null], [0, 1]).record).toBeNull();
  });
});

const anyRecord = fc.option(
  fc.record({
    number: fc.integer({ min: 1, max: 3 }),
    tag: fc.constantFrom(...TAGS),
    filling: fc.boolean(),
  }),
  { nil: null },
);
const anyCopies = fc.array(fc.option(anyRecord, { nil: undefined }), { minLength: 1, maxLength: 4 });

describe('any copies', () => {
  test('each one that is there is in one list, and somebody is whole when anybody is there', () => {
    fc.assert(
      fc.property(anyCopies, (records) => {
        const { whole, filling, behind } = compareCopies(records, [0, 1, 2, 3]);
        const there = records.flatMap((record, place) => (record === undefined ? [] : [place]));
        expect([...whole, ...filling, ...behind].sort()).toEqual(there);
        expect(whole.length > 0).toBe(there.length > 0);
      }),
    );
  });

  test('nobody is whole while a higher generation lives, and the whole ones share one record', () => {
    fc.assert(
      fc.property(anyCopies, (records) => {
        const { whole, record } = compareCopies(records, [0, 1, 2, 3]);
        const numbers = records.flatMap((known) => (known && !known.filling ? [known.number] : []));
        if (numbers.length === 0) return;
        for (const place of whole) {
          expect(records[place]).toEqual(record);
          expect(record!.number).toBe(Math.max(...numbers));
        }
      }),
    );
  });

  test('every preference names the same arbiter', () => {
    fc.assert(
      fc.property(anyCopies, fc.shuffledSubarray([0, 1, 2, 3]), (records, preferred) => {
        expect(compareCopies(records, preferred).arbiter).toBe(compareCopies(records, [0, 1, 2, 3]).arbiter);
      }),
    );
  });
});

test.each([
  [0, 1_700_000_000_500, 1_700_000_000],
  [0, 0, 1],
  [1, 1_700_000_000_000, 2],
  [41, 0, 42],
])('raised from %i at %i ms: %i', (seen, now, number) => {
  expect(raisedNumber(seen, now)).toBe(number);
});
