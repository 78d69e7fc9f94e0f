import { describe, expect, it } from 'vitest';
import { putKey, putNumber, putText } from '../../../src/sync/put.ts';

/** What is written behind two bytes, with the byte after it as it was. */
function put(write: (memory: Buffer) => number): string {
  const memory = Buffer.alloc(5000, '.');
  const end = write(memory);
  expect(memory.toString('latin1', 0, 2)).toBe('..');
  expect(memory[end]).toBe('.'.charCodeAt(0));
  return memory.toString('latin1', 2, end);
}

describe('a number', () => {
  it.each([
    ...[0, 1, 9, 10, 99, 100, 1_732_000_000, 2_147_483_647, 2_147_483_648],
    ...[4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER],
  ])('%d', (value) => expect(put((memory) => putNumber(memory, 2, value))).toBe(String(value)));
  it('of each length', () => {
    for (let value = 1; value < 1e15; value = value * 10 + 7) {
      expect(put((memory) => putNumber(memory, 2, value))).toBe(String(value));
      expect(put((memory) => putNumber(memory, 2, value - 1))).toBe(String(value - 1));
    }
  });
});

describe('a text', () => {
  it.each(['', 'k', 'key\r\n', '\xff\x00\x80', 'x'.repeat(250)])('%j', (text) =>
    expect(put((memory) => putText(memory, 2, text))).toBe(text),
  );
});

describe('a key', () => {
  it.each(['', 'k', '\xff\x80~!', 'x'.repeat(250)])('%j', (key) =>
    expect(put((memory) => putKey(memory, 2, key))).toBe(key),
  );
  it.each(['a b', 'a\nb', '\0', 'ab '])('%j has to be in base64', (key) =>
    expect(putKey(Buffer.alloc(10), 2, key)).toBe(-1),
  );
});
