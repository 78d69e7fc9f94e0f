import { describe, expect, test } from 'vitest';
import {
  decodeGeneration,
  encodeGeneration,
  type Generation,
  isBehind,
  soonestFlush,
} from '../../../src/core/generation.ts';

const TAG = '0123456789abcdef';
const OTHER_TAG = 'fedcba9876543210';
const at = (number: number, tag = TAG, filling = false): Generation => ({ number, tag, filling });

describe('the record', () => {
  test.each([
    at(1),
    at(7, OTHER_TAG, true),
    at(Number.MAX_SAFE_INTEGER),
    { ...at(2), flushAt: 1_780_000_000_123 },
    { ...at(2, TAG, true), flushAt: 1 },
    { ...at(3), unheard: true },
    { ...at(3, TAG, true), unheard: true, flushAt: 1 },
  ])('survives being stored: %o', (record) => {
    expect(decodeGeneration(encodeGeneration(record))).toEqual(record);
  });

  test.each([
    ['nothing', ''],
    ['a number only', '1'],
    ['zero', `0 ${TAG}`],
    ['a negative number', `-1 ${TAG}`],
    ['more than a double counts exactly', `9007199254740993 ${TAG}`],
    ['a short tag', '1 0123'],
    ['a tag in capitals', `1 ${TAG.toUpperCase()}`],
    ['another word', `1 ${TAG} whole`],
    ['a trailing space', `1 ${TAG} `],
    ['a flush without its time', `1 ${TAG} flush`],
    ['a flush in the wrong place', `1 ${TAG} flush 5 filling`],
  ])('%s is no record', (_title, value) => {
    expect(decodeGeneration(value)).toBeNull();
  });
});

test.each<[string, (Generation | null | undefined)[], number | undefined]>([
  ['no records', [], undefined],
  ['none is pending', [at(1), null, undefined], undefined],
  ['one knows of it', [at(1), { ...at(1), flushAt: 9 }], 9],
  [
    'two differ',
    [
      { ...at(1), flushAt: 9 },
      { ...at(1), flushAt: 5 },
    ],
    5,
  ],
])('the soonest flush: %s', (_title, records, expected) => {
  expect(soonestFlush(records)).toBe(expected);
});

describe('who is behind', () => {
  test.each<[string, Generation | null, Generation | null, boolean]>([
    ['neither has a record', null, null, false],
    ['restarted beside a whole one', null, at(1), true],
    ['whole beside a restarted one', at(1), null, false],
    ['equal', at(3), at(3), false],
    ['cut off', at(3), at(4), true],
    ['the one that went on', at(4), at(3), false],
    ['both went on alone', at(4), at(4, OTHER_TAG), false],
    ['being filled beside its source', at(4, TAG, true), at(4), true],
    ['the source beside the one it fills', at(4), at(4, TAG, true), false],
    ['restarted beside one that is being filled', null, at(4, TAG, true), false],
    ['both being filled: nobody is better', at(4, TAG, true), at(4, TAG, true), false],
  ])('%s', (_title, own, other, behind) => {
    expect(isBehind(own, other)).toBe(behind);
  });
});
