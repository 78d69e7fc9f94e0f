import { describe, expect, it } from 'vitest';
import { exptimeOf, keyToken, needsBase64 } from '../../../src/core/memcached-key.ts';
import { digits } from '../../../src/core/memcached-number.ts';

describe('a key as a command names it', () => {
  it.each([
    ['plain', 'plain'],
    ['caf\xe9\t%', 'caf\xe9\t%'],
    ['a b', 'YSBi b'],
    ['a\nb', 'YQpi b'],
    ['\0', 'AA== b'],
    ['\xff \x80', '/yCA b'],
  ])('%j is %j', (key, token) => {
    expect(keyToken(key)).toBe(token);
    expect(needsBase64(key)).toBe(token.endsWith(' b'));
  });
});

describe('the exptime for the rest of a time to live', () => {
  const NOW = 1_800_000_000;
  it.each([
    [-1, 0],
    [0, 1],
    [1, 1],
    [100, 100],
    [2_592_000, 2_592_000],
    [2_592_001, NOW + 2_592_001],
  ])('%i s left: %i', (ttl, exptime) => expect(exptimeOf(ttl, NOW)).toBe(exptime));
});

describe('digits', () => {
  it.each([
    ['17 3', 0, 17],
    ['f4294967295', 1, 4_294_967_295],
    ['x', 0, 0],
    ['', 0, 0],
  ])('%j from %i: %i', (text, from, value) => {
    const bytes = Buffer.from(text);
    expect(digits(bytes, from, bytes.length)).toBe(value);
  });
});
