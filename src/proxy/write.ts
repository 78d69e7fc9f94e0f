/**
 * Writes whose outcome does not depend on the old value: the same command to both copies at once. The authority's
 * answer is the client's, and it is given when every copy that is up has answered, so that an answered write is on both.
 */

import type { Side } from '../core/copies.ts';
import { resubmit, submit, submitText, submitValue } from './backend-output.ts';
import { answer, keep, liveBackend, newCall, otherSide, refuse } from './call.ts';
import { repair } from './conditional.ts';
import type { Call, Op, Pair } from './types.ts';

const SIDES: readonly Side[] = [0, 1];

/** A value that follows a command line; `owned`: its bytes stay as they are, so they need no copy. */
export interface Value {
  readonly buffer: Buffer;
  readonly from: number;
  /** After the CRLF that ends it. */
  readonly to: number;
  readonly owned: boolean;
}

/** A command for both copies: a line for each side, and the value behind it if it has one. */
export interface WriteCommand {
  readonly shape: Call['shape'];
  readonly line: string;
  /** What the copy that is no authority gets, where its answer need not carry what the client asked for. */
  readonly mirrorLine?: string;
  readonly mirrorShape?: Call['shape'];
  readonly value: Value | null;
  /** The key as `repair` wants it, to set right what one copy refused to store; null: never needed. */
  readonly key: string | null;
}

/** Sends a write for `op`, which is in its client's queue. */
export function writeBoth(op: Op, pair: Pair, command: WriteCommand): void {
  const { authority } = pair;
  if (authority === null) {
    refuse(op, pair);
    return;
  }
  op.answerSide = authority;
  op.waiting = 0;
  for (const side of SIDES) {
    if (liveBackend(pair, side) === null) continue;
    op.waiting++;
    const mirror = side !== authority;
    const call = newCall(
      op,
      pair,
      side,
      (mirror ? command.mirrorShape : undefined) ?? command.shape,
      finishWrite,
      moveWrite,
    );
    call.context = command;
    const line = (mirror ? command.mirrorLine : undefined) ?? command.line;
    const { value } = command;
    if (value === null) submitText(call, line);
    else submitValue(call, line, value.buffer, value.from, value.to, value.owned);
  }
}

/** `writeBoth` of bytes that are a whole command already; the answer is one line. `key` as in WriteCommand. */
export function writeBytes(
  op: Op,
  pair: Pair,
  key: string | null,
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { authority } = pair;
  if (authority === null) {
    refuse(op, pair);
    return;
  }
  op.answerSide = authority;
  op.waiting = 0;
  for (const side of SIDES) {
    if (liveBackend(pair, side) === null) continue;
    op.waiting++;
    const call = newCall(op, pair, side, 'line', finishWrite, moveWrite);
    call.context = key;
    submit(call, buffer, start, end);
  }
}

function contextOf(call: Call): WriteCommand | string | null {
  return call.context as WriteCommand | string | null;
}

function keyOf(call: Call): string | null {
  const context = contextOf(call);
  return typeof context === 'string' || context === null ? context : context.key;
}

function finishWrite(call: Call, buffer: Buffer, start: number, end: number): void {
  const { op, side } = call;
  op.waiting--;
  if (op.waiting > 0) {
    op.replies[side] = keep(buffer, start, end);
    return;
  }
  const other = op.replies[otherSide(side)];
  if (other === null) {
    if (!askAgain(call)) answer(op, call.backend, buffer, start, end);
    return;
  }
  const key = keyOf(call);
  if (key !== null && isServerError(other, 0) !== isServerError(buffer, start)) repair(call.pair!, key);
  if (side === op.answerSide) answer(op, call.backend, buffer, start, end);
  else answer(op, call.pair!.backends[op.answerSide]!, other, 0, other.length);
}

function isServerError(buffer: Buffer, start: number): boolean {
  return buffer[start] === 83 && buffer[start + 1] === 69;
}

/** When all that is left is the answer of a mirror that was asked for less: asks that copy for the whole answer. */
function askAgain(call: Call): boolean {
  const context = contextOf(call);
  const { op } = call;
  const pair = call.pair!;
  if (context === null || typeof context === 'string' || context.mirrorLine === undefined) return false;
  if (call.side === op.answerSide) return false;
  writeBoth(op, pair, context);
  return true;
}

function moveWrite(call: Call): void {
  const { op } = call;
  const pair = call.pair!;
  op.waiting--;
  if (op.waiting > 0) return;
  const context = contextOf(call);
  for (const side of SIDES) {
    const kept = op.replies[side];
    if (kept === null) continue;
    const partial = context !== null && typeof context !== 'string' && context.mirrorLine !== undefined;
    if (partial && side !== op.answerSide) {
      op.replies = [null, null];
      writeBoth(op, pair, context);
    } else {
      answer(op, pair.backends[side]!, kept, 0, kept.length);
    }
    return;
  }
  // Neither copy answered. One of them may have come up only now.
  if (pair.authority === null) {
    refuse(op, pair);
  } else if (context !== null && typeof context !== 'string' && context.mirrorLine !== undefined) {
    writeBoth(op, pair, context);
  } else {
    // As it was sent: the value that the command came with lay in a read buffer, which holds others' requests by now.
    op.answerSide = pair.authority;
    op.waiting = 1;
    const moved = newCall(op, pair, pair.authority, call.shape, finishWrite, moveWrite);
    moved.context = context;
    resubmit(call, moved);
  }
}
