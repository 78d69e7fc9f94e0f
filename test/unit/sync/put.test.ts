import { describe, expect, it } from 'vitest';
import { putBytes, putNumber, putText } from '../../../src/sync/put.ts';

/** What is written behind two bytes, with the byte after it as it was. */
function put(write: (memory: Buffer) => number): string {
  const memory = Buffer.alloc(5000, '.');
  const end = write(memory);
  expect(memory.toString('latin1', 0, 2)).toBe('..');
  expect(memory[end]).toBe('.'.charCodeAt(0));
  return memory.toString('latin1', 2, end);
}

describe('a number', () => {
  it.each([0, 1, 9, 10, 99, 100, 4_294_967_295, 1_732_000_000, Number.MAX_SAFE_INTEGER])('%d', (value) =>
    expect(put((memory) => putNumber(memory, 2, value))).toBe(String(value)),
  );
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

describe('a part of some bytes', () => {
  const bytes = Buffer.from(Array.from({ length: 4500 }, (_, index) => index % 256));
  it.each([
    [0, 0],
    [7, 8],
    [3, 2051],
    [3, 2052],
    [100, 4500],
  ])('from %d to %d', (from, to) =>
    expect(put((memory) => putBytes(memory, 2, bytes, from, to))).toBe(bytes.toString('latin1', from, to)),
  );
});
