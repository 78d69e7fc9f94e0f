import { describe, expect, it } from 'vitest';
import { decodeBase64, opaqueTooLong, parseFlags } from '../../../src/proxy/meta-flags.ts';

describe('flags that memcached would carry out', () => {
  it('lose their q, and tell key, mode and CAS number', () => {
    expect(parseFlags('Zm9v', ['v', 'q', 'b', 'ME', 'C12', 'O5'])).toMatchObject({
      words: ['v', 'b', 'ME', 'C12', 'O5'],
      key: 'foo',
      base64: true,
      quiet: true,
      mode: 'E',
      cas: 12n,
    });
  });
});

describe('flags that memcached refuses, in its words', () => {
  it.each([
    [['v', 'v'], 'CLIENT_ERROR duplicate flag'],
    [['\xff'], 'CLIENT_ERROR duplicate flag'],
    [['z'], 'CLIENT_ERROR invalid flag'],
    [['Tx'], 'CLIENT_ERROR bad token in command line format'],
    [['C-1'], 'CLIENT_ERROR bad token in command line format'],
    [['MAA'], 'CLIENT_ERROR incorrect length for M token'],
    [['Jx'], 'CLIENT_ERROR invalid numeric initial value'],
    [['D'], 'CLIENT_ERROR invalid numeric delta value'],
    [['Fx'], 'CLIENT_ERROR bad command line format'],
    [['b'], 'CLIENT_ERROR error decoding key'],
    [['Tx', 'Dx'], 'CLIENT_ERROR invalid numeric delta value'],
  ])('%j', (words, line) => {
    expect(parseFlags('!!', words)).toBe(line);
  });

  it('an opaque of more than 31 characters', () => {
    for (const [length, tooLong] of [
      [31, false],
      [32, true],
    ] as const) {
      const flags = parseFlags('k', [`O${'x'.repeat(length)}`]);
      expect(typeof flags === 'string' || opaqueTooLong(flags)).toBe(tooLong);
    }
  });
});

describe('base64 as memcached decodes it', () => {
  it.each<[string, string | null]>([
    ['Zm9v', 'foo'],
    ['Zm9vYg==', 'foob'],
    ['Zm9vYmE=', 'fooba'],
    ['Z!m9v', 'foo'],
    ['Zm9', null],
    ['', null],
    ['!', null],
    ['Z===', null],
    ['Zg==Zm9v', 'f'],
    ['AAo=', '\0\n'],
  ])('%j', (token, key) => {
    expect(decodeBase64(token)).toBe(key);
  });
});
