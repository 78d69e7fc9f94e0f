/**
 * Writes whose outcome depends on the old value: decided on the authority, and the outcome carried to the other copy in
 * the order in which it was decided. The key is locked meanwhile (lock.ts). When the authority is lost before its
 * outcome is safe on the other copy, the other copy decides anew: nobody else saw more than the one answer.
 */

import type { Side } from '../core/copies.ts';
import { secondsOf } from '../core/server-clock.ts';
import { submitText, submitValue } from './backend-output.ts';
import { answer, keep, liveBackend, newCall, otherSide, refuse } from './call.ts';
import { lockKey, unlockKey } from './lock.ts';
import { answerWrite, outcomeUnknown } from './raise.ts';
import { keyToken, type SetLine, setLine, stateLine } from './state.ts';
import type { Call, Lock, Op, Pair, ProxyState } from './types.ts';
import { newOp } from './types.ts';
import type { Value } from './write.ts';

/** What is to be decided. */
export interface Decision {
  /** The key's name among the locks: its raw bytes as latin1. */
  readonly key: string;
  readonly shape: Call['shape'];
  /** The command line for the copy that decides; `tag` is that copy's, for CAS numbers. */
  readonly line: (tag: number) => string;
  readonly value: Value | null;
  /**
   * What the other copy gets when the decision is "done": this line with the same value (a set of what was added, the
   * same append), or null: the state that the authority has afterwards (incr, whose stored form depends on more).
   */
  readonly carryLine: string | null;
  /** The carried line depends on the old value too, so it is only right on a copy that is whole. */
  readonly carryNeedsWhole: boolean;
  /**
   * Afterwards size and time to live are compared: memcached pads a number that became shorter, or stores it anew without
   * padding and without a new time to live, by whether somebody still reads the old one.
   */
  readonly compareForms?: boolean;
}

interface Deciding {
  readonly decision: Decision;
  readonly op: Op;
  readonly pair: Pair;
  readonly lock: Lock;
  /** Not null: nothing is decided, the other copy is only made equal; called once what that takes is on its way. */
  readonly equal: (() => void) | null;
  /** Who is asked. */
  side: Side;
  /** How the outcome travels; fixed when the question is asked. */
  by: 'nothing' | 'line' | 'state';
  reply: Buffer | null;
  /** How the authority stores it, where that is compared. */
  form: StoredForm | null;
}

interface StoredForm {
  readonly size: number;
  readonly expiry: number;
}

/** Each memcached's clock has steps of a second. */
const EXPIRY_TOLERANCE_S = 2;

/** Decides for `op`, which is in its client's queue. The key must be free (`waitForKey`). */
export function decide(op: Op, pair: Pair, decision: Decision): void {
  const lock = lockKey(pair.backends[0].proxy, decision.key);
  ask({ decision, op, pair, lock, equal: null, side: 0, by: 'nothing', reply: null, form: null });
}

/** Makes the other copy's `key` equal to the authority's, when one of them could not store what the other one did. */
export function repair(pair: Pair, key: string): void {
  const { authority } = pair;
  if (authority !== null && liveBackend(pair, otherSide(authority)) !== null)
    pair.backends[authority]!.counters.repairs++;
  equalize(pair, key, () => {});
}

/**
 * Makes the other copy's `key` equal to the authority's, behind whatever is being decided about it. `done` is called once
 * what that takes is on its way to the other copy, or one of them is gone.
 */
export function equalize(pair: Pair, key: string, done: () => void): void {
  const { proxy } = pair.backends[0];
  const lock = proxy.locks.get(key);
  if (lock === undefined) startEqualizing(pair, key, proxy, done);
  else lock.waiters.push(() => equalize(pair, key, done));
}

function startEqualizing(pair: Pair, key: string, proxy: ProxyState, done: () => void): void {
  const { authority } = pair;
  if (authority === null || liveBackend(pair, otherSide(authority)) === null) {
    done();
    return;
  }
  const decision: Decision = {
    key,
    shape: 'line',
    line: () => '',
    value: null,
    carryLine: null,
    carryNeedsWhole: false,
  };
  const lock = lockKey(proxy, key);
  const op = newOp(null);
  readState({
    decision,
    op,
    pair,
    lock,
    equal: done,
    side: authority,
    by: 'state',
    reply: NOTHING,
    form: null,
  });
}

const NOTHING = Buffer.alloc(0);

