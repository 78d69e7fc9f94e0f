/** IPv6 addresses as text and bytes: RFC 4291 §2.2 in, RFC 5952 §4 out. */
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatIpv6, parseIpv6 } from '../../../src/core/ipv6.ts';
import { bytes } from './bytes.ts';

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Groups of zeros are what the short forms are about, so half of these are. */
const sparse = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

describe('parseIpv6', () => {
  test.each([
    ['::', '0000 0000 0000 0000 0000 0000 0000 0000'],
    ['::1', '0000 0000 0000 0000 0000 0000 0000 0001'],
    ['1::', '0001 0000 0000 0000 0000 0000 0000 0000'],
    ['fe80::1', 'fe80 0000 0000 0000 0000 0000 0000 0001'],
    ['FF02::12', 'ff02 0000 0000 0000 0000 0000 0000 0012'],
    ['fd00:9:0:0:0:0:0:250', 'fd00 0009 0000 0000 0000 0000 0000 0250'],
    ['fd00:0009::0250', 'fd00 0009 0000 0000 0000 0000 0000 0250'],
    ['1:2:3:4:5:6:7::', '0001 0002 0003 0004 0005 0006 0007 0000'],
    ['::2:3:4:5:6:7:8', '0000 0002 0003 0004 0005 0006 0007 0008'],
    ['::ffff:10.9.0.5', '0000 0000 0000 0000 0000 ffff 0a09 0005'],
    ['1:2:3:4:5:6:10.9.0.5', '0001 0002 0003 0004 0005 0006 0a09 0005'],
  ])('%s', (text, expected) => {
    expect(parseIpv6(text)).toEqual(bytes(expected));
  });

  test.each([
    '',
    ':',
    ':::',
    '1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::1:2:3:4:5:6:7:8',
    '1::2::3',
    ':1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:',
    ':1::2',
    '12345::',
    'g::',
    '::-1',
    '::1 ',
    '::1/64',
    '::1%eth0',
    '[::1]',
    '10.9.0.5',
    '10.9.0.5::',
    '::10.9.0.5:1',
    '::10.9.0.256',
    '1:2:3:4:5:6:7:10.9.0.5',
    '::٣',
  ])('refuses %j, as inet_pton does', (text) => {
    expect(parseIpv6(text)).toBeNull();
  });

  test('takes what Node takes, but for zones', () => {
    const letters = fc.constantFrom('0', '1', 'f', 'A', ':', '::', '.', '10.9.0.5', '00', '12345', 'g');
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        expect(parseIpv6(text) !== null).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatIpv6', () => {
  test.each([
    ['RFC 5952 §4.1: no leading zeros', '2001 0db8 0001 0002 0003 0004 0005 0006', '2001:db8:1:2:3:4:5:6'],
    ['RFC 5952 §4.2.1: as short as possible', '2001 0db8 0000 0000 0000 0000 0002 0001', '2001:db8::2:1'],
    [
      'RFC 5952 §4.2.2: one group is written out',
      '2001 0db8 0000 0001 0001 0001 0001 0001',
      '2001:db8:0:1:1:1:1:1',
    ],
    ['RFC 5952 §4.2.3: the longest run', '2001 0000 0000 0001 0000 0000 0000 0001', '2001:0:0:1::1'],
    ['RFC 5952 §4.2.3: the first of two', '2001 0db8 0000 0000 0001 0000 0000 0001', '2001:db8::1:0:0:1'],
    ['RFC 5952 §4.3: lower case', 'fe80 0000 0000 0000 0000 0000 0000 abcd', 'fe80::abcd'],
    ['all zeros', '0000 0000 0000 0000 0000 0000 0000 0000', '::'],
    ['zeros at the end', '0001 0000 0000 0000 0000 0000 0000 0000', '1::'],
  ])('%s', (_, from, expected) => {
    expect(formatIpv6(bytes(from))).toBe(expected);
  });

  test('reads at an offset', () => {
    expect(formatIpv6(bytes('ffff fe80 0000 0000 0000 0000 0000 0000 0001'), 2)).toBe('fe80::1');
  });

  test('every address comes back from its text', () => {
    fc.assert(
      fc.property(fc.oneof(address, sparse), (from) => {
        expect(parseIpv6(formatIpv6(from))).toEqual(from);
      }),
    );
  });
});
