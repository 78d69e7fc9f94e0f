/**
 * The classic text protocol, client side: finds a request's end, checks it as memcached does, in memcached's order, and
 * passes it on (memcached doc/protocol.txt; what is not there is memcached 1.6.18's behaviour). Whatever it answers
 * itself never reaches a backend: a shared connection must not get anything that it could answer unexpectedly.
 */
import { GENERATION_KEY } from '../core/generation.ts';
import { clientStats } from './admin.ts';
import { flushAll } from './flush.ts';
import { readKeys, readLine } from './get.ts';
import { waitForKey } from './lock.ts';
import { parseMeta } from './meta-request.ts';
import { int32, uint32 } from './numbers.ts';
import { enqueueOp } from './output.ts';
import { MAX_KEY, reply } from './reply.ts';
import { answerReserved, isReservedKey, namesReservedKey } from './reserved.ts';
import { parseStorage } from './text-storage.ts';
import { arithmetic, remove, touch } from './text-update.ts';
import type { Client } from './types.ts';
import { newOp } from './types.ts';

/** A line that is no get must end within this many bytes, or the connection is closed. */
const MAX_LINE = 2048;
/** A get may name any number of keys in memcached; the proxy keeps no more than this of one. */
const MAX_GET_LINE = 1024 * 1024;

const LF = 10;
const CR = 13;
const SPACE = 32;

/** One request at `buffer[position..end)`; answers where the next one begins, or `position`: incomplete or must wait. */
export function parseText(client: Client, buffer: Buffer, position: number, end: number): number {
  if (buffer[position] === 103 && buffer[position + 1] === 101 && buffer[position + 2] === 116) {
    const next = parsePlainGet(client, buffer, position, end);
    if (next !== 0) return next;
  }
  const newline = buffer.indexOf(LF, position);
  if (newline === -1 || newline >= end) {
    if (end - position > MAX_LINE) checkLongLine(client, buffer, position, end);
    return position;
  }
  let lineEnd = newline;
  if (lineEnd - position > 1 && buffer[lineEnd - 1] === CR) lineEnd--;
  if (
    lineEnd - position > MAX_LINE &&
    !/^ {0,100}(get|gets|gat|gats) /.test(buffer.toString('latin1', position, position + 110))
  ) {
    client.closing = true;
    return position;
  }
  const line = buffer.toString('latin1', position, lineEnd);
  // memcached handles the line as a C string.
  const zero = line.indexOf('\0');
  const tokens = (zero === -1 ? line : line.slice(0, zero)).split(' ').filter((token) => token !== '');
  if (namesReservedKey(tokens)) {
    const others = answerReserved(client, tokens);
    return others === null ? newline + 1 : dispatch(client, others, buffer, position, newline + 1, end);
  }
  return dispatch(client, tokens, buffer, position, newline + 1, end);
}

/** `get KEY…` of plain bytes, the bulk of all traffic; 0: anything unusual, for the general way. */
function parsePlainGet(client: Client, buffer: Buffer, position: number, end: number): number {
  if (buffer[position + 3] !== SPACE) return 0;
  let keyStart = position + 4;
  let keys = 0;
  let index = keyStart;
  for (; index < end; index++) {
    const byte = buffer[index]!;
    if (byte > SPACE) continue;
    if (byte !== SPACE && byte !== CR) return 0;
    const length = index - keyStart;
    if (length < 1 || length > MAX_KEY) return 0;
    if (length === GENERATION_KEY.length && isReservedKey(buffer, keyStart, index)) return 0;
    keys++;
    if (byte === CR) break;
    keyStart = index + 1;
  }
  if (index + 1 >= end || buffer[index + 1] !== LF || keys === 0) return 0;
  return readLine(client, buffer, position, keyStart, index, keys) ? index + 2 : 0;
}

function checkLongLine(client: Client, buffer: Buffer, position: number, end: number): void {
  let start = position;
  while (buffer[start] === SPACE) start++;
  const word = buffer.toString('latin1', start, start + 5);
  const isGet = word.startsWith('get ') || word === 'gets ';
  if (start - position > 100 || !isGet || end - position > MAX_GET_LINE) client.closing = true;
}

function dispatch(
  client: Client,
  tokens: string[],
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const command = tokens[0];
  if (command === undefined || command.length < 2) {
    reply(client, 'ERROR');
    return next;
  }
  if (command.length === 2 && command[0] === 'm')
    return parseMeta(client, tokens, buffer, position, next, end);
  switch (command) {
    case 'get':
    case 'gets':
    case 'bget':
      if (tokens.length < 2) reply(client, 'ERROR');
      else readKeys(client, command === 'gets' ? 'gets' : 'get', tokens.slice(1));
      return next;
    case 'gat':
    case 'gats':
      return getAndTouch(client, command, tokens, position, next);
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      return parseStorage(client, command, tokens, buffer, position, next, end);
    case 'incr':
    case 'decr':
      return arithmetic(client, command, tokens, position, next);
    case 'delete':
      return remove(client, tokens, position, next);
    case 'touch':
      return touch(client, tokens, position, next);
    case 'flush_all':
      flushText(client, tokens);
      return next;
    case 'verbosity':
      setVerbosity(client, tokens);
      return next;
    case 'version':
      reply(
        client,
        `VERSION ${client.proxy.backends.find((backend) => backend.version !== '')?.version ?? '1.6.18'}`,
      );
      return next;
    case 'stats':
      clientStats(client, tokens.slice(1));
      return next;
    case 'quit':
      client.closing = true;
      client.proxy.requestTick();
      return next;
    case 'shutdown':
      reply(client, 'ERROR: shutdown not enabled');
      return next;
    default:
      if (tokens[tokens.length - 1]!.startsWith('HTTP/')) client.closing = true;
      else reply(client, 'ERROR');
      return next;
  }
}

function getAndTouch(
  client: Client,
  command: 'gat' | 'gats',
  tokens: string[],
  position: number,
  next: number,
): number {
  if (tokens.length < 2) {
    reply(client, 'ERROR');
    return next;
  }
  const exptime = int32(tokens[1]!);
  if (exptime === null) {
    reply(client, 'CLIENT_ERROR invalid exptime argument');
    return next;
  }
  const keys = tokens.slice(2);
  if (keys.length > 0 && keys.every((key) => key.length <= MAX_KEY)) {
    for (const key of keys) if (waitForKey(client, key)) return position;
  }
  readKeys(client, command, keys, exptime);
  return next;
}

function flushText(client: Client, tokens: string[]): void {
  if (tokens.length > 3) {
    reply(client, 'ERROR');
    return;
  }
  const muted = tokens[tokens.length - 1] === 'noreply';
  let delay = 0;
  if (tokens.length !== (muted ? 2 : 1)) {
    const given = int32(tokens[1]!);
    if (given === null) {
      reply(client, 'CLIENT_ERROR invalid exptime argument', muted);
      return;
    }
    delay = given;
  }
  const op = newOp(client);
  if (muted) op.mute = 'all';
  enqueueOp(client, op);
  flushAll(client.proxy, op, delay);
}

function setVerbosity(client: Client, tokens: string[]): void {
  if (tokens.length !== 2 && tokens.length !== 3) {
    reply(client, 'ERROR');
    return;
  }
  const muted = tokens[tokens.length - 1] === 'noreply';
  const level = uint32(tokens[1]!);
  if (level === null) {
    reply(client, 'CLIENT_ERROR bad command line format', muted);
    return;
  }
  client.proxy.verbosity = Math.min(level, 2);
  reply(client, 'OK', muted);
}
