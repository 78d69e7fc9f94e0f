/**
 * get, gets, gat and gats: one command where one pair has all the keys, else one per pair and part, whose answers are put
 * together in the order of the request.
 */
import { pairOf, pairOfBytes } from './call.ts';
import { tagCas } from './cas.ts';
import { enqueueOp, settle, settleWith } from './output.ts';
import { read, readText } from './read.ts';
import { MAX_KEY, reply } from './reply.ts';
import type { Client, Op, Pair, Render } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

/** Keys per command: a longer get is cut, so that no answer grows without bound. */
const PART = 32;
const END = Buffer.from('END\r\n');

/**
 * A plain `get` line `buffer[start..lineEnd)` + CRLF whose last key begins at `lastKey`. False: not for this short way.
 */
export function readLine(
  client: Client,
  buffer: Buffer,
  start: number,
  lastKey: number,
  lineEnd: number,
  keys: number,
): boolean {
  const { proxy } = client;
  let pair = proxy.onlyPair;
  if (keys > 1) {
    if (pair === null || keys > PART) return false;
  } else if (pair === null) {
    pair = pairOfBytes(proxy, buffer, lastKey, lineEnd);
  }
  const op = newOp(client);
  op.keys = keys;
  enqueueOp(client, op);
  read(op, pair, 'values', buffer, start, lineEnd + 2);
  return true;
}

interface Part {
  readonly pair: Pair;
  readonly keys: string[];
}

/** Any get, gets, gat or gats of `keys`, which may be none or too long. `exptime` is for the latter two. */
export function readKeys(
  client: Client,
  command: 'get' | 'gets' | 'gat' | 'gats',
  keys: readonly string[],
  exptime = 0,
): void {
  if (keys.some((key) => key.length > MAX_KEY)) {
    reply(client, 'CLIENT_ERROR bad command line format');
    return;
  }
  const op = newOp(client);
  op.keys = Math.max(1, keys.length);
  enqueueOp(client, op);
  if (keys.length === 0) {
    // gat with a time and no key finds nothing, in memcached too.
    settleWith(op, END);
    return;
  }
  const parts = split(client, keys);
  if (parts.length === 1) {
    if (command === 'gets' || command === 'gats') op.render = renderWithCas;
    ask(op, parts[0]!, command, exptime);
    return;
  }
  const gathering: Gathering = { op, keys, answers: parts.map(() => null), parts, missing: parts.length };
  parts.forEach((part, index) => {
    const partOp = newOp(null);
    const withCas = command === 'gets' || command === 'gats';
    partOp.render = (_op, backend, buffer, start, end) => {
      gathering.answers[index] = withCas
        ? rewriteCas(buffer, start, end, backend.tag)
        : Buffer.from(buffer.subarray(start, end));
      if (--gathering.missing === 0) gather(gathering);
    };
    ask(partOp, part, command, exptime);
  });
}

function split(client: Client, keys: readonly string[]): Part[] {
  const { proxy } = client;
  const open = new Map<Pair, Part>();
  const parts: Part[] = [];
  for (const key of keys) {
    const pair = pairOf(proxy, key);
    let part = open.get(pair);
    if (part === undefined || part.keys.length >= PART) {
      part = { pair, keys: [] };
      open.set(pair, part);
      parts.push(part);
    }
    part.keys.push(key);
  }
  return parts;
}

function ask(op: Op, part: Part, command: string, exptime: number): void {
  const keys = part.keys.join(' ');
  if (command === 'get' || command === 'gets') {
    readText(op, part.pair, 'values', `${command} ${keys}\r\n`);
    return;
  }
  const line = `${command} ${exptime} ${keys}\r\n`;
  writeBoth(op, part.pair, { shape: 'values', line, value: null, key: null });
}

const renderWithCas: Render = (op, backend, buffer, start, end) => {
  settleWith(op, rewriteCas(buffer, start, end, backend.tag));
};

/** Copies VALUE blocks with the CAS number of each as the client shall see it. */
function rewriteCas(buffer: Buffer, start: number, end: number, tag: number): Buffer {
  const pieces: Buffer[] = [];
  let block = start;
  while (buffer[block] === 86) {
    const lineEnd = buffer.indexOf(10, block);
    const words = buffer.toString('latin1', block, lineEnd - 1).split(' ');
    words[4] = tagCas(words[4]!, tag);
    const data = lineEnd + 1;
    block = data + Number(words[3]) + 2;
    pieces.push(Buffer.from(`${words.join(' ')}\r\n`, 'latin1'), buffer.subarray(data, block));
  }
  pieces.push(buffer.subarray(block, end));
  return Buffer.concat(pieces);
}

interface Gathering {
  readonly op: Op;
  readonly keys: readonly string[];
  readonly parts: readonly Part[];
  readonly answers: (Buffer | null)[];
  missing: number;
}

/** All parts are there: one error is the whole answer, else the blocks in the order of the keys. */
function gather({ op, keys, parts, answers }: Gathering): void {
  const cursors = parts.map((part, index) => ({ part, buffer: answers[index]!, at: 0, asked: 0 }));
  const failed = cursors.find(({ buffer }) => buffer[0] !== 86 && !buffer.equals(END));
  if (failed !== undefined) {
    settle(op, failed.buffer, 0, failed.buffer.length);
    return;
  }
  const pieces: Buffer[] = [];
  const waiting = new Map<Pair, typeof cursors>();
  for (const cursor of cursors) {
    const list = waiting.get(cursor.part.pair);
    if (list === undefined) waiting.set(cursor.part.pair, [cursor]);
    else list.push(cursor);
  }
  const { proxy } = op.client!;
  for (const key of keys) {
    const list = waiting.get(pairOf(proxy, key))!;
    const cursor = list[0]!;
    const piece = takeBlock(cursor, key);
    if (piece !== null) pieces.push(piece);
    if (++cursor.asked === cursor.part.keys.length) list.shift();
  }
  pieces.push(END);
  settleWith(op, Buffer.concat(pieces));
}

function takeBlock(cursor: { buffer: Buffer; at: number }, key: string): Buffer | null {
  const { buffer, at } = cursor;
  if (buffer[at] !== 86) return null;
  const lineEnd = buffer.indexOf(10, at);
  const words = buffer.toString('latin1', at, lineEnd - 1).split(' ');
  if (words[1] !== key) return null;
  cursor.at = lineEnd + 1 + Number(words[3]) + 2;
  return buffer.subarray(at, cursor.at);
}
