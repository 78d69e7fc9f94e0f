/** Which copies are cold, and when that is believed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Generation } from '../../../src/core/generation.ts';
import {
  compareWithPeer,
  describeRecords,
  type PeerCopy,
  seePeer,
  UNCOMPARED,
  type Warmth,
} from '../../../src/core/warmth.ts';

const TAG = '0123456789abcdef';
const OTHER_TAG = 'fedcba9876543210';
const at = (number: number, tag = TAG): Generation => ({ number, tag, filling: false });
const filling = (number: number): Generation => ({ ...at(number), filling: true });

/** The local copy was asked when the peer's record had long been known. */
const SURE = { askedAt: 100, since: 0 };
/** It was asked before the peer's record was seen. */
const UNSURE = { askedAt: 100, since: 101 };

type Peer = Generation | null | 'gone' | 'not asked';
type Own = Generation | null | 'down';

function compare(own: Own, peer: Peer, { askedAt, since } = SURE, before: Warmth = UNCOMPARED) {
  const local = own === 'down' ? undefined : { record: own, askedAt };
  const other = peer === 'not asked' ? undefined : peer === 'gone' ? 'gone' : { record: peer, since };
  return compareWithPeer(before, local, other);
}

const warmthOf = (own: Own, peer: Peer): Warmth => compare(own, peer).warmth;

describe('two copies', () => {
  test.each<[string, Own, Peer, Warmth['state'], behind: boolean]>([
    ['no records, as in a repcached pair', null, null, 'whole', false],
    ['equal', at(3), at(3), 'whole', false],
    ['restarted, the peer whole', null, at(1), 'cold', true],
    ['the peer restarted', at(1), null, 'whole', false],
    ['cut off meanwhile', at(3), at(4), 'cold', true],
    ['the peer was cut off', at(4), at(3), 'whole', false],
    ['both went on alone: neither waits', at(4), at(4, OTHER_TAG), 'whole', false],
    ['being filled', filling(4), at(4), 'filling', true],
    ['being filled, and the peer went on since', filling(4), at(5), 'filling', true],
    ['the peer is being filled', at(4), filling(4), 'whole', false],
    ['restarted beside one that is being filled', null, filling(4), 'whole', false],
    ['both being filled: both serve', filling(4), filling(4), 'filling', false],
    ['restarted, the peer gone', null, 'gone', 'whole', false],
    ['behind the last that was known, but the peer is gone', at(3), 'gone', 'whole', false],
    ['its source died', filling(4), 'gone', 'filling', false],
    ['the peer was not asked yet', at(3), 'not asked', 'unknown', false],
    ['the local one is down', 'down', at(3), 'unknown', false],
    ['the local one is down, the peer gone', 'down', 'gone', 'unknown', false],
  ])('%s', (_, own, peer, state, behind) => {
    expect(warmthOf(own, peer)).toMatchObject({ state, behind });
  });
});

const anyRecord = fc.option(
  fc.record({
    number: fc.integer({ min: 1, max: 3 }),
    tag: fc.constantFrom(TAG, OTHER_TAG),
    filling: fc.boolean(),
  }),
  { nil: null },
);

test('two hosts that know the same are never both behind, whatever the records', () => {
  fc.assert(
    fc.property(anyRecord, anyRecord, (a, b) => {
      expect(warmthOf(a, b).behind && warmthOf(b, a).behind).toBe(false);
    }),
  );
});

describe('two observers of records that change', () => {
  test('both may be behind for as long as one knows an old record, and not once both have asked again', () => {
    // Each knows its own new record and what the other had before: A was restarted and raised anew, then B.
    const a = warmthOf(null, at(4));
    const b = warmthOf(null, at(3));
    expect([a.behind, b.behind]).toEqual([true, true]);
    expect([warmthOf(null, null).behind, warmthOf(null, null).behind]).toEqual([false, false]);
  });

  const whole = warmthOf(at(3), at(3));

  test('a record that rises on both at once makes a whole copy ask itself again, and no more', () => {
    // The peer's answer has the new record, the local answer is from before.
    const risen = compare(at(3), at(4), UNSURE, whole);
    expect(risen).toMatchObject({ warmth: { state: 'whole', behind: false }, doubtful: true });
    const askedAgain = compare(at(4), at(4), { askedAt: 102, since: 101 }, risen.warmth);
    expect(askedAgain).toMatchObject({ warmth: { state: 'whole', behind: false }, doubtful: false });
  });

  test('one that is behind all the same is cold with that second answer', () => {
    const risen = compare(at(3), at(4), UNSURE, whole);
    const askedAgain = compare(at(3), at(4), { askedAt: 102, since: 101 }, risen.warmth);
    expect(askedAgain).toMatchObject({ warmth: { state: 'cold', behind: true }, doubtful: false });
  });

  test('a restart beside a record that has long been known is cold at once', () => {
    expect(compare(null, at(3), SURE, whole)).toMatchObject({
      warmth: { state: 'cold', behind: true },
      doubtful: false,
    });
  });

  test('who has just come up is cold at the first answer, and asks itself again', () => {
    expect(compare(null, at(3), UNSURE, UNCOMPARED)).toMatchObject({
      warmth: { state: 'cold', behind: true },
      doubtful: true,
    });
  });

  test('one that is cold stays so while the other goes on', () => {
    const cold = warmthOf(at(3), at(4));
    expect(compare(at(3), at(5), UNSURE, cold).warmth).toMatchObject({ state: 'cold', behind: true });
  });

  test('the same outcome is the same object, a change of a record is not', () => {
    expect(compare(at(3), at(3), UNSURE, whole).warmth).toBe(whole);
    expect(compare(at(4), at(3), SURE, whole).warmth).not.toBe(whole);
  });
});

describe('since when the peer has its record', () => {
  const seen: PeerCopy = { record: at(3), since: 5 };
  test.each<[string, PeerCopy | 'gone' | undefined, Generation | null, number]>([
    ['its first answer', undefined, at(3), 9],
    ['the same again', seen, at(3), 5],
    ['none, again', { record: null, since: 5 }, null, 5],
    ['a higher number', seen, at(4), 9],
    ['another tag', seen, at(3, OTHER_TAG), 9],
    ['being filled', seen, filling(3), 9],
    ['none any more', seen, null, 9],
    ['the first one', { record: null, since: 5 }, at(3), 9],
    ['it was gone in between', 'gone', at(3), 9],
  ])('%s', (_, before, record, since) => {
    expect(seePeer(before, record, 9)).toEqual({ record, since });
  });
});

test.each<[Own, Peer, string]>([
  [at(3), at(4), 'generation 3, peer 4'],
  [null, at(4), 'no generation, peer 4'],
  [at(3), null, 'generation 3, peer none'],
  [at(3), 'gone', 'generation 3'],
  [null, 'gone', 'no generation'],
])('in words: %j beside %j', (own, peer, words) => {
  expect(describeRecords(warmthOf(own, peer))).toBe(words);
});
