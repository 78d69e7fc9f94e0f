/** The writing commands of the binary protocol, asked as ms, md and ma. */

import { keyToken } from '../core/memcached-key.ts';
import { digits } from '../core/memcached-number.ts';
import { errorPacket, HEADER, packet, STATUS, type Verb } from './binary-format.ts';
import { NO_COPY, pairOf } from './call.ts';
import { tagCas, untagCas } from './cas.ts';
import { decide } from './conditional.ts';
import { flushAll } from './flush.ts';
import { waitForKey } from './lock.ts';
import { enqueueOp, settleWith } from './output.ts';
import { removeTooLarge } from './too-large.ts';
import type { Client, Op, Render } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

/** A request that passed the checks of its form. */
export interface BinaryRequest {
  readonly verb: Verb;
  readonly quiet: boolean;
  readonly code: number;
  readonly opaque: number;
  readonly cas: bigint;
  /** Raw bytes as latin1. */
  readonly key: string;
  /** Where its extras begin. */
  readonly extras: number;
  /** Bytes behind the key. */
  readonly body: number;
}

const EMPTY = Buffer.alloc(0);
const BYTES_PER_KEY = 16_384;
/** No expiration in increment: do not create. */
const DO_NOT_CREATE = 0xffffffff;

/** A time to live of the wire, unsigned there, as the meta commands take it, signed: 2038 is far enough. */
export function clampTtl(seconds: number): number {
  return Math.min(seconds, 0x7fffffff);
}

/** The CAS number at `buffer[from..)` as the client sees it. */
export function casOf(buffer: Buffer, from: number, end: number, tag: number): bigint {
  const value = digits(buffer, from, end);
  if (value < 2 ** 44) return BigInt(value * 256 + tag);
  let last = from;
  while (last < end && buffer[last]! >= 48 && buffer[last]! <= 57) last++;
  return BigInt(tagCas(buffer.toString('latin1', from, last), tag));
}

/** Answers `op` by the status that fits an error line of a backend. */
export function fail(op: Op, buffer: Buffer, start: number, end: number): void {
  const line = buffer.toString('latin1', start, end - 2);
  let packetOfError: Buffer;
  if (buffer === NO_COPY) packetOfError = errorPacket(op.opcode, op.opaque, STATUS.temporary, line);
  else if (line.includes('too large')) packetOfError = errorPacket(op.opcode, op.opaque, STATUS.tooLarge);
  else if (line.includes('non-numeric')) packetOfError = errorPacket(op.opcode, op.opaque, STATUS.nonNumeric);
  else if (line.startsWith('SERVER_ERROR'))
    packetOfError = errorPacket(op.opcode, op.opaque, STATUS.outOfMemory);
  else packetOfError = errorPacket(op.opcode, op.opaque, STATUS.invalid);
  settleWith(op, packetOfError);
}

function queued(client: Client, request: BinaryRequest, notStored: number, keys = 1): Op {
  const op = newOp(client);
  op.opcode = request.code;
  op.opaque = request.opaque;
  op.keys = keys;
  op.render = outcome(request.quiet, notStored);
  enqueueOp(client, op);
  return op;
}

/** HD, NF, EX or NS; `notStored` is what NS means for this command. */
function outcome(quiet: boolean, notStored: number): Render {
  return (op, backend, buffer, start, end) => {
    const word = buffer.toString('latin1', start, start + 2);
    const { opcode, opaque } = op;
    if (word === 'HD') {
      const casAt = buffer.indexOf(99, start) + 1;
      const cas = casAt > 0 && casAt < end ? casOf(buffer, casAt, end, backend.tag) : 0n;
      settleWith(op, quiet ? EMPTY : packet(opcode, opaque, STATUS.ok, 0, 0, 0, cas));
    } else if (word === 'NF') settleWith(op, errorPacket(opcode, opaque, STATUS.notFound));
    else if (word === 'EX') settleWith(op, errorPacket(opcode, opaque, STATUS.exists));
    else if (word === 'NS') settleWith(op, errorPacket(opcode, opaque, notStored));
    else fail(op, buffer, start, end);
  };
}

