/** What the two families have in common: which is which, bytes, order. */
import { describe, expect, test } from 'vitest';
import { addressBytes, compareAddresses, familyOf, isLinkLocal } from '../../../src/core/ip-address.ts';

test.each([
  ['10.9.0.5', 4, 4],
  ['fe80::1', 6, 16],
  ['::', 6, 16],
] as const)('%s is IPv%i of %i bytes', (address, family, length) => {
  expect(familyOf(address)).toBe(family);
  expect(addressBytes(address)).toHaveLength(length);
});

test.each(['', '10.9.0', '10.9.0.256', 'fe80', 'fe80::1::2', 'fe80::1%eth0', 'localhost'])(
  '%j is a broken invariant',
  (text) => {
    expect(() => addressBytes(text)).toThrow(`not an IP address: ${text}`);
  },
);

describe('RFC 9568 §6.4.3: the order of addresses of one family', () => {
  test.each([
    ['fe80::1', 'fe80::1', 0],
    ['fe80::1', 'fe80::2', -1],
    ['fe80::ff', 'fe80::100', -1],
    ['fd00::1', 'fe80::', -1],
    ['fe80::ffff:ffff', 'fe80::1:0:0:0', -1],
    ['::1', '::', 1],
    ['10.9.0.9', '10.9.0.10', -1],
    ['255.255.255.255', '::', -1],
  ])('%s and %s: %i', (a, b, sign) => {
    expect(Math.sign(compareAddresses(a, b))).toBe(sign);
    expect(Math.sign(compareAddresses(b, a))).toBe(0 - sign);
  });
});

test.each([
  ['fe80::1', true],
  ['febf:ffff::1', true],
  ['fec0::1', false],
  ['fe7f::1', false],
  ['fd00::1', false],
  ['169.254.0.1', false],
])('RFC 4291 §2.5.6: %s is link-local: %s', (address, expected) => {
  expect(isLinkLocal(address)).toBe(expected);
});
