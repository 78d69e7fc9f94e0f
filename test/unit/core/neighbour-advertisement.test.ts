/** RFC 4861 §4.4: the unsolicited neighbour advertisement, against what keepalived 2.2.7 (Debian 12) sent on becoming MASTER. */
import { expect, test } from 'vitest';
import {
  NEIGHBOUR_ADVERTISEMENT_FRAME_LENGTH,
  unsolicitedNeighbourAdvertisement,
} from '../../../src/core/neighbour-advertisement.ts';
import { bytes } from './bytes.ts';

const MAC = bytes('02 00 0a 09 00 01');

/** keepalived's frame for fd00:9::251, with the bytes that the router flag changes. */
const captured = (checksum: string, flags: string): Uint8Array =>
  bytes(`3333 0000 0001  0200 0a09 0001  86dd
    6000 0000 0020 3aff  fd00 0009 0000 0000 0000 0000 0000 0251  ff02 0000 0000 0000 0000 0000 0000 0001
    8800 ${checksum} ${flags}00 0000  fd00 0009 0000 0000 0000 0000 0000 0251  0201 0200 0a09 0001`);

test('byte for byte that of keepalived', () => {
  const frame = unsolicitedNeighbourAdvertisement(MAC, 'fd00:9::251', false);
  expect(frame).toEqual(captured('4be0', '20'));
  expect(frame).toHaveLength(NEIGHBOUR_ADVERTISEMENT_FRAME_LENGTH);
});

test('a host that forwards says that it is a router', () => {
  expect(unsolicitedNeighbourAdvertisement(MAC, 'fd00:9::251', true)).toEqual(captured('cbdf', 'a0'));
});
