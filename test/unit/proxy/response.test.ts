import { describe, expect, it } from 'vitest';
import { frame, type Shape } from '../../../src/proxy/response.ts';

/** Feeds the answer byte by byte, as a slow network would, with the next answer right behind it. */
function framedAt(shape: Shape, answer: string, behind: string): number {
  const whole = Buffer.from(`junk${answer}${behind}`, 'latin1');
  let resume = 4;
  for (let end = 4; end <= whole.length; end++) {
    const result = frame(shape, whole, 4, resume, end);
    if (result >= 0) {
      // It must not need more than itself, nor end before its last byte.
      expect(end).toBe(4 + answer.length);
      return result - 4;
    }
    resume = ~result;
    expect(resume).toBeLessThanOrEqual(end);
  }
  return -1;
}

describe('an answer ends where memcached ended it', () => {
  it.each<[Shape, string]>([
    ['line', 'STORED\r\n'],
    ['line', 'SERVER_ERROR out of memory storing object\r\n'],
    ['values', 'END\r\n'],
    ['values', 'VALUE a 0 5\r\nhello\r\nEND\r\n'],
    ['values', 'VALUE a 0 0\r\n\r\nVALUE b 4294967295 12 77\r\nEND\r\nEND\r\n..\r\nEND\r\n'],
    ['values', 'SERVER_ERROR out of memory\r\n'],
    ['values', 'CLIENT_ERROR bad command line format\r\n'],
    ['meta', 'HD\r\n'],
    ['meta', 'EN\r\n'],
    ['meta', 'VA 0 f0\r\n\r\n'],
    ['meta', 'VA 7 c12 t-1\r\na\r\nb\r\nc\r\n'],
    ['meta', 'VALUEless\r\n'],
    ['stats', 'STAT a 1\r\nSTAT b END\r\nEND\r\n'],
    ['stats', 'END\r\n'],
    ['stats', 'RESET\r\n'],
    ['fenced', 'MN\r\n'],
    ['fenced', 'HD c5\r\nMN\r\n'],
    ['fenced', 'VA 2\r\n13\r\nMN\r\n'],
  ])('%s %j', (shape, answer) => {
    for (const behind of ['', 'VALUE x 0 1\r\ny\r\nEND\r\n'])
      expect(framedAt(shape, answer, behind)).toBe(answer.length);
  });
});
