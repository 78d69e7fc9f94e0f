/** IPv4 addresses as text and bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAddresses } from '../../../src/core/ip-address.ts';
import { formatIpv4, parseIpv4 } from '../../../src/core/ipv4.ts';

const address = fc.uint8Array({ minLength: 4, maxLength: 4 });

describe('parseIpv4', () => {
  test.each([
    ['0.0.0.0', [0, 0, 0, 0]],
    ['255.255.255.255', [255, 255, 255, 255]],
    ['192.168.100.250', [192, 168, 100, 250]],
    ['10.9.0.5', [10, 9, 0, 5]],
  ])('%s', (text, expected) => {
    expect([...parseIpv4(text)!]).toEqual(expected);
  });

  test.each([
    '',
    '10.9.0',
    '10.9.0.5.6',
    '10.9.0.',
    '.10.9.0',
    '10..0.5',
    '10.9.0.256',
    '10.9.0.1000',
    '10.9.0.05',
    '010.9.0.5',
    '0x0a.9.0.5',
    '10.9.0.-5',
    '10.9.0.+5',
    '10.9.0.5 ',
    ' 10.9.0.5',
    '10.9.0.5\n',
    '10.9.0.5/32',
    '1e1.9.0.5',
    '١٠.9.0.5',
    '::1',
    'localhost',
  ])('refuses %j, as inet_pton does', (text) => {
    expect(parseIpv4(text)).toBeNull();
  });

  test('every address comes back from its text', () => {
    fc.assert(
      fc.property(address, (four) => {
        expect(parseIpv4(formatIpv4(four))).toEqual(four);
      }),
    );
  });
});

test('formatIpv4 reads at an offset', () => {
  expect(formatIpv4(Uint8Array.of(9, 9, 10, 9, 0, 5, 9), 2)).toBe('10.9.0.5');
});

describe('RFC 3768 §6.4.3: addresses compare as unsigned numbers in network order', () => {
  test.each([
    ['10.9.0.3', '10.9.0.3', 0],
    ['10.9.0.3', '10.9.0.20', -1],
    ['10.9.0.3', '9.255.255.255', 1],
    ['128.0.0.0', '127.255.255.255', 1],
    ['0.0.0.0', '255.255.255.255', -1],
    ['10.10.0.1', '10.9.0.200', 1],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareAddresses(a, b))).toBe(sign);
    expect(Math.sign(compareAddresses(b, a))).toBe(0 - sign);
  });

  test('as the 32-bit numbers do', () => {
    const number = (four: Uint8Array) => new DataView(four.buffer, four.byteOffset).getUint32(0);
    fc.assert(
      fc.property(address, address, (a, b) => {
        const expected = Math.sign(number(a) - number(b));
        expect(Math.sign(compareAddresses(formatIpv4(a), formatIpv4(b)))).toBe(expected);
      }),
    );
  });
});
