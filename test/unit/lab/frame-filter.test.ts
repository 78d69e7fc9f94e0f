import { describe, expect, test } from 'vitest';
import { dropFrom, dropShare } from '../../../src/lab/frame-filter.ts';

/** TC_ACT_SHOT and TC_ACT_UNSPEC. */
const DROP = 2;
const GO_ON = 0xffffffff;

/** What the kernel would return for this frame: the classic BPF machine, as far as these programs use it. */
function verdict(bytecode: string, frame: Buffer, random = 0): number {
  const [count, ...lines] = bytecode.split(',');
  const program = lines.map((line) => line.split(' ').map(Number));
  expect(program).toHaveLength(Number(count));
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 1) {
    const [code, yes, no, k] = program[at] as [number, number, number, number];
    if (code === 0x20) accumulator = k === 0xfffff038 ? random : frame.readUInt32BE(k);
    else if (code === 0x28) accumulator = frame.readUInt16BE(k);
    else if (code === 0x30) accumulator = frame.readUInt8(k);
    else if (code === 0x15) at += accumulator === k ? yes : no;
    else if (code === 0x35) at += accumulator >= k ? yes : no;
    else if (code === 0x06) return k;
    else throw new Error(`opcode ${code}`);
  }
  throw new Error('fell off the end');
}

const frame = (source: string, etherType: string, protocol: string) =>
  Buffer.from(
    `ffffffffffff${source.replaceAll(':', '')}${etherType}45c0002800010000ff${protocol}`.padEnd(120, '0'),
    'hex',
  );

describe('frames of one sender', () => {
  const all = dropFrom('02:00:0a:09:00:65');
  const vrrp = dropFrom('02:00:0a:09:00:65', 112);
  test.each([
    ['its VRRP', frame('02:00:0a:09:00:65', '0800', '70'), DROP, DROP],
    ['its TCP', frame('02:00:0a:09:00:65', '0800', '06'), DROP, GO_ON],
    ['its ARP, with 112 in that place', frame('02:00:0a:09:00:65', '0806', '70'), DROP, GO_ON],
    ['a neighbour by the last octet', frame('02:00:0a:09:00:66', '0800', '70'), GO_ON, GO_ON],
    ['a neighbour by the first octets', frame('02:00:0a:08:00:65', '0800', '70'), GO_ON, GO_ON],
  ])('%s', (_, bytes, ofAll, ofVrrp) => {
    expect(verdict(all, bytes)).toBe(ofAll);
    expect(verdict(vrrp, bytes)).toBe(ofVrrp);
  });

  test.each(['', '02:00:0a:09:00', '02:00:0a:09:00:6x5', '02:00:0a:09:00:1ff', 'eth0'])(
    '%j is no MAC address',
    (mac) => {
      expect(() => dropFrom(mac)).toThrow(/no MAC address/);
    },
  );
});

describe('a share of the frames', () => {
  const any = Buffer.alloc(60);
  test.each([
    [0.25, 0, DROP],
    [0.25, 0x3ffffffe, DROP],
    [0.25, 0x40000001, GO_ON],
    [0.25, 0xffffffff, GO_ON],
    [1, 0xffffffff, DROP],
    [0, 0, GO_ON],
  ])('share %d, dice %d', (share, random, result) => {
    expect(verdict(dropShare(share), any, random)).toBe(result);
  });

  test.each([-0.1, 1.1, Number.NaN])('%d is no share', (share) => {
    expect(() => dropShare(share)).toThrow(/between 0 and 1/);
  });
});