function ask(deciding: Deciding): void {
  const { decision, op, pair } = deciding;
  const { authority } = pair;
  deciding.reply = null;
  if (authority === null) {
    free(deciding);
    refuse(op, pair);
    return;
  }
  deciding.side = authority;
  const other = otherSide(authority);
  if (liveBackend(pair, other) === null) deciding.by = 'nothing';
  else if (decision.carryLine === null) deciding.by = 'state';
  else deciding.by = decision.carryNeedsWhole && !pair.backends[other]!.whole ? 'state' : 'line';
  const call = newCall(op, pair, authority, decision.shape, decided, undecided);
  call.context = deciding;
  send(call, decision.line(call.backend.tag), decision.value);
  if (deciding.by === 'state') readState(deciding);
  else if (isCompared(deciding)) readForm(deciding, authority, formRead);
}

function isCompared({ by, decision }: Deciding): boolean {
  return by === 'line' && decision.compareForms === true;
}

/** me tells it without counting as a use, and without taking the token of a stale item as mg would. */
function readForm(deciding: Deciding, side: Side, finish: Call['finish']): void {
  const call = newCall(deciding.op, deciding.pair, side, 'line', finish, stateLost);
  call.context = deciding;
  submitText(call, `me ${deciding.decision.key}\r\n`);
}

/** Out of the answer to me: the stored size, and the seconds that are left (negative there; -1 also when it never ends). */
function storedForm(buffer: Buffer, start: number, end: number): StoredForm | null {
  const match = /exp=(-?\d+) .*size=(\d+)/.exec(buffer.toString('latin1', start, end));
  return match === null ? null : { size: Number(match[2]), expiry: Number(match[1]) };
}

function isSameForm(left: StoredForm | null, right: StoredForm | null): boolean {
  if (left === null || right === null) return left === right;
  return left.size === right.size && Math.abs(left.expiry - right.expiry) <= EXPIRY_TOLERANCE_S;
}

function formRead(call: Call, buffer: Buffer, start: number, end: number): void {
  const deciding = call.context as Deciding;
  const { decision, pair, lock } = deciding;
  const other = otherSide(deciding.side);
  if (isOverruled(deciding)) {
    ask(deciding);
    return;
  }
  deciding.form = storedForm(buffer, start, end);
  if (!isDone(deciding.reply!, 0) || liveBackend(pair, other) === null) {
    free(deciding);
    tell(deciding);
  } else if (lock.voided) {
    carryDeletion(deciding);
  } else {
    // Both before the key is free: what the next writer does must not come in between.
    send(carryCall(deciding, carried), decision.carryLine!, decision.value);
    const check = newCall(deciding.op, pair, other, 'line', formCompared, ignore);
    check.context = deciding;
    submitText(check, `me ${decision.key}\r\n`);
    free(deciding);
  }
}

function formCompared(call: Call, buffer: Buffer, start: number, end: number): void {
  const { form, pair, decision } = call.context as Deciding;
  if (!isSameForm(storedForm(buffer, start, end), form)) repair(pair, decision.key);
}

function send(call: Call, line: string, value: Value | null): void {
  if (value === null) submitText(call, line);
  else submitValue(call, line, value.buffer, value.from, value.to, value.owned);
}

/** Asks the authority, right behind the question itself, for what the key is then. */
function readState(deciding: Deciding): void {
  const call = newCall(deciding.op, deciding.pair, deciding.side, 'meta', stateRead, stateLost);
  call.context = deciding;
  submitText(call, stateLine(deciding.decision.key));
}

/** The copy that was asked turned out to be behind meanwhile, and was emptied: its outcome is worth nothing. */
function isOverruled({ pair, side }: Deciding): boolean {
  return pair.authority !== null && pair.authority !== side && !pair.backends[side]!.whole;
}

function free({ pair, decision, equal }: Deciding): void {
  unlockKey(pair.backends[0].proxy, decision.key);
  equal?.();
}

function tell(deciding: Deciding): void {
  if (deciding.equal !== null) return;
  const reply = deciding.reply!;
  const backend = deciding.pair.backends[deciding.side]!;
  // What was not done is nothing that a copy could have missed.
  if (isDone(reply, 0)) answerWrite(deciding.op, backend, reply, 0, reply.length);
  else answer(deciding.op, backend, reply, 0, reply.length);
}

/** memcached did it: STORED, HD, VA, a number, or MN where a quiet command was fenced. */
function isDone(buffer: Buffer, start: number): boolean {
  const first = buffer[start]!;
  if (first === 83) return buffer[start + 1] === 84;
  return first === 72 || first === 86 || first === 77 || isNumber(buffer, start);
}

