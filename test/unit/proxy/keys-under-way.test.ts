import { describe, expect, it } from 'vitest';
import { createKeysUnderWay } from '../../../src/proxy/keys-under-way.ts';

describe('keys under way', () => {
  it('are written by who writes them between begin and end', () => {
    const underWay = createKeysUnderWay();
    underWay.write('early');
    const first = underWay.begin(['early', 'a', 'b']);
    const second = underWay.begin(['c', 'd']);
    expect([first, second]).toEqual([
      ['early', 'a', 'b'],
      ['c', 'd'],
    ]);
    for (const key of ['a', 'd', 'elsewhere']) underWay.write(key);
    const asked = ['early', 'a', 'b', 'c', 'd'].map((key) => underWay.isWritten(key));
    expect(asked).toEqual([false, true, false, false, true]);
    expect(underWay.end(first)).toEqual(['a']);
    expect(underWay.end(second)).toEqual(['d']);
  });

  it('are of one batch at a time', () => {
    const underWay = createKeysUnderWay();
    const first = underWay.begin(['a', 'b', 'a']);
    expect(first).toEqual(['a', 'b']);
    const second = underWay.begin(['b', 'c']);
    expect(second).toEqual(['c']);
    underWay.write('b');
    expect(underWay.end(second)).toEqual([]);
    expect(underWay.end(first)).toEqual(['b']);
    expect(underWay.begin(['b'])).toEqual(['b']);
    expect(underWay.isWritten('b')).toBe(false);
  });

  it('are all written by a flush, and none of those that begin after it', () => {
    const underWay = createKeysUnderWay();
    const before = underWay.begin(['a', 'b']);
    underWay.writeAll();
    const after = underWay.begin(['c']);
    expect(underWay.end(before)).toEqual(['a', 'b']);
    expect(underWay.end(after)).toEqual([]);
  });

  it('must not be added once they are not under way any more', () => {
    const underWay = createKeysUnderWay();
    const keys = underWay.begin(['a']);
    underWay.end(keys);
    expect(underWay.isWritten('a')).toBe(true);
    const late = underWay.begin(['b']);
    underWay.write('b');
    underWay.clear();
    expect(underWay.isWritten('b')).toBe(true);
    expect(underWay.end(late)).toEqual([]);
  });
});
