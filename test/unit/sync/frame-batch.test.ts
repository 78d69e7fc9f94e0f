import { describe, expect, it } from 'vitest';
import { frameBatch } from '../../../src/sync/frame-batch.ts';

/** Feeds the answer in steps of `step` bytes, as a slow network would, with the next answer right behind it. */
function framedAt(answer: string, behind: string, step: number): number {
  const whole = Buffer.from(`junk${answer}${behind}`, 'latin1');
  let resume = 4;
  for (let end = 4; ; end = Math.min(end + step, whole.length)) {
    const result = frameBatch(whole, 4, resume, end);
    if (result >= 0) return result - 4;
    if (end === whole.length) return -1;
    expect(~result).toBeGreaterThanOrEqual(resume);
    resume = ~result;
    expect(resume).toBeLessThanOrEqual(end);
  }
}

describe('the answer to a batch ends behind its MN', () => {
  it.each([
    'MN\r\n',
    'EN\r\nMN\r\n',
    'VA 0 f0 t-1 c1\r\n\r\nMN\r\n',
    'VA 4 f0 t-1 c1\r\nMN\r\n\r\nVA 12 f4294967295 t5 c2 Z X\r\nEN\r\nMN\r\nHD\r\n\r\nMN\r\n',
    'HD c1\r\nEN\r\nHD c18446744073709551615 X W\r\nMN\r\n',
    'STORED\r\nNOT_STORED\r\nSERVER_ERROR object too large for cache\r\nHD\r\nNS\r\nMN\r\n',
    'CLIENT_ERROR bad command line format\r\nMN\r\n',
    'MNEMONIC\r\nMN\r\n',
  ])('%j', (answer) => {
    for (const behind of ['', 'MN\r\n', 'VA 1 f0 t-1 c1\r\nx\r\nMN\r\n'])
      for (const step of [1, 3, 1000]) expect(framedAt(answer, behind, step)).toBe(answer.length);
  });

  it.each(['', 'MN', 'MN\r', 'EN\r\n', 'VA 4 f0 t-1 c1\r\nMN\r\n', 'VA 4 f0 t-1 c1\r\nMN\r\n\r\nMN'])(
    'and %j is none',
    (part) => expect(framedAt(part, '', 1)).toBe(-1),
  );
});
