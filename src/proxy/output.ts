/**
 * Answers on their way to the clients: in the order of the requests, gathered per client and written once per batch.
 * Knows nothing of commands.
 */
import type { Client, Op, ProxyState } from './types.ts';

const EMPTY = Buffer.alloc(0);
/** Pieces up to this much in all are joined into one write; more goes out as a vector, without a copy. */
const JOIN_LIMIT = 16_384;
/** A client that has this much unread gets no further requests taken in. */
const CONGESTED_BYTES = 512 * 1024;
/** What one client's unanswered gets may add up to, by the average of its answers so far. */
const ANSWER_BUDGET_BYTES = 1024 * 1024;
const MAX_KEYS = 256;
const MIN_KEYS = 4;

/** Puts `op` at the end of its client's queue: from here on it must be settled, once. */
export function enqueueOp(client: Client, op: Op): void {
  if (client.tail === null) client.head = op;
  else client.tail.next = op;
  client.tail = op;
  client.keys += op.keys;
  client.proxy.counters.requests++;
}

function isMuted(op: Op, buffer: Buffer, start: number): boolean {
  switch (op.mute) {
    case 'none':
      return false;
    case 'all':
      return true;
    case 'hd': {
      const hd = buffer[start] === 72 && buffer[start + 1] === 68;
      return hd || (buffer[start] === 86 && buffer[start + 1] === 65);
    }
    case 'en':
      return buffer[start] === 69 && buffer[start + 1] === 78 && buffer[start + 2] !== 68;
  }
}

/** Gives `op` its answer, `buffer[start..end)` as the client shall see it. The bytes are used before the batch ends. */
export function settle(op: Op, buffer: Buffer, start: number, end: number): void {
  const { client } = op;
  if (client === null || client.closed) return;
  const silent = op.mute !== 'none' && isMuted(op, buffer, start);
  if (client.head !== op) {
    op.done = true;
    op.held = silent ? EMPTY : Buffer.from(buffer.subarray(start, end));
    return;
  }
  if (!silent) emit(client, buffer, start, end);
  leave(client, op, end - start);
  let next = client.head;
  while (next?.done) {
    const held = next.held!;
    if (held.length > 0) emit(client, held, 0, held.length);
    leave(client, next, held.length);
    next = client.head;
  }
}

/** `settle` with a whole buffer. */
export function settleWith(op: Op, buffer: Buffer): void {
  settle(op, buffer, 0, buffer.length);
}

function leave(client: Client, op: Op, bytes: number): void {
  client.head = op.next;
  if (client.head === null) client.tail = null;
  // One that V8 has moved to the old space would keep all that come after it from being collected young.
  op.next = null;
  client.keys -= op.keys;
  client.bytesPerKey += (bytes / op.keys - client.bytesPerKey) / 8;
  client.keyBudget = Math.max(MIN_KEYS, Math.min(MAX_KEYS, ANSWER_BUDGET_BYTES / (client.bytesPerKey + 1)));
  markDirty(client);
}

/** Has the client looked at when the batch ends: it got something, or is to be closed. */
export function markDirty(client: Client): void {
  if (client.dirty) return;
  client.dirty = true;
  client.proxy.dirtyClients.push(client);
}

function emit(client: Client, buffer: Buffer, start: number, end: number): void {
  if (client.outBuffer === buffer && client.outEnd === start) {
    client.outEnd = end;
    return;
  }
  if (client.outBuffer !== null)
    client.outPieces.push(client.outBuffer.subarray(client.outStart, client.outEnd));
  client.outBuffer = buffer;
  client.outStart = start;
  client.outEnd = end;
}

/** Writes what the clients of this batch got. True when some of it waits in memory, so that its buffer must be kept. */
export function flushClients(proxy: ProxyState): boolean {
  const { dirtyClients } = proxy;
  let pinned = false;
  // Resuming a client can make it, or another one, dirty again: the list grows while it is walked.
  for (let index = 0; index < dirtyClients.length; index++) {
    const client = dirtyClients[index]!;
    client.dirty = false;
    if (client.closed) continue;
    if (client.outBuffer !== null) pinned = write(client) || pinned;
    if (client.stalled && !client.blocked && !client.closing) client.resume();
    const isLast = client.closing || (client.ended && !client.stalled);
    if (isLast && client.head === null && !client.dirty) client.socket.end();
  }
  dirtyClients.length = 0;
  return pinned;
}

function write(client: Client): boolean {
  const { socket, outPieces } = client;
  const last = client.outBuffer!.subarray(client.outStart, client.outEnd);
  client.outBuffer = null;
  if (outPieces.length === 0) {
    socket.write(last);
  } else {
    outPieces.push(last);
    let total = 0;
    for (const piece of outPieces) total += piece.length;
    if (total <= JOIN_LIMIT) {
      socket.write(Buffer.concat(outPieces, total));
    } else {
      socket.cork();
      for (const piece of outPieces) socket.write(piece);
      socket.uncork();
    }
    client.outPieces = [];
  }
  const waiting = socket.writableLength;
  if (waiting > CONGESTED_BYTES) client.congested = true;
  return waiting > 0;
}
