/** The kernel's filters, run here by an interpreter of the few instructions that they use. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gratuitousArp, readArpClaim } from '../../../src/core/arp-packet.ts';
import { arpClaimFilter, type Instruction, neighbourClaimFilter } from '../../../src/core/claim-filter.ts';
import {
  readNeighbourClaim,
  unsolicitedNeighbourAdvertisement,
} from '../../../src/core/neighbour-advertisement.ts';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);

/** As the kernel runs it: a load beyond the end ends with 0. @throws Error on what no filter here has */
function passes(program: readonly Instruction[], frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const sizes: Readonly<Record<number, number>> = { 32: 4, 40: 2, 48: 1 };
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const [code, whenTrue, whenFalse, operand] = program[at]!;
    const size = sizes[code];
    if (code === 6) return operand > 0;
    if (code === 0x15) at += accumulator === operand ? whenTrue : whenFalse;
    else if (size === undefined) throw new Error(`code ${code}`);
    else if (operand + size > frame.length) return false;
    else if (size === 4) accumulator = view.getUint32(operand);
    else accumulator = size === 2 ? view.getUint16(operand) : view.getUint8(operand);
  }
}

const changed = (frame: Uint8Array, at: number, ...bytes: number[]): Uint8Array => {
  const copy = frame.slice();
  copy.set(bytes, at);
  return copy;
};

const arp = gratuitousArp(MAC, '10.9.0.250');
const asked = changed(arp, 28, 10, 9, 0, 7); // another host asks who has it
const ARPS: readonly (readonly [string, Uint8Array, boolean])[] = [
  ['gratuitous', arp, true],
  ['a reply', changed(arp, 20, 0, 2), true],
  ['padded as Ethernet pads', Uint8Array.from([...arp, ...new Uint8Array(18)]), true],
  ['the last of the addresses', gratuitousArp(MAC, '224.0.0.1'), true],
  ['a probe', changed(arp, 28, 0, 0, 0, 0), false],
  ['another host asks for it', asked, false],
  ['another address', gratuitousArp(MAC, '10.9.0.251'), false],
  ['another hardware type', changed(arp, 14, 0, 6), false],
  ['another protocol type', changed(arp, 16, 0x86, 0xdd), false],
  ['other lengths', changed(arp, 18, 8), false],
  ['cut', arp.subarray(0, 30), false],
  ['empty', new Uint8Array(), false],
];

test.each(ARPS)('ARP, %s', (_, frame, claims) => {
  const filter = arpClaimFilter(['10.9.0.250', '10.9.0.252', '224.0.0.1']);
  expect(passes(filter, frame)).toBe(claims);
  const claim = readArpClaim(frame);
  if (claims) expect(claim).toEqual({ address: expect.stringMatching(/250$|\.1$/), mac: MAC });
});

test.each([
  ['a probe', changed(arp, 28, 0, 0, 0, 0)],
  ['no ARP', changed(arp, 12, 0x08, 0x00)],
  ['another hardware type', changed(arp, 14, 0, 6)],
  ['other lengths', changed(arp, 18, 8)],
  ['cut', arp.subarray(0, 41)],
  ['empty', new Uint8Array()],
])('ARP, %s, claims nothing', (_, frame) => {
  expect(readArpClaim(frame)).toBeNull();
});

const advertisement = unsolicitedNeighbourAdvertisement(MAC, 'fd00:9::250', false);
const NEIGHBOURS: readonly (readonly [string, Uint8Array, ReturnType<typeof readNeighbourClaim>])[] = [
  ['unsolicited', advertisement, { address: 'fd00:9::250', mac: MAC }],
  [
    'without its option: the sender of the frame',
    changed(advertisement.slice(0, 78), 6, 2, 0, 0, 0, 0, 9),
    { address: 'fd00:9::250', mac: Uint8Array.of(2, 0, 0, 0, 0, 9) },
  ],
  [
    'with an option of length 0: no loop',
    changed(advertisement, 78, 1, 0),
    { address: 'fd00:9::250', mac: MAC },
  ],
  ['through a router', changed(advertisement, 21, 64), null],
  ['a solicitation', changed(advertisement, 54, 135), null],
  ['UDP', changed(advertisement, 20, 17), null],
  ['cut', advertisement.subarray(0, 77), null],
  ['empty', new Uint8Array(), null],
];

test.each(NEIGHBOURS)('neighbour advertisement, %s', (_, frame, claim) => {
  expect(readNeighbourClaim(frame)).toEqual(claim);
  // The filter may let through more, what is no claim in the end; but no claim is lost.
  if (claim !== null) expect(passes(neighbourClaimFilter(['fe80::1', 'fd00:9::250']), frame)).toBe(true);
});

test('neighbour advertisements of others do not pass', () => {
  const filter = neighbourClaimFilter(['fe80::1', 'fd00:9::251']);
  expect(passes(filter, advertisement)).toBe(false);
  expect(passes(filter, changed(advertisement, 54, 135))).toBe(false);
  expect(passes(filter, changed(advertisement, 20, 17))).toBe(false);
});

test('more addresses than a program has room for: all pass', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`);
  expect(arpClaimFilter(many).length).toBeLessThanOrEqual(4096);
  expect(passes(arpClaimFilter(many), asked)).toBe(true);
  expect(arpClaimFilter(many.slice(0, 2000)).length).toBeLessThanOrEqual(4096);
  expect(passes(arpClaimFilter(many.slice(0, 2000)), gratuitousArp(MAC, '10.7.200.1'))).toBe(true);
});

test('arbitrary changes of a frame: no reader throws, and the filter loses no claim', () => {
  const filters = [arpClaimFilter(['10.9.0.250']), neighbourClaimFilter(['fd00:9::250'])] as const;
  const frame = fc.constantFrom(arp, advertisement, new Uint8Array());
  const change = fc.tuple(fc.nat(90), fc.nat(255));
  fc.assert(
    fc.property(frame, fc.array(change, { maxLength: 4 }), fc.nat(90), (whole, changes, length) => {
      const bytes = whole.slice(0, length);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      if (readArpClaim(bytes)?.address === '10.9.0.250') expect(passes(filters[0], bytes)).toBe(true);
      if (readNeighbourClaim(bytes)?.address === 'fd00:9::250') expect(passes(filters[1], bytes)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
