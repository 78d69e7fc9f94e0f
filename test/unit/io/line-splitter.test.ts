import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { lineSplitter } from '../../../src/io/line-splitter.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function splitter() {
  const lines: string[] = [];
  return { lines, feed: lineSplitter((line) => lines.push(line)) };
}

describe('lines', () => {
  test.each<[string, string[], string[]]>([
    ['one in a chunk', ['a\n'], ['a']],
    ['several in a chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['one over several chunks', ['a', 'b', 'c\nd'], ['abc']],
    ['carriage returns and blanks at the end go', ['a \r\n\tb\t\n'], ['a', '\tb']],
    ['empty ones are not told', ['\n\na\n \n\r\n'], ['a']],
    ['what has no end yet is not told', ['a'], []],
  ])('%s', (_, chunks, expected) => {
    const { lines, feed } = splitter();
    for (const chunk of chunks) feed(chunk);
    expect(lines).toEqual(expected);
  });

  test('one that is too long is cut, in one chunk and over many', () => {
    const { lines, feed } = splitter();
    feed(`${'x'.repeat(5000)}\n`);
    for (let chunk = 0; chunk < 50; chunk++) feed('y'.repeat(100));
    feed('\nz\n');
    expect(lines).toEqual(['x'.repeat(2000), 'y'.repeat(2000), 'z']);
  });
});

describe('a flood', () => {
  const flood = (count: number) => Array.from({ length: count }, (_, index) => `${index}\n`).join('');

  test('is cut after a hundred lines, and what was left out is told in the next window', () => {
    const { lines, feed } = splitter();
    feed(flood(1000));
    feed(flood(1000));
    expect(lines).toHaveLength(100);
    expect(lines.at(-1)).toBe('99');
    vi.advanceTimersByTime(10_000);
    feed('after\n');
    // 1000 numbers are 3890 characters with their line ends, the first hundred of them 290.
    expect(lines.slice(100)).toEqual(['(7490 characters in between were left out)', 'after']);
  });

  test('that stops within a line loses the rest of that line too', () => {
    const { lines, feed } = splitter();
    feed(`${flood(150)}half`);
    vi.advanceTimersByTime(10_000);
    feed(' a line');
    feed(' still it\nwhole\n');
    expect(lines.slice(101)).toEqual(['whole']);
  });

  test('a hundred lines in each window go on for ever', () => {
    const { lines, feed } = splitter();
    for (let window = 0; window < 5; window++) {
      feed(flood(100));
      vi.advanceTimersByTime(10_000);
    }
    expect(lines).toHaveLength(500);
  });
});
