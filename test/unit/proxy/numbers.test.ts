import { describe, expect, it } from 'vitest';
import { int32, uint32, uint64 } from '../../../src/proxy/numbers.ts';

describe('safe_strtol into 32 bits', () => {
  it.each<[string, number | null]>([
    ['0', 0],
    ['12', 12],
    ['-1', -1],
    ['+7', 7],
    ['007', 7],
    ['\t5', 5],
    ['5\tx', 5],
    ['2147483648', -2147483648],
    ['4294967296', 0],
    ['9223372036854775807', -1],
    ['9223372036854775808', null],
    ['', null],
    ['x', null],
    ['1x', null],
    ['-', null],
  ])('%j', (token, value) => {
    expect(int32(token)).toBe(value);
  });
});

describe('safe_strtoul into 32 bits', () => {
  it.each<[string, number | null]>([
    ['0', 0],
    ['4294967295', 4294967295],
    ['4294967296', 0],
    ['-1', null],
    ['18446744073709551615', 4294967295],
    ['18446744073709551616', null],
  ])('%j', (token, value) => {
    expect(uint32(token)).toBe(value);
  });
});

describe('safe_strtoull', () => {
  it.each<[string, bigint | null]>([
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', null],
    ['-1', null],
    ['-18446744073709551615', 1n],
    ['1 ', 1n],
    ['abc', null],
  ])('%j', (token, value) => {
    expect(uint64(token)).toBe(value);
  });
});
