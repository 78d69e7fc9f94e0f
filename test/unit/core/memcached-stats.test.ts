/** memcached's protocol.txt, "General-purpose statistics"; with a whole answer of memcached 1.6.18 (Debian 12). */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_STATS_LENGTH, parseStats } from '../../../src/core/memcached-stats.ts';

const ANSWER = readFileSync(new URL('memcached-1.6.18-stats.txt', import.meta.url), 'latin1');

describe('a whole answer', () => {
  test('of memcached 1.6.18', () => {
    const answer = parseStats(ANSWER);
    if (answer.kind !== 'complete') throw new Error(answer.kind);
    expect([...answer.stats]).toHaveLength(92);
    expect([...answer.stats].slice(0, 5)).toEqual([
      ['pid', '11885'],
      ['uptime', '2'],
      ['time', '1795232565'],
      ['version', '1.6.18'],
      ['libevent', '2.1.12-stable'],
    ]);
    expect(answer.stats.get('rusage_user')).toBe('0.005217');
    expect(answer.stats.get('limit_maxbytes')).toBe('16777216');
    expect([...answer.stats].at(-1)).toEqual(['lru_bumps_dropped', '0']);
  });

  test('split at every byte it is partial before the last one', () => {
    for (let length = 0; length < ANSWER.length; length++) {
      expect(parseStats(ANSWER.slice(0, length)), `after ${length} bytes`).toEqual({ kind: 'partial' });
    }
  });

  test.each([
    ['no statistics at all', 'END\r\n', []],
    ['a value with spaces', 'STAT a b c\r\nEND\r\n', [['a', 'b c']]],
    ['an empty value', 'STAT a \r\nEND\r\n', [['a', '']]],
    ['no value', 'STAT a\r\nEND\r\n', [['a', '']]],
    ['a name twice: the last counts', 'STAT a 1\r\nSTAT a 2\r\nEND\r\n', [['a', '2']]],
    ['a value that reads END', 'STAT a END\r\nEND\r\n', [['a', 'END']]],
  ])('%s', (_, text, stats) => {
    const answer = parseStats(text);
    if (answer.kind !== 'complete') throw new Error(answer.kind);
    expect([...answer.stats]).toEqual(stats);
  });
});

describe('something that no memcached says', () => {
  test.each([
    ['ERROR\r\n', 'unexpected answer to stats: ERROR'],
    ['SERVER_ERROR out of memory\r\n', 'unexpected answer to stats: SERVER_ERROR out of memory'],
    ['HTTP/1.1 400 Bad Request\r\n', 'unexpected answer to stats: HTTP/1.1 400 Bad Request'],
    ['\r\n', 'unexpected answer to stats: '],
    ['STAT\r\n', 'unexpected answer to stats: STAT'],
    ['stat a 1\r\nEND\r\n', 'unexpected answer to stats: stat a 1'],
    ['STAT a 1\nSTAT b 2\r\n', 'unexpected answer to stats: STAT a 1\nSTAT b 2'],
    ['END \r\n', 'unexpected answer to stats: END '],
    [`${'x'.repeat(200)}\r\n`, `unexpected answer to stats: ${'x'.repeat(80)}`],
    ['END\r\nEND\r\n', 'more than one answer'],
    ['STAT a 1\r\nEND\r\nS', 'more than one answer'],
    ['x'.repeat(MAX_STATS_LENGTH + 1), 'answer to stats is too long'],
    ['STAT a 1\r\n'.repeat(6554), 'answer to stats is too long'],
  ])('%j', (text, detail) => {
    expect(parseStats(text)).toEqual({ kind: 'bad', detail });
  });

  test('the longest answer that is waited for', () => {
    expect(parseStats('x'.repeat(MAX_STATS_LENGTH))).toEqual({ kind: 'partial' });
  });
});

test('an answer with one byte wrong never throws, and a bad one stays bad when more comes', () => {
  fc.assert(
    fc.property(fc.nat(ANSWER.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const damaged = ANSWER.slice(0, at) + String.fromCharCode(byte) + ANSWER.slice(at + 1);
      const half = parseStats(damaged.slice(0, ANSWER.length / 2));
      if (half.kind === 'bad') expect(parseStats(damaged)).toEqual(half);
      expect(['complete', 'partial', 'bad']).toContain(parseStats(damaged).kind);
    }),
  );
});

test('arbitrary pieces in any number: what was read once does not change its meaning when more comes', () => {
  const piece = fc.oneof(
    fc.constantFrom('STAT ', 'STAT a 1\r\n', 'END', 'END\r\n', '\r\n', '\r', '\n', ' ', 'ERROR\r\n', '\0'),
    fc.string({ maxLength: 8, unit: 'binary-ascii' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      let text = '';
      let before = parseStats(text);
      for (const each of pieces) {
        text += each;
        const after = parseStats(text);
        if (before.kind === 'bad' || (before.kind === 'complete' && each !== '')) {
          expect(after.kind, JSON.stringify(text)).toBe('bad');
        }
        before = after;
      }
    }),
    { numRuns: 500 },
  );
});
