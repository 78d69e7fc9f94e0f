import { describe, expect, test } from 'vitest';
import { wireMoments } from '../../../src/demo/wire-moments.ts';

const A = { label: 'A', address: '10.9.0.101', mac: '02:00:0a:09:00:65' } as const;
const B = { label: 'B', address: '10.9.0.102', mac: '02:00:0a:09:00:66' } as const;

/** Ethernet, IP without options, VRRP version 2 with one address and eight octets of authentication. */
function advertisement(last: number, priority: number): string {
  const ip = `45c000280001000 0ff70000 00a0900${last.toString(16)}e0000012`.replaceAll(' ', '');
  const vrrp = `2133${priority.toString(16).padStart(2, '0')}0101010000 0a0900fa 3131313100000000`;
  return `01005e000012 0200 0a0900${last.toString(16)} 0800 ${ip} ${vrrp}`.replaceAll(' ', '');
}

function arp(mac: string, sender: string, target: string): string {
  const bare = mac.replaceAll(':', '');
  return `ffffffffffff${bare}0806 0001080006040001 ${bare}${sender} ffffffffffff${target}`.replaceAll(
    ' ',
    '',
  );
}

const VIP = '0a0900fa';

describe('what the wire shows', () => {
  test('of each host the first of each kind, and how many there were', () => {
    const frames = [
      { t: 5, hex: advertisement(0x65, 100) }, // before
      { t: 10, hex: advertisement(0x65, 0) },
      { t: 11, hex: advertisement(0x65, 0) },
      { t: 600, hex: advertisement(0x66, 99) },
      ...[601, 602, 603].map((t) => ({ t, hex: arp(B.mac, VIP, VIP) })),
      { t: 5600, hex: arp(B.mac, VIP, VIP) }, // the second burst
      { t: 1600, hex: advertisement(0x66, 99) },
    ];
    expect(wireMoments(frames, [A, B], 10)).toEqual([
      { t: 10, witness: 'wire', about: 'A', kind: 'resigns', text: 'A advertises priority 0, twice' },
      { t: 600, witness: 'wire', about: 'B', kind: 'advertises', text: 'B advertises priority 99' },
      { t: 601, witness: 'wire', about: 'B', kind: 'arp', text: 'B announces the VIP: 3 gratuitous ARPs' },
    ]);
  });

  test.each([
    ['an ordinary ARP request', arp(B.mac, '0a090066', VIP)],
    ['a gratuitous ARP of another address', arp(B.mac, '0a090066', '0a090066')],
    ['a gratuitous ARP of another host', arp('02:00:00:00:00:01', VIP, VIP)],
    ['an advertisement of another host', advertisement(0x67, 0)],
    ['a cut frame', advertisement(0x65, 0).slice(0, 60)],
    ['another protocol', advertisement(0x65, 0).replace('ff70', 'ff06')],
  ])('nothing: %s', (_, hex) => {
    expect(wireMoments([{ t: 1, hex }], [A, B], 0)).toEqual([]);
  });
});
