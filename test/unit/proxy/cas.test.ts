import { describe, expect, it } from 'vitest';
import { casTag, IMPOSSIBLE_CAS, tagCas, untagCas } from '../../../src/proxy/cas.ts';

describe('CAS numbers as the client sees them', () => {
  it.each(['1', '255', '17592186044415', '17592186044416', '72057594037927935'])(
    '%s comes back as itself',
    (number) => {
      for (const tag of [0, 1, 77, 255]) {
        expect(untagCas(BigInt(tagCas(number, tag)), tag)).toBe(BigInt(number));
      }
    },
  );

  it('fits no item of the other copy', () => {
    expect(untagCas(BigInt(tagCas('5', 2)), 3)).toBe(IMPOSSIBLE_CAS);
  });

  it('is 0 where 0 means none', () => {
    expect(tagCas('0', 9)).toBe('0');
    expect(untagCas(0n, 9)).toBe(0n);
  });
});

it('the tags of two copies always differ', () => {
  for (let pid = 1; pid < 300; pid++) {
    const [even, odd] = [casTag(`${pid} 1700000000`, true), casTag(`${pid} 1700000000`, false)];
    expect(even).not.toBe(odd);
    for (const tag of [even, odd]) {
      expect(tag).toBeGreaterThanOrEqual(0);
      expect(tag).toBeLessThan(256);
    }
  }
});
