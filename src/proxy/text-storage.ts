/** set, add, replace, append, prepend and cas (memcached doc/protocol.txt, "Storage commands"). */
import { pairOf } from './call.ts';
import { untagCas } from './cas.ts';
import { decide } from './conditional.ts';
import { waitForKey } from './lock.ts';
import { int32, uint32, uint64 } from './numbers.ts';
import { enqueueOp } from './output.ts';
import { MAX_KEY, reply } from './reply.ts';
import { removeTooLarge } from './too-large.ts';
import type { Client, Op, Pair } from './types.ts';
import { newOp } from './types.ts';
import { type Value, writeBoth } from './write.ts';

const BAD_FORMAT = 'CLIENT_ERROR bad command line format';
const MAX_LENGTH = 2 ** 31 - 1 - 2;
/** A value of this much counts as one more key of what a client may have under way. */
const BYTES_PER_KEY = 16_384;

type StorageCommand = 'set' | 'add' | 'replace' | 'append' | 'prepend' | 'cas';

/** A storage command whose line ends at `next`; answers as `parseText` does. */
export function parseStorage(
  client: Client,
  command: StorageCommand,
  tokens: string[],
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const isCas = command === 'cas';
  const count = isCas ? 6 : 5;
  if (tokens.length !== count && tokens.length !== count + 1) {
    reply(client, 'ERROR');
    return next;
  }
  const muted = tokens[tokens.length - 1] === 'noreply';
  const key = tokens[1]!;
  const flags = uint32(tokens[2]!);
  const exptime = int32(tokens[3]!);
  const length = int32(tokens[4]!);
  const cas = isCas ? uint64(tokens[5]!) : 0n;
  const bad = flags === null || exptime === null || length === null || cas === null;
  if (key.length > MAX_KEY || bad || length < 0 || length > MAX_LENGTH) {
    reply(client, BAD_FORMAT, muted);
    return next;
  }
  const pair = pairOf(client.proxy, key);
  if (length + 2 > pair.backends[0].itemSizeMax) {
    if (command === 'set' && waitForKey(client, key)) return position;
    reply(client, 'SERVER_ERROR object too large for cache', muted);
    client.swallow = length + 2;
    if (command === 'set') removeTooLarge(pair, key);
    return next;
  }
  const valueEnd = next + length + 2;
  if (valueEnd > end) {
    client.want = valueEnd - position;
    return position;
  }
  if (buffer[valueEnd - 2] !== 13 || buffer[valueEnd - 1] !== 10) {
    reply(client, 'CLIENT_ERROR bad data chunk', muted);
    return valueEnd;
  }
  if (waitForKey(client, key)) return position;
  const op = newOp(client);
  if (muted) op.mute = 'all';
  op.keys = 1 + Math.floor(length / BYTES_PER_KEY);
  enqueueOp(client, op);
  const owned = buffer === client.input;
  store(op, pair, command, key, { flags, exptime, length, cas }, { buffer, from: next, to: valueEnd, owned });
  return valueEnd;
}

interface Arguments {
  readonly flags: number;
  readonly exptime: number;
  readonly length: number;
  readonly cas: bigint;
}

function store(
  op: Op,
  pair: Pair,
  command: StorageCommand,
  key: string,
  given: Arguments,
  value: Value,
): void {
  const rest = `${key} ${given.flags} ${given.exptime} ${given.length}`;
  if (command === 'set') {
    writeBoth(op, pair, { shape: 'line', line: `set ${rest}\r\n`, value, key });
    return;
  }
  const same = command === 'append' || command === 'prepend';
  const kept = value.owned ? value : ownCopy(value);
  decide(op, pair, {
    key,
    shape: 'line',
    line: (tag) =>
      command === 'cas' ? `cas ${rest} ${untagCas(given.cas, tag)}\r\n` : `${command} ${rest}\r\n`,
    value: kept,
    carryLine: `${same ? command : 'set'} ${rest}\r\n`,
    carryNeedsWhole: same,
  });
}

/** The value is needed again after the answer, when the client's read buffer has long been used for others. */
export function ownCopy(value: Value): Value {
  const bytes = Buffer.from(value.buffer.subarray(value.from, value.to));
  return { buffer: bytes, from: 0, to: bytes.length, owned: true };
}
