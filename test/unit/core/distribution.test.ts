import { describe, expect, it } from 'vitest';
import { magentHash, moduloDistribution } from '../../../src/core/distribution.ts';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** magent's loop with big numbers: hash = hash * 33 + (signed char) c in 32 bits, highest bit cleared at the end. */
function reference(text: string): number {
  let hash = 5381n;
  for (const byte of bytes(text))
    hash = BigInt.asIntN(32, hash * 33n + BigInt(byte > 127 ? byte - 256 : byte));
  return Number(hash & 0x7fffffffn);
}

describe("magent's hash", () => {
  it.each(['', 'a', 'k1', 'user:1000', 'x'.repeat(250), '\xff\x80', 'caf\xe9'])('of %j', (key) => {
    const padded = bytes(`.${key}.`);
    expect(magentHash(padded, 1, padded.length - 1)).toBe(reference(key));
  });

  it('of a single letter is 5381 * 33 + its code', () => {
    expect(magentHash(bytes('a'), 0, 1)).toBe(5381 * 33 + 97);
  });
});

describe('the modulo', () => {
  it.each([1, 2, 3, 7])('over %i servers', (count) => {
    const choose = moduloDistribution(count);
    for (const key of ['a', 'b', 'key', 'session:42']) {
      expect(choose(bytes(key), 0, key.length)).toBe(reference(key) % count);
    }
  });
});
