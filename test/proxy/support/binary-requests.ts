/** Random requests of the binary protocol, with the CAS number of each side where one is wanted. */
import type { Random } from './random.ts';
import { countedItem, countedKey, someKey, someValue } from './text-requests.ts';

/** A packet but for its CAS number: 0n none, a number as it is, a key: what that side last read of it. */
export interface BinaryRequest {
  readonly bytes: Buffer;
  readonly cas: bigint | string;
}

export function packet(opcode: number, key: string, extras: Buffer, value: string, opaque: number): Buffer {
  const bytes = Buffer.alloc(24 + extras.length + key.length + value.length);
  bytes[0] = 0x80;
  bytes[1] = opcode;
  bytes.writeUInt16BE(key.length, 2);
  bytes[4] = extras.length;
  bytes.writeUInt32BE(extras.length + key.length + value.length, 8);
  bytes.writeUInt32BE(opaque, 12);
  extras.copy(bytes, 24);
  bytes.write(key, 24 + extras.length, 'latin1');
  bytes.write(value, 24 + extras.length + key.length, 'latin1');
  return bytes;
}

const NO_EXTRAS = Buffer.alloc(0);

function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    bytes.writeUInt32BE(number >>> 0, index * 4);
  });
  return bytes;
}

function goodKey(random: Random): string {
  const key = random.chance(0.1)
    ? random.pick(['with space', 'nul\0in', 'line\nfeed', 'k1\r'])
    : someKey(random);
  return key.slice(0, 250);
}

/** One request that leaves the connection open. */
export function binaryRequest(random: Random): BinaryRequest {
  const opaque = random.below(2 ** 31);
  const key = goodKey(random);
  const cas = random.chance(0.2) ? (random.chance(0.7) ? key : 12_345n) : 0n;
  const ttl = random.pick([0, 0, 0, 1000, 3_000_000, 0xffffffff]);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return { bytes: packet(random.pick([0, 9, 12, 13]), key, NO_EXTRAS, '', opaque), cas: 0n };
    case 3:
    case 4:
    case 5: {
      const opcode = random.pick([1, 1, 1, 17, 2, 18, 3, 19]);
      if (random.chance(0.2)) {
        const [name, number] = countedItem(random);
        const counted = packet(opcode, name, words(7, 0), number, opaque);
        return { bytes: counted, cas: 0n };
      }
      return {
        bytes: packet(opcode, key, words(random.below(2 ** 31), ttl), someValue(random), opaque),
        cas,
      };
    }
    case 6:
      return { bytes: packet(random.pick([14, 15, 25, 26]), key, NO_EXTRAS, someValue(random), opaque), cas };
    case 7:
      return { bytes: packet(random.pick([4, 20]), key, NO_EXTRAS, '', opaque), cas };
    case 8:
    case 9: {
      const isDecrement = random.chance(0.3);
      const create = isDecrement ? 0xffffffff : random.pick([0, 1000, 0xffffffff]);
      const extras = words(0, random.below(100), 0, random.below(1000), create);
      const opcode = random.pick(isDecrement ? [6, 22] : [5, 21]);
      return { bytes: packet(opcode, countedKey(random, isDecrement), extras, '', opaque), cas };
    }
    case 10:
      return { bytes: packet(random.pick([28, 29, 30, 35, 36]), key, words(ttl), '', opaque), cas: 0n };
    default: {
      const kind = random.below(8);
      if (kind === 0) return { bytes: packet(10, '', NO_EXTRAS, '', opaque), cas: 0n };
      if (kind === 1) return { bytes: packet(11, '', NO_EXTRAS, '', opaque), cas: 0n };
      if (kind === 2)
        return { bytes: packet(random.pick([0x20, 0x44, 0x99, 0x1b]), '', NO_EXTRAS, '', opaque), cas: 0n };
      if (kind === 3 && random.chance(0.1))
        return { bytes: packet(random.pick([8, 24]), '', NO_EXTRAS, '', opaque), cas: 0n };
      return { bytes: packet(12, key, NO_EXTRAS, '', opaque), cas: 0n };
    }
  }
}