function decided(call: Call, buffer: Buffer, start: number, end: number): void {
  const deciding = call.context as Deciding;
  const { decision, pair, lock } = deciding;
  deciding.reply = keep(buffer, start, end);
  if (deciding.by === 'state' || isCompared(deciding)) return;
  if (isOverruled(deciding)) {
    ask(deciding);
    return;
  }
  const done = isDone(buffer, start);
  if (done && liveBackend(pair, otherSide(deciding.side)) !== null) {
    if (lock.voided) {
      carryDeletion(deciding);
      return;
    }
    if (deciding.by === 'line') {
      carry(deciding, decision.carryLine!, decision.value);
      return;
    }
    // The other copy came back while this was being decided.
    free(deciding);
    repair(pair, decision.key);
  } else {
    free(deciding);
  }
  tell(deciding);
}

function isNumber(buffer: Buffer, start: number): boolean {
  return buffer[start]! >= 48 && buffer[start]! <= 57;
}

function undecided(call: Call): void {
  outcomeUnknown(call.pair!);
  ask(call.context as Deciding);
}

function stateRead(call: Call, buffer: Buffer, start: number, end: number): void {
  const deciding = call.context as Deciding;
  const { decision, pair, lock, equal } = deciding;
  if (isOverruled(deciding)) {
    if (equal !== null) {
      unlockKey(pair.backends[0].proxy, decision.key);
      equalize(pair, decision.key, equal);
    } else {
      ask(deciding);
    }
    return;
  }
  const done = equal !== null || isDone(deciding.reply!, 0);
  if (!done || liveBackend(pair, otherSide(deciding.side)) === null) {
    free(deciding);
    tell(deciding);
    return;
  }
  const set = lock.voided ? null : stateFor(deciding, buffer, start, end);
  if (set === null) {
    carryDeletion(deciding);
    return;
  }
  if (set.stale) {
    // Reading a stale item can win its token (protocol.txt, "Stale items"): give it back, and make the copy stale too.
    const restale = `md ${keyToken(decision.key)} I\r\n`;
    if (set.tokenWon) submitText(newCall(newOp(null), pair, deciding.side, 'line', ignore, ignore), restale);
    carry(deciding, set.line, { buffer, from: set.from, to: end, owned: false });
    submitText(newCall(newOp(null), pair, otherSide(deciding.side), 'line', ignore, ignore), restale);
    return;
  }
  if (set.vivified) {
    // No set makes such an item: the other copy is told to make it itself.
    const token = keyToken(decision.key);
    submitText(
      newCall(newOp(null), pair, otherSide(deciding.side), 'line', ignore, ignore),
      `md ${token}\r\n`,
    );
    carry(deciding, `mg ${token} N${set.expiry}\r\n`, null);
    return;
  }
  carry(deciding, set.line, { buffer, from: set.from, to: end, owned: false });
}

/** By the clock of the copy that it is for. */
function stateFor(
  { decision, pair, side }: Deciding,
  buffer: Buffer,
  start: number,
  end: number,
): SetLine | null {
  const { clock } = pair.backends[otherSide(side)]!;
  return setLine(decision.key, buffer, start, end, secondsOf(clock, performance.now()));
}

function ignore(): void {}

function stateLost(call: Call): void {
  const deciding = call.context as Deciding;
  // null: the question itself was lost as well, and has been asked anew.
  if (deciding.reply === null) return;
  outcomeUnknown(call.pair!);
  if (deciding.equal !== null) {
    free(deciding);
  } else if (isDone(deciding.reply, 0)) {
    ask(deciding);
  } else {
    free(deciding);
    tell(deciding);
  }
}

function carryDeletion(deciding: Deciding): void {
  carry(deciding, `md ${keyToken(deciding.decision.key)}\r\n`, null);
}

function carry(deciding: Deciding, line: string, value: Value | null): void {
  send(carryCall(deciding, carried), line, value);
  free(deciding);
}

function carryCall(deciding: Deciding, finish: Call['finish']): Call {
  const { op, pair } = deciding;
  const call = newCall(op, pair, otherSide(deciding.side), 'line', finish, carryLost);
  call.context = deciding;
  return call;
}

function carried(call: Call, buffer: Buffer, start: number, end: number): void {
  const deciding = call.context as Deciding;
  const { decision, pair, lock, equal, reply } = deciding;
  if (equal === null && !lock.voided) {
    const otherNumber = isNumber(reply!, 0) && !reply!.equals(buffer.subarray(start, end));
    if (!isDone(buffer, start) || otherNumber) repair(pair, decision.key);
  }
  tell(deciding);
}

function carryLost(call: Call): void {
  tell(call.context as Deciding);
}
