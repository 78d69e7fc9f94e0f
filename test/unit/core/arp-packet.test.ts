/** RFC 826 and RFC 3768 §6.4.2: the gratuitous ARP, against what keepalived 2.2.7 (Debian 12) sent on becoming MASTER. */
import { expect, test } from 'vitest';
import { ARP_FRAME_LENGTH, gratuitousArp } from '../../../src/core/arp-packet.ts';
import { bytes } from './bytes.ts';

const MAC = bytes('02 00 0a 09 00 03');

test.each([
  [
    '10.9.0.5',
    `ffff ffff ffff  0200 0a09 0003  0806  0001 0800 0604 0001
     0200 0a09 0003  0a09 0005  ffff ffff ffff  0a09 0005`,
  ],
  [
    '192.168.100.250',
    `ffff ffff ffff  0200 0a09 0003  0806  0001 0800 0604 0001
     0200 0a09 0003  c0a8 64fa  ffff ffff ffff  c0a8 64fa`,
  ],
])('byte for byte that of keepalived for %s', (address, captured) => {
  expect(gratuitousArp(MAC, address)).toEqual(bytes(captured));
  expect(bytes(captured).length).toBe(ARP_FRAME_LENGTH);
});

test('an address that is none is a broken invariant', () => {
  expect(() => gratuitousArp(MAC, '10.9.0')).toThrow('not an IP address: 10.9.0');
});
