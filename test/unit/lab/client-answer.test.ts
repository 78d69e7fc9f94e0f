import { describe, expect, test } from 'vitest';
import { judgeGet, judgeSet } from '../../../src/lab/client-answer.ts';

const RIGHT = 'VALUE k 0 5\r\nright\r\nEND\r\n';

describe('judging the answer to get (memcached protocol.txt, Retrieval commands)', () => {
  test.each([
    ['the exact block', RIGHT, { kind: 'right' }],
    ['END alone', 'END\r\n', { kind: 'miss' }],
    ['another value of that length', 'VALUE k 0 5\r\nwrong\r\nEND\r\n', { kind: 'wrong' }],
    ['another length', 'VALUE k 0 4\r\nrong\r\nEND\r\n', { kind: 'wrong' }],
    ['other flags', 'VALUE k 1 5\r\nright\r\nEND\r\n', { kind: 'wrong' }],
    ['another key', 'VALUE kk 0 5\r\nright\r\nEND\r\n', { kind: 'wrong' }],
    ['more than was asked for', `${RIGHT}END\r\n`, { kind: 'wrong' }],
    ['two ENDs', 'END\r\nEND\r\n', { kind: 'wrong', what: 'END and more' }],
    [
      'an error',
      'SERVER_ERROR Connection refused\r\n',
      { kind: 'wrong', what: 'SERVER_ERROR Connection refused' },
    ],
    ['a value that holds END', 'VALUE k 0 7\r\nx\r\nEND\r\n', { kind: 'partial' }],
    ['endless noise', 'x'.repeat(3000), { kind: 'wrong', what: 'noise' }],
  ])('%s', (_, received, verdict) => {
    expect(judgeGet(Buffer.from(received), 'k', Buffer.from('right'))).toMatchObject(verdict);
  });

  test('every beginning of the right answer is partial', () => {
    for (let length = 0; length < RIGHT.length; length += 1) {
      expect(judgeGet(Buffer.from(RIGHT.slice(0, length)), 'k', Buffer.from('right'))).toEqual({
        kind: 'partial',
      });
    }
  });
});

test.each([
  ['STORED\r\n', { kind: 'right' }],
  ['STOR', { kind: 'partial' }],
  ['NOT_STORED\r\n', { kind: 'wrong', what: 'set: NOT_STORED' }],
  ['SERVER_ERROR out of memory\r\n', { kind: 'wrong', what: 'set: SERVER_ERROR out of memory' }],
])('judging the answer %j to set (memcached protocol.txt, Storage commands)', (received, verdict) => {
  expect(judgeSet(Buffer.from(received))).toEqual(verdict);
});
