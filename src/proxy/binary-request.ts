/**
 * The binary protocol, client side: finds a request's end, checks it as memcached 1.6.18 does (proto_bin.c), and hands it
 * to the commands, which ask the backends in meta commands. Also what needs no backend: noop, version, quit.
 */

import { GENERATION_KEY } from '../core/generation.ts';
import { errorPacket, HEADER, OPCODES, packet, REQUEST_MAGIC, STATUS } from './binary-format.ts';
import { getOrTouch } from './binary-read.ts';
import { binaryStats } from './binary-stat.ts';
import { arithmetic, type BinaryRequest, flush, remove, store } from './binary-write.ts';
import { waitForKey } from './lock.ts';
import { enqueueOp, settleWith } from './output.ts';
import { MAX_KEY } from './reply.ts';
import type { Client } from './types.ts';
import { newOp } from './types.ts';

/** Longest key that a meta command can carry in base64. */
const MAX_BASE64_KEY = 186;

const EMPTY = Buffer.alloc(0);

function respond(client: Client, bytes: Buffer): void {
  const op = newOp(client);
  enqueueOp(client, op);
  settleWith(op, bytes);
}

/** One request at `buffer[position..end)`; answers where the next one begins, or `position`: incomplete or must wait. */
export function parseBinary(client: Client, buffer: Buffer, position: number, end: number): number {
  if (end - position < HEADER) return position;
  if (buffer[position] !== REQUEST_MAGIC) {
    client.closing = true;
    return position;
  }
  const keyLength = buffer.readUInt16BE(position + 2);
  const extras = buffer[position + 4]!;
  const body = buffer.readUInt32BE(position + 8);
  const next = position + HEADER + extras + keyLength;
  if (next > end) {
    client.want = next - position;
    return position;
  }
  const code = buffer[position + 1]!;
  const opaque = buffer.readUInt32BE(position + 12);
  if (keyLength + extras > body) {
    respond(client, errorPacket(code, opaque, STATUS.unknownCommand));
    client.closing = true;
    return next;
  }
  const opcode = OPCODES[code];
  if (keyLength > MAX_KEY) return protocolError(client, code, opaque, next);
  if (opcode === undefined) {
    respond(client, errorPacket(code, opaque, STATUS.unknownCommand));
    // memcached counts the body from behind the key, which it has read by then.
    client.swallow = body;
    return next;
  }
  const keyStart = next - keyLength;
  const request: BinaryRequest = {
    verb: opcode.verb,
    quiet: opcode.quiet,
    code,
    opaque,
    cas: buffer.readBigUInt64BE(position + 16),
    key: buffer.toString('latin1', keyStart, next),
    extras: position + HEADER,
    body: body - extras - keyLength,
  };
  if (!isWellFormed(request, extras, keyLength, body)) return protocolError(client, code, opaque, next);
  if (keyLength > MAX_BASE64_KEY && /[\0\n ]/.test(request.key)) {
    respond(client, errorPacket(code, opaque, STATUS.invalid));
    client.swallow = takesValue(request) ? request.body : 0;
    return next;
  }
  return perform(client, request, buffer, position, next, end);
}

function protocolError(client: Client, code: number, opaque: number, next: number): number {
  respond(client, errorPacket(code, opaque, STATUS.invalid));
  client.closing = true;
  return next;
}

function takesValue({ verb }: BinaryRequest): boolean {
  return verb === 'set' || verb === 'add' || verb === 'replace' || verb === 'append' || verb === 'prepend';
}

function isWellFormed({ verb }: BinaryRequest, extras: number, key: number, body: number): boolean {
  switch (verb) {
    case 'version':
    case 'noop':
    case 'quit':
    case 'sasl_list':
      return body === 0;
    case 'flush':
      return key === 0 && body === extras && (extras === 0 || extras === 4);
    case 'set':
    case 'add':
    case 'replace':
      return extras === 8 && key !== 0;
    case 'get':
    case 'getk':
    case 'delete':
      return extras === 0 && body === key && key > 0;
    case 'increment':
    case 'decrement':
      return key > 0 && extras === 20 && body === key + extras;
    case 'append':
    case 'prepend':
    case 'sasl':
      return key > 0 && extras === 0;
    case 'stat':
      return extras === 0;
    case 'touch':
    case 'gat':
    case 'gatk':
      return extras === 4 && key !== 0;
  }
}

/** The reserved key (reserved.ts): reads miss it, all else is refused. */
function answerReserved(client: Client, request: BinaryRequest, next: number): number {
  const { verb, code, opaque, quiet } = request;
  const isRead = verb === 'get' || verb === 'getk' || verb === 'gat' || verb === 'gatk' || verb === 'touch';
  const missed = isRead && quiet ? EMPTY : errorPacket(code, opaque, STATUS.notFound);
  respond(client, isRead ? missed : errorPacket(code, opaque, STATUS.invalid));
  client.swallow = takesValue(request) ? request.body : 0;
  return next;
}

function perform(
  client: Client,
  request: BinaryRequest,
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const { verb, code, opaque } = request;
  if (request.key === GENERATION_KEY && verb !== 'stat') return answerReserved(client, request, next);
  switch (verb) {
    case 'get':
    case 'getk':
      getOrTouch(client, request, null);
      return next;
    case 'touch':
    case 'gat':
    case 'gatk':
      if (waitForKey(client, request.key)) return position;
      getOrTouch(client, request, buffer.readUInt32BE(request.extras));
      return next;
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
      return store(client, request, buffer, position, next, end);
    case 'delete':
      if (waitForKey(client, request.key)) return position;
      remove(client, request);
      return next;
    case 'increment':
    case 'decrement':
      if (waitForKey(client, request.key)) return position;
      arithmetic(client, request, buffer);
      return next;
    case 'flush':
      flush(client, request, next - request.extras === 4 ? buffer.readUInt32BE(request.extras) : 0);
      return next;
    case 'noop':
      respond(client, packet(code, opaque, STATUS.ok, 0, 0, 0, 0n));
      return next;
    case 'version': {
      const version = client.proxy.backends.find((backend) => backend.version !== '')?.version ?? '1.6.18';
      const bytes = packet(code, opaque, STATUS.ok, 0, 0, version.length, 0n);
      bytes.write(version, HEADER, 'latin1');
      respond(client, bytes);
      return next;
    }
    case 'quit':
      respond(client, request.quiet ? EMPTY : packet(code, opaque, STATUS.ok, 0, 0, 0, 0n));
      client.closing = true;
      return next;
    case 'stat':
      binaryStats(client, request);
      return next;
    case 'sasl_list':
    case 'sasl':
      respond(client, errorPacket(code, opaque, STATUS.unknownCommand));
      client.swallow = request.body;
      return next;
  }
}
