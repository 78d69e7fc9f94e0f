import { expect, test } from 'vitest';
import { readPcap } from '../../../src/lab/pcap.ts';

const header = (magic: number) => {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(magic, 0);
  return bytes;
};
const record = (seconds: number, fraction: number, data: string) => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(seconds, 0);
  bytes.writeUInt32LE(fraction, 4);
  bytes.writeUInt32LE(data.length, 8);
  bytes.writeUInt32LE(1500, 12); // as long as it was on the wire: the capture may have cut it
  return Buffer.concat([bytes, Buffer.from(data)]);
};
const MICRO = header(0xa1b2c3d4);

test.each([
  ['nothing written yet', Buffer.alloc(0), []],
  ['half a header', MICRO.subarray(0, 10), []],
  ['no frame yet', MICRO, []],
  [
    'two frames',
    Buffer.concat([MICRO, record(7, 500_000, 'one'), record(8, 0, '')]),
    [
      [7.5, 'one'],
      [8, ''],
    ],
  ],
  ['nanoseconds', Buffer.concat([header(0xa1b23c4d), record(7, 500_000_000, 'one')]), [[7.5, 'one']]],
  [
    'a last frame half written',
    Buffer.concat([MICRO, record(7, 0, 'one'), record(8, 0, 'two').subarray(0, 18)]),
    [[7, 'one']],
  ],
  [
    'a last record header half written',
    Buffer.concat([MICRO, record(7, 0, 'one'), Buffer.alloc(9)]),
    [[7, 'one']],
  ],
])('%s', (_, file, frames) => {
  expect(readPcap(file).map(({ seconds, bytes }) => [seconds, bytes.toString()])).toEqual(frames);
});

test('another file is refused', () => {
  expect(() => readPcap(Buffer.alloc(100, 'x'))).toThrow(/not a little-endian pcap file/);
});