/** set, add, replace, append and prepend; answers as `parseBinary` does. */
export function store(
  client: Client,
  request: BinaryRequest,
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const { verb, key, body } = request;
  const pair = pairOf(client.proxy, key);
  if (body + 2 > pair.backends[0].itemSizeMax) {
    if (verb === 'set' && waitForKey(client, key)) return position;
    const op = newOp(client);
    enqueueOp(client, op);
    settleWith(op, errorPacket(request.code, request.opaque, STATUS.tooLarge));
    client.swallow = body;
    if (verb === 'set') removeTooLarge(pair, key);
    return next;
  }
  if (next + body > end) {
    client.want = next + body - position;
    return position;
  }
  if (waitForKey(client, key)) return position;
  const notStored = verb === 'add' ? STATUS.exists : verb === 'replace' ? STATUS.notFound : STATUS.notStored;
  const op = queued(client, request, notStored, 1 + Math.floor(body / BYTES_PER_KEY));
  const bytes = Buffer.allocUnsafe(body + 2);
  buffer.copy(bytes, 0, next, next + body);
  bytes[body] = 13;
  bytes[body + 1] = 10;
  const value = { buffer: bytes, from: 0, to: bytes.length, owned: true };
  const [token, base64] = keyToken(key).split(' ');
  const start = `ms ${token} ${body}${base64 === undefined ? '' : ' b'}`;
  if (verb === 'append' || verb === 'prepend') {
    const mode = verb === 'append' ? ' MA' : ' MP';
    decide(op, pair, {
      key,
      shape: 'line',
      line: (tag) => `${start}${mode} c${casFlag(request.cas, tag)}\r\n`,
      value,
      carryLine: `${start}${mode}\r\n`,
      carryNeedsWhole: true,
    });
    return next + body;
  }
  const flags = buffer.readUInt32BE(request.extras);
  const set = `${start} F${flags} T${clampTtl(buffer.readUInt32BE(request.extras + 4))}`;
  if (verb === 'set' && request.cas === 0n) {
    writeBoth(op, pair, { shape: 'line', line: `${set} c\r\n`, value, key });
    return next + body;
  }
  // With a CAS number all three are a cas.
  const mode = request.cas !== 0n ? '' : verb === 'add' ? ' ME' : ' MR';
  decide(op, pair, {
    key,
    shape: 'line',
    line: (tag) => `${set}${mode} c${casFlag(request.cas, tag)}\r\n`,
    value,
    carryLine: `${set}\r\n`,
    carryNeedsWhole: false,
  });
  return next + body;
}

function casFlag(cas: bigint, tag: number): string {
  return cas === 0n ? '' : ` C${untagCas(cas, tag)}`;
}

/** delete; its key must be free. */
export function remove(client: Client, request: BinaryRequest): void {
  const op = queued(client, request, STATUS.notStored);
  const pair = pairOf(client.proxy, request.key);
  const start = `md ${keyToken(request.key)}`;
  if (request.cas === 0n) {
    writeBoth(op, pair, { shape: 'line', line: `${start}\r\n`, value: null, key: null });
    return;
  }
  decide(op, pair, {
    key: request.key,
    shape: 'line',
    line: (tag) => `${start}${casFlag(request.cas, tag)}\r\n`,
    value: null,
    carryLine: `${start}\r\n`,
    carryNeedsWhole: false,
  });
}

/** increment and decrement; the key must be free. */
export function arithmetic(client: Client, request: BinaryRequest, buffer: Buffer): void {
  const op = queued(client, request, STATUS.notStored);
  op.render = request.quiet ? countedQuietly : counted;
  const delta = buffer.readBigUInt64BE(request.extras);
  const initial = buffer.readBigUInt64BE(request.extras + 8);
  const expiration = buffer.readUInt32BE(request.extras + 16);
  const create = expiration === DO_NOT_CREATE ? '' : ` N${clampTtl(expiration)} J${initial}`;
  const mode = request.verb === 'increment' ? 'MI' : 'MD';
  const token = keyToken(request.key);
  const start = `ma ${token} ${mode} D${delta}${create}`;
  decide(op, pairOf(client.proxy, request.key), {
    key: request.key,
    shape: 'meta',
    line: (tag) => `${start} v c${casFlag(request.cas, tag)}\r\n`,
    value: null,
    carryLine: token === request.key ? `${start}\r\n` : null,
    carryNeedsWhole: true,
    compareForms: true,
  });
}

const failed = outcome(false, STATUS.notStored);

const counted: Render = (op, backend, buffer, start, end) => {
  if (buffer[start] !== 86) {
    failed(op, backend, buffer, start, end);
    return;
  }
  const lineEnd = buffer.indexOf(10, start) + 1;
  const cas = casOf(buffer, buffer.indexOf(99, start) + 1, lineEnd, backend.tag);
  const bytes = packet(op.opcode, op.opaque, STATUS.ok, 0, 0, 8, cas);
  bytes.writeBigUInt64BE(BigInt(buffer.toString('latin1', lineEnd, end - 2)), HEADER);
  settleWith(op, bytes);
};

const countedQuietly: Render = (op, backend, buffer, start, end) => {
  if (buffer[start] === 86) settleWith(op, EMPTY);
  else failed(op, backend, buffer, start, end);
};

/** flush, `delay` seconds from now. */
export function flush(client: Client, request: BinaryRequest, delay: number): void {
  const op = newOp(client);
  op.opcode = request.code;
  op.opaque = request.opaque;
  op.render = (_op, _backend, buffer, start, end) => {
    if (buffer[start] !== 79) fail(op, buffer, start, end);
    else settleWith(op, request.quiet ? EMPTY : packet(request.code, request.opaque, STATUS.ok, 0, 0, 0, 0n));
  };
  enqueueOp(client, op);
  flushAll(client.proxy, op, clampTtl(delay));
}
