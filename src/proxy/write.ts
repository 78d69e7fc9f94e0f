/**
 * Writes whose outcome does not depend on the old value: the same command to both copies at once. The authority's
 * answer is the client's, and it is given when every copy that is up has answered, so that an answered write is on both.
 */

import type { Side } from '../core/copies.ts';
import { resubmit, submitText, submitValue } from './backend-output.ts';
import { keep, liveBackend, newCall, otherSide, refuse } from './call.ts';
import { repair } from './conditional.ts';
import { answerWrite, outcomeUnknown } from './raise.ts';
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

function commandOf(call: Call): WriteCommand {
  return call.context as WriteCommand;
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
    if (!askAgain(call)) answerWrite(op, call.backend, buffer, start, end);
    return;
  }
  const { key } = commandOf(call);
  if (key !== null && isServerError(other, 0) !== isServerError(buffer, start)) repair(call.pair!, key);
  if (side === op.answerSide) answerWrite(op, call.backend, buffer, start, end);
  else answerWrite(op, call.pair!.backends[op.answerSide]!, other, 0, other.length);
}

function isServerError(buffer: Buffer, start: number): boolean {
  return buffer[start] === 83 && buffer[start + 1] === 69;
}

/** When all that is left is the answer of a mirror that was asked for less: asks that copy for the whole answer. */
function askAgain(call: Call): boolean {
  const { op } = call;
  const command = commandOf(call);
  if (command.mirrorLine === undefined || call.side === op.answerSide) return false;
  writeBoth(op, call.pair!, command);
  return true;
}

function moveWrite(call: Call): void {
  const { op } = call;
  const pair = call.pair!;
  op.waiting--;
  if (op.waiting > 0) return;
  const command = commandOf(call);
  for (const side of SIDES) {
    const kept = op.replies[side];
    if (kept === null) continue;
    if (command.mirrorLine !== undefined && side !== op.answerSide) {
      op.replies = [null, null];
      writeBoth(op, pair, command);
    } else {
      answerWrite(op, pair.backends[side]!, kept, 0, kept.length);
    }
    return;
  }
  outcomeUnknown(pair);
  // Neither copy answered. One of them may have come up only now.
  if (command.mirrorLine !== undefined || pair.authority === null) writeBoth(op, pair, command);
  else writeAgain(call, pair, pair.authority);
}

/** As it was sent: the value that the command came with lay in a read buffer, which holds others' requests by now. */
function writeAgain(lost: Call, pair: Pair, authority: Side): void {
  const { op } = lost;
  op.answerSide = authority;
  op.replies = [null, null];
  for (const side of SIDES) {
    if (liveBackend(pair, side) === null) continue;
    op.waiting++;
    const call = newCall(op, pair, side, lost.shape, finishWrite, moveWrite);
    call.context = lost.context;
    resubmit(lost, call);
  }
}
