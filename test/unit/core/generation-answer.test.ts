import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeGeneration, encodeGeneration, GENERATION_KEY } from '../../../src/core/generation.ts';
import { parseCopy, parseGeneration } from '../../../src/core/generation-answer.ts';

const RECORD = { number: 12, tag: '0123456789abcdef', filling: false };
const STORED = encodeGeneration(RECORD);
const value = (data: string, key = GENERATION_KEY, flags = 0) =>
  `VALUE ${key} ${flags} ${data.length}\r\n${data}\r\nEND\r\n`;
const STATS = 'STAT pid 1\r\nSTAT version 1.6.18\r\nEND\r\n';

describe('the answer to get', () => {
  test.each([
    ['a record', value(STORED), RECORD],
    ['a record of whatever flags', value(STORED, GENERATION_KEY, 32), RECORD],
    ['with a cas value, as gets answers', value(STORED).replace(/\r\n/, ' 77\r\n'), RECORD],
    ['none', 'END\r\n', null],
    ['something that is no record', value('hello'), null],
    ['nothing at all', value(''), null],
    ['an END within the data', value('x\r\nEND\r\ny'), null],
    ['256 bytes', value('x'.repeat(256)), null],
  ])('%s', (_, text, record) => {
    expect(parseGeneration(text)).toEqual({ kind: 'complete', record, unread: false });
  });

  test('what is longer than any record is not waited for', () => {
    const long = { kind: 'complete', record: null, unread: true };
    expect(parseGeneration(`VALUE ${GENERATION_KEY} 0 1048576\r\n`)).toEqual(long);
    expect(parseGeneration(value('x'.repeat(257)))).toEqual(long);
  });

  test.each([
    ['an error', 'ERROR\r\n', 'unexpected answer to get: ERROR'],
    [
      'a server error',
      'SERVER_ERROR out of memory\r\n',
      'unexpected answer to get: SERVER_ERROR out of memory',
    ],
    ['another key', value(STORED, 'k'), 'unexpected answer to get: VALUE k 0 19'],
    ['data of another length', value(STORED).replace(' 19', ' 18'), 'unexpected answer to get: '],
    ['two answers', `END\r\n${value(STORED)}`, 'more than one answer'],
    ['more after the record', `${value(STORED)}END\r\n`, 'more than one answer'],
  ])('%s is no answer', (_, text, detail) => {
    const answer = parseGeneration(text);
    expect(answer).toMatchObject({ kind: 'bad', detail: expect.stringContaining(detail) });
  });

  test('a line that does not end is given up', () => {
    expect(parseGeneration('V'.repeat(65_537))).toMatchObject({ kind: 'bad' });
  });
});

describe('the answer to stats and get together', () => {
  const stats = [
    ['pid', '1'],
    ['version', '1.6.18'],
  ];
  test.each([
    ['with a record', STATS + value(STORED), stats, RECORD],
    ['without a record', `${STATS}END\r\n`, stats, null],
    ['without statistics', `END\r\n${value(STORED)}`, [], RECORD],
  ])('%s', (_, text, expected, record) => {
    const answer = parseCopy(text);
    if (answer.kind !== 'complete') throw new Error(answer.kind);
    expect({ ...answer, stats: [...answer.stats] }).toEqual({
      ...{ kind: 'complete', unread: false },
      ...{ stats: expected, record },
    });
  });

  test('every part of it is partial', () => {
    for (const text of [STATS + value(STORED), `${STATS}END\r\n`]) {
      for (let length = 0; length < text.length; length++) {
        expect(parseCopy(text.slice(0, length)), text.slice(0, length)).toEqual({ kind: 'partial' });
      }
    }
  });

  test.each([
    ['bad statistics', 'ERROR\r\n', 'unexpected answer to stats: ERROR'],
    ['statistics without end', `STAT x ${'y'.repeat(65_536)}`, 'answer to stats is too long'],
    ['a bad record', `${STATS}ERROR\r\n`, 'unexpected answer to get: ERROR'],
    ['more', `${STATS}END\r\nEND\r\n`, 'more than one answer'],
  ])('%s', (_, text, detail) => {
    expect(parseCopy(text)).toEqual({ kind: 'bad', detail });
  });
});

describe('whatever a memcached says', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      STATS,
      value(STORED),
      `VALUE ${GENERATION_KEY} 0 19\r\n`,
      STORED,
      '\r\nEND\r\n',
      'END\r\n',
    ),
    fc.constantFrom(
      ' 18\r\n',
      ' 99999999999999999999\r\n',
      'VALUE ',
      '\r\n',
      '\r',
      '\n',
      ' ',
      '\0',
      'filling',
    ),
    fc.string({ maxLength: 8, unit: 'binary-ascii' }),
  );

  test('no reader throws, and nothing but a whole record is one', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const text = pieces.join('');
        for (const answer of [parseGeneration(text), parseCopy(text)]) {
          if (answer.kind !== 'complete' || answer.record === null) continue;
          expect(text).toContain(`\r\n${encodeGeneration(answer.record)}\r\nEND\r\n`);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a stored value is a record only if it is what a record is stored as', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc
        .tuple(fc.constantFrom('', '1', '0', '-1', '01', '1e3', '9007199254740993'), fc.nat(4))
        .map(([number, at]) => `${number} ${'0123456789abcdef'.slice(0, 12 + at)}`),
    );
    fc.assert(
      fc.property(text, (stored) => {
        const record = decodeGeneration(stored);
        if (record !== null) expect(encodeGeneration(record)).toBe(stored);
      }),
    );
  });
});
