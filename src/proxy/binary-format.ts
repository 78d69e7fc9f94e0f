/** The binary protocol's packets: opcodes, statuses, and the building of answers (memcached protocol_binary.h). Pure. */

export const HEADER = 24;
export const REQUEST_MAGIC = 0x80;
const RESPONSE_MAGIC = 0x81;

/** What the opcodes mean; the quiet ones have an entry of their own. */
export type Verb =
  | 'get'
  | 'getk'
  | 'set'
  | 'add'
  | 'replace'
  | 'delete'
  | 'increment'
  | 'decrement'
  | 'quit'
  | 'flush'
  | 'noop'
  | 'version'
  | 'append'
  | 'prepend'
  | 'stat'
  | 'touch'
  | 'gat'
  | 'gatk'
  | 'sasl_list'
  | 'sasl';

/** An opcode: its verb, and whether success (for reads: a miss) stays unanswered. */
export interface Opcode {
  readonly verb: Verb;
  readonly quiet: boolean;
}

const LOUD: Record<number, Verb> = {
  0: 'get',
  1: 'set',
  2: 'add',
  3: 'replace',
  4: 'delete',
  5: 'increment',
  6: 'decrement',
  7: 'quit',
  8: 'flush',
  10: 'noop',
  11: 'version',
  12: 'getk',
  14: 'append',
  15: 'prepend',
  16: 'stat',
  28: 'touch',
  29: 'gat',
  32: 'sasl_list',
  33: 'sasl',
  34: 'sasl',
  35: 'gatk',
};
const QUIET: Record<number, Verb> = {
  9: 'get',
  13: 'getk',
  17: 'set',
  18: 'add',
  19: 'replace',
  20: 'delete',
  21: 'increment',
  22: 'decrement',
  23: 'quit',
  24: 'flush',
  25: 'append',
  26: 'prepend',
  30: 'gat',
  36: 'gatk',
};

/** By number; undefined: no command. */
export const OPCODES: (Opcode | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const loud = LOUD[code];
  if (loud !== undefined) return { verb: loud, quiet: false };
  const quiet = QUIET[code];
  return quiet === undefined ? undefined : { verb: quiet, quiet: true };
});

/** Statuses with memcached's texts. */
export const STATUS = {
  ok: 0x00,
  notFound: 0x01,
  exists: 0x02,
  tooLarge: 0x03,
  invalid: 0x04,
  notStored: 0x05,
  nonNumeric: 0x06,
  unknownCommand: 0x81,
  outOfMemory: 0x82,
  temporary: 0x86,
} as const;

const TEXT: Record<number, string> = {
  1: 'Not found',
  2: 'Data exists for key.',
  3: 'Too large.',
  4: 'Invalid arguments',
  5: 'Not stored.',
  6: 'Non-numeric server-side value for incr or decr',
  129: 'Unknown command',
  130: 'Out of memory',
};

/** A packet with room for `body` bytes behind its header; `opaque` is passed back as it came. */
export function packet(
  opcode: number,
  opaque: number,
  status: number,
  extras: number,
  key: number,
  body: number,
  cas: bigint,
): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + body);
  bytes[0] = RESPONSE_MAGIC;
  bytes[1] = opcode;
  bytes[2] = key >> 8;
  bytes[3] = key;
  bytes[4] = extras;
  bytes[5] = 0;
  bytes[6] = status >> 8;
  bytes[7] = status;
  bytes.writeUInt32BE(body, 8);
  bytes.writeUInt32BE(opaque, 12);
  if (cas === 0n) bytes.fill(0, 16, HEADER);
  else bytes.writeBigUInt64BE(cas, 16);
  return bytes;
}

/** An error with memcached's text for it, or `text`. */
export function errorPacket(
  opcode: number,
  opaque: number,
  status: number,
  text = TEXT[status] ?? '',
): Buffer {
  const bytes = packet(opcode, opaque, status, 0, 0, text.length, 0n);
  bytes.write(text, HEADER, 'latin1');
  return bytes;
}
