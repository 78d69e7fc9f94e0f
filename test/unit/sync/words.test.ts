import { describe, expect, it } from 'vitest';
import type { Outcome, Progress } from '../../../src/sync/refill-types.ts';
import { bytes, count, duration, isWhole, progressLine, summary } from '../../../src/sync/words.ts';

const PROGRESS: Progress = {
  pass: 'copying',
  done: 195_000,
  total: 500_000,
  copied: 194_990,
  copiedBytes: 107_244_500,
  itemsPerSecond: 20_000.4,
  bytesPerSecond: 11_000_000,
  elapsed: 9_750,
  remaining: 15_250,
  skipped: {
    present: 7,
    unwanted: 1,
    gone: 2,
    stale: 0,
    written: 0,
    cold: 0,
    'too-large': 0,
    'no-memory': 0,
    unnameable: 0,
    error: 0,
  },
  busyWaits: 0,
  busyFor: 0,
  isWaiting: false,
  lastError: 'SERVER_ERROR x',
};

describe('numbers', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1 000'],
    [1_234_567, '1 234 567'],
  ])('%i items: %s', (number, text) => expect(count(number)).toBe(text));
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [12_345, '12 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [279_883_199, '280 MB'],
    [5e9, '5.0 GB'],
    [5e15, '5000 TB'],
  ])('%i bytes: %s', (number, text) => expect(bytes(number)).toBe(text));
  it.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [119_499, '119 s'],
    [119_600, '2 min 0 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ])('%i ms: %s', (number, text) => expect(duration(number)).toBe(text));
});

describe('a line of progress', () => {
  it.each<[string, Partial<Progress>, boolean, string]>([
    [
      'with a bar',
      {},
      true,
      'copying    [#########...............]   39 %  195 000 of 500 000  copied 194 990  20 000/s  11 MB/s  15 s left',
    ],
    [
      'without',
      {},
      false,
      'copying     39 %  195 000 of 500 000  copied 194 990  20 000/s  11 MB/s  15 s left',
    ],
    [
      'at the beginning',
      { done: 0, total: 0, copied: 0, itemsPerSecond: 0, remaining: null },
      false,
      'copying      0 %  0 of 0  copied 0',
    ],
    [
      'at the end',
      { pass: 'checking', done: 500_000, itemsPerSecond: 0, remaining: 0 },
      false,
      'checking   100 %  500 000 of 500 000  copied 194 990',
    ],
    [
      'while the crawler is busy',
      { pass: 'measuring', done: 0, itemsPerSecond: 0, remaining: null, busyWaits: 3, busyFor: 350 },
      false,
      "measuring    0 %  0 of 500 000  the source's crawler is busy, waited 0.3 s",
    ],
  ])('%s', (_, more, bar, line) => expect(progressLine({ ...PROGRESS, ...more }, bar)).toBe(line));
});

describe('the summary', () => {
  const complete = (skipped: Partial<Progress['skipped']>, secondPass: 'done' | 'evictions'): Outcome => ({
    kind: 'complete',
    secondPass,
    progress: { ...PROGRESS, skipped: { ...PROGRESS.skipped, ...skipped } },
  });
  const FIRST = 'copied 194 990 items (107 MB) from a:1 to b:2 in 9.8 s, 19 999 a second';

  it('says what was copied, and nothing more when nothing is amiss', () =>
    expect(summary(complete({}, 'done'), 'a:1', 'b:2')).toEqual([FIRST]));

  it('says what was not, and why', () =>
    expect(
      summary(
        complete(
          { cold: 1, 'too-large': 2, stale: 3, unnameable: 4, 'no-memory': 5, error: 6000, written: 7 },
          'evictions',
        ),
        'a:1',
        'b:2',
      ),
    ).toEqual([
      FIRST,
      'not copied: 7 (written by clients meanwhile)',
      'not copied: 1 (used longest ago: the target has no room for them)',
      "not copied: 2 (larger than the target's item_size_max)",
      'not copied: 3 (marked stale: a miss says the same)',
      'not copied: 4 (a binary key too long for a meta command)',
      'not copied: 5 (no memory on the target)',
      'not copied: 6 000 (an error, the last: SERVER_ERROR x)',
      'no second look: the target has begun to evict, so what it lacks may be what it threw away',
    ]));

  it.each<[Partial<Progress['skipped']>, boolean]>([
    [{}, true],
    [{ cold: 1, 'too-large': 1, stale: 1, unnameable: 1 }, true],
    [{ error: 1 }, false],
    [{ 'no-memory': 1 }, false],
  ])('%j is a success: %j', (skipped, whole) => expect(isWhole(complete(skipped, 'done'))).toBe(whole));
});
