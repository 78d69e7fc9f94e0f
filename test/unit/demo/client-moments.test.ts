import { describe, expect, test } from 'vitest';
import { feltByClient, milliseconds } from '../../../src/demo/client-moments.ts';
import type { Kind, Moment } from '../../../src/demo/moment.ts';
import type { GapEvent } from '../../../src/lab/client-ledger.ts';

const again = (t: number, gap: number, reason = 'closed'): GapEvent => ({
  t,
  event: 'answered-again',
  gap,
  reason,
});
const seen = (t: number, kind: Kind): Moment => ({ t, witness: 'A', kind, text: '' });

describe('what the client felt', () => {
  test('a gap around what was done: its begin is never before the act, its reason in words', () => {
    const lost: GapEvent = { t: 1006, event: 'answer-lost', gap: 7, reason: 'no answer yet' };
    const felt = feltByClient([lost, again(1630, 631, 'no answer within 20 ms')], [], 1000);
    expect(felt.moments).toEqual([
      { t: 1000, witness: 'client', kind: 'answers-lost', text: 'unanswered: silence for 20 ms' },
      { t: 1630, witness: 'client', kind: 'answers-again', text: 'answered again, 631 ms without' },
    ]);
    expect(felt).toMatchObject({ longest: 631, noise: 0 });
  });

  test('a gap that nothing caused is noise, and not shown', () => {
    const felt = feltByClient([again(3000, 70), again(5020, 21)], [seen(5005, 'master')], 1000);
    expect(felt).toMatchObject({ longest: 21, noise: 70 });
    expect(felt.moments.map(({ t }) => t)).toEqual([4999, 5020]);
  });

  test('a hook costs nobody an answer', () => {
    expect(feltByClient([again(3000, 70)], [seen(2950, 'hook')], 1000)).toMatchObject({
      longest: 0,
      noise: 70,
    });
  });

  test('short gaps beside a longer one are not shown, a short one alone is', () => {
    const short = again(1020, 8);
    expect(feltByClient([short, again(1100, 50)], [], 1000).moments).toHaveLength(2);
    expect(feltByClient([short], [], 1000).moments).toHaveLength(2);
  });

  test('what was before counts for nothing', () => {
    expect(feltByClient([again(999, 500)], [], 1000)).toEqual({ moments: [], longest: 0, noise: 0 });
  });
});

test.each([
  [0.04, '0.0 ms'],
  [5.26, '5.3 ms'],
  [9.97, '10 ms'],
  [631.4, '631 ms'],
])('%d ms in words', (value, words) => {
  expect(milliseconds(value)).toBe(words);
});
