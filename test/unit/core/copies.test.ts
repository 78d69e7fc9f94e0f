import { describe, expect, it } from 'vitest';
import {
  authorityOf,
  type CopyEvent,
  initialCopies,
  type Side,
  stepCopies,
} from '../../../src/core/copies.ts';

/** `-0`: the server goes out; `+1`: the backup is back; `=0`: the server was made whole. */
function after(story: string, hasBackup = true) {
  const types: Record<string, CopyEvent['type']> = { '-': 'out', '+': 'back', '=': 'whole' };
  return story
    .split(' ')
    .filter((word) => word !== '')
    .reduce(
      (copies, word) => stepCopies(copies, { type: types[word[0]!]!, side: Number(word[1]) as Side }),
      initialCopies(hasBackup),
    );
}

describe('who decides', () => {
  it.each<[string, Side | null, string]>([
    ['', 0, 'both whole: the server'],
    ['-0', 1, 'the server is lost'],
    ['-1', 0, 'the backup is lost'],
    ['-0 -1', null, 'both are lost'],
    ['-0 +0', 1, 'the server is back but missed writes: not read while the backup lives'],
    ['-1 +1', 0, 'the backup is back'],
    ['-0 +0 =0', 0, 'the server was made whole'],
    ['-0 +0 -1', 0, 'the backup is lost while the server is not whole: it is all there is'],
    ['-0 +0 -1 +1', 0, 'and then the backup is the one that missed writes'],
    ['-0 +0 -1 +1 -0', 1, 'the backup again, for want of a better one'],
    ['-0 -1 +1', 1, 'the last one to go comes first'],
    ['-0 -1 +1 +0', 1, 'and the other one missed what it took'],
    ['-0 -1 +0', 0, 'the first one to go comes back first: it serves'],
    ['-0 -1 +0 +1', 0, 'and from then on the other one missed writes'],
    ['-0 =0', 1, 'a copy that is out cannot be made whole'],
  ])('after "%s" is %j: %s', (story, authority) => {
    expect(authorityOf(after(story))).toBe(authority);
  });
});

describe('which copy is whole', () => {
  it.each<[string, [boolean, boolean]]>([
    ['', [true, true]],
    ['-0', [false, true]],
    ['-0 -1', [false, true]],
    ['-0 -1 +1', [false, true]],
    ['-0 -1 +0', [true, false]],
    ['-0 +0', [false, true]],
    ['-0 +0 -1', [true, false]],
  ])('after "%s"', (story, whole) => {
    expect(after(story).whole).toEqual(whole);
  });
});

describe('events that change nothing answer the same pair', () => {
  it.each([
    ['+0', true],
    ['-0 -0', true],
    ['-1', false],
    ['+1', false],
  ])('%s', (story, hasBackup) => {
    const words = story.split(' ');
    const before = after(words.slice(0, -1).join(' '), hasBackup);
    const type = words.at(-1)![0] === '+' ? 'back' : 'out';
    expect(stepCopies(before, { type, side: Number(words.at(-1)![1]) as Side })).toBe(before);
  });
});

it('without a backup the server alone decides', () => {
  expect(authorityOf(after('', false))).toBe(0);
  expect(authorityOf(after('-0', false))).toBeNull();
  expect(authorityOf(after('-0 +0', false))).toBe(0);
});
