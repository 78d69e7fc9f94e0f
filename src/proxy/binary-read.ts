/** get, getk, touch, gat and gatk of the binary protocol, asked as mg. */

import { keyToken } from '../core/memcached-key.ts';
import { digits } from '../core/memcached-number.ts';
import { errorPacket, HEADER, packet, STATUS } from './binary-format.ts';
import { type BinaryRequest, casOf, clampTtl, fail } from './binary-write.ts';
import { pairOf } from './call.ts';
import { enqueueOp, settleWith } from './output.ts';
import { readText } from './read.ts';
import type { Client, Op, Render } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

const EMPTY = Buffer.alloc(0);

/** A read, and with `exptime` (seconds, as on the wire) a touch. */
export function getOrTouch(client: Client, request: BinaryRequest, exptime: number | null): void {
  const op = newOp(client);
  op.opcode = request.code;
  op.opaque = request.opaque;
  const withKey = request.verb === 'getk' || request.verb === 'gatk';
  if (withKey) op.key = Buffer.from(request.key, 'latin1');
  op.render = request.quiet ? renderQuiet : renderLoud;
  enqueueOp(client, op);
  const pair = pairOf(client.proxy, request.key);
  const token = keyToken(request.key);
  if (exptime === null) {
    readText(op, pair, 'meta', `mg ${token} f c v\r\n`);
    return;
  }
  const value = request.verb === 'touch' ? '' : ' v';
  const touch = `mg ${token} T${clampTtl(exptime)}`;
  const line = `${touch} f c${value}\r\n`;
  writeBoth(op, pair, { shape: 'meta', line, mirrorLine: `${touch}\r\n`, value: null, key: null });
}

const renderLoud: Render = (op, backend, buffer, start, end) => {
  if (buffer[start] !== 69 || buffer[start + 1] !== 78) {
    hit(op, backend.tag, buffer, start, end);
  } else if (op.key === null) {
    settleWith(op, errorPacket(op.opcode, op.opaque, STATUS.notFound));
  } else {
    const bytes = packet(op.opcode, op.opaque, STATUS.notFound, 0, op.key.length, op.key.length, 0n);
    op.key.copy(bytes, HEADER);
    settleWith(op, bytes);
  }
};

const renderQuiet: Render = (op, backend, buffer, start, end) => {
  if (buffer[start] === 69 && buffer[start + 1] === 78) settleWith(op, EMPTY);
  else hit(op, backend.tag, buffer, start, end);
};

/** `VA length fFLAGS cCAS…` and the value, or `HD fFLAGS cCAS…`. */
function hit(op: Op, tag: number, buffer: Buffer, start: number, end: number): void {
  const hasValue = buffer[start] === 86 && buffer[start + 1] === 65;
  if (!hasValue && (buffer[start] !== 72 || buffer[start + 1] !== 68)) {
    fail(op, buffer, start, end);
    return;
  }
  const lineEnd = buffer.indexOf(10, start) + 1;
  const length = hasValue ? digits(buffer, start + 3, lineEnd) : 0;
  const flagsAt = buffer.indexOf(102, start) + 1;
  const casAt = buffer.indexOf(99, flagsAt) + 1;
  const cas = casOf(buffer, casAt, lineEnd, tag);
  const keyLength = op.key === null ? 0 : op.key.length;
  const bytes = packet(op.opcode, op.opaque, STATUS.ok, 4, keyLength, 4 + keyLength + length, cas);
  bytes.writeUInt32BE(digits(buffer, flagsAt, lineEnd), HEADER);
  if (op.key !== null) op.key.copy(bytes, HEADER + 4);
  buffer.copy(bytes, HEADER + 4 + keyLength, lineEnd, lineEnd + length);
  settleWith(op, bytes);
}
