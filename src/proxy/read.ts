/** Reads: one command on the authority, moved to the other copy when the authority is lost. */
import { resubmit, submit, submitText } from './backend-output.ts';
import { answer, newCall, refuse } from './call.ts';
import type { Call, Op, Pair } from './types.ts';

/** Sends `buffer[start..end)` as a read for `op`, which is in its client's queue. */
export function read(
  op: Op,
  pair: Pair,
  shape: Call['shape'],
  buffer: Buffer,
  start: number,
  end: number,
): void {
  const { authority } = pair;
  if (authority === null) refuse(op, pair);
  else submit(newCall(op, pair, authority, shape, finishRead, moveRead), buffer, start, end);
}

/** `read` with a command made of `text` (latin1). */
export function readText(op: Op, pair: Pair, shape: Call['shape'], text: string): void {
  const { authority } = pair;
  if (authority === null) refuse(op, pair);
  else submitText(newCall(op, pair, authority, shape, finishRead, moveRead), text);
}

function finishRead(call: Call, buffer: Buffer, start: number, end: number): void {
  answer(call.op, call.backend, buffer, start, end);
}

function moveRead(call: Call): void {
  const { op } = call;
  const pair = call.pair!;
  if (pair.authority === null) refuse(op, pair);
  else resubmit(call, newCall(op, pair, pair.authority, call.shape, finishRead, moveRead));
}
