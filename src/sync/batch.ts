/**
 * The batches of a refill as bytes: which commands ask for many items, for what a memcached lacks, and add many items;
 * and what their answers say. Every command has exactly one reply, in order, so that replies need no name. Pure.
 *
 * Items are added by the classic `add`: an `ms` in add mode that fails for its size or for want of memory deletes the
 * item that is there already (memcached 1.6.18). Only a key that needs base64 has no other way than `ms`.
 */
import { exptimeOf, type KeyBytes, keyToken, MAX_KEY_WORD, needsBase64 } from '../core/memcached-key.ts';
import { digits } from '../core/memcached-number.ts';
import { hasValue, isFence, lineEnd } from './frame-batch.ts';
import { putKey, putNumber, putText } from './put.ts';

const FENCE = 'mn\r\n';
const GET = 'mg ';
const ADD = 'add ';
const END = '\r\n';
/** What a key in base64 may have beside twice its length: it is padded, and its flag follows. */
const MOST_BASE64_BYTES = 6;
/** What fits into a word of base64. */
const LONGEST_IN_BASE64 = 3 * Math.floor(MAX_KEY_WORD / 4);
const H = 72;
const E = 69;
const SPACE = 32;
const CR = 13;

/**
 * Whether a meta command can name the raw key `bytes[0..length)`: memcached counts a key in base64 as long as it is written.
 */
export function isNameable({ bytes, length }: KeyBytes): boolean {
  if (length > MAX_KEY_WORD) return false;
  return length <= LONGEST_IN_BASE64 || !needsBase64(Buffer.from(bytes).toString('latin1', 0, length));
}

/**
 * Asks for the items with their values; reading them is no use of them, so that their place among the least recently
 * used stays. The keys must be nameable.
 */
export function encodeRead(keys: readonly string[]): Buffer {
  return encodeGets(keys, ' v f t c u\r\n');
}

/** Asks which of the keys are there, without a use of them. */
export function encodePresence(keys: readonly string[]): Buffer {
  return encodeGets(keys, ' c u\r\n');
}

function encodeGets(keys: readonly string[], flags: string): Buffer {
  let most = FENCE.length;
  for (const key of keys) most += GET.length + 2 * key.length + MOST_BASE64_BYTES + flags.length;
  const batch = Buffer.allocUnsafe(most);
  let length = 0;
  for (const key of keys) {
    length = putText(batch, length, GET);
    const end = putKey(batch, length, key);
    length = putText(batch, end < 0 ? putText(batch, length, keyToken(key)) : end, flags);
  }
  return batch.subarray(0, putText(batch, length, FENCE));
}

/** What a reply to `encodeRead` or `encodePresence` tells of one key. The next reply is told by the same object. */
export interface Reply {
  /** The position of its key in the batch. */
  index: number;
  kind: 'found' | 'missing' | 'error';
  /** Where the value begins and ends (its CRLF not included) in the answer; equal for an empty one, or none. */
  from: number;
  to: number;
  flags: number;
  /** Seconds left; -1: never expires. */
  ttl: number;
  /** As sent: it may be above 2^53. Only where `tokenWon`: nobody else asks for it. */
  cas: string;
  /** Marked stale by a client (`md` with I). */
  stale: boolean;
  /** One client was told to make a new value (Z); an empty one is then no value but the place for it. */
  promised: boolean;
  /** Asking took the one token for a new value (W): it must be given back, or no client will ever get it. */
  tokenWon: boolean;
  /** The whole line of an error. */
  error: string;
}

/**
 * Tells `visit` of each reply to `encodeRead` or `encodePresence` in `buffer[start..end)`, a whole answer. Answers how
 * many there were.
 */
export function decodeReplies(
  buffer: Buffer,
  start: number,
  end: number,
  visit: (reply: Reply) => void,
): number {
  const reply: Reply = {
    index: 0,
    kind: 'missing',
    from: 0,
    to: 0,
    flags: 0,
    ttl: -1,
    cas: '0',
    stale: false,
    promised: false,
    tokenWon: false,
    error: '',
  };
  let position = start;
  for (;;) {
    const next = lineEnd(buffer, position, end);
    if (next < 0) throw new Error('a batch was framed wrongly');
    if (isFence(buffer, position, next)) return reply.index;
    position = decodeReply(reply, buffer, position, next);
    visit(reply);
    reply.index++;
  }
}

/** Fills in the reply whose line is `buffer[start..next)`; answers the index after it. */
function decodeReply(reply: Reply, buffer: Buffer, start: number, next: number): number {
  const isValue = hasValue(buffer, start);
  reply.from = next;
  reply.to = next;
  if (isValue || (buffer[start] === H && buffer[start + 1] === 68)) {
    reply.kind = 'found';
    decodeFlags(reply, buffer, start + 2, next);
    if (!isValue) return next;
    reply.to = next + digits(buffer, start + 3, next);
    return reply.to + 2;
  }
  const isMissing = buffer[start] === E && buffer[start + 1] === 78 && buffer[start + 2] === CR;
  reply.kind = isMissing ? 'missing' : 'error';
  reply.tokenWon = false;
  reply.error = isMissing ? '' : textOf(buffer, start, next);
  return next;
}

/** The words behind the status; the length of a value is a word without a letter and passed over. */
function decodeFlags(reply: Reply, buffer: Buffer, start: number, next: number): void {
  reply.stale = false;
  reply.promised = false;
  reply.tokenWon = false;
  reply.ttl = -1;
  reply.flags = 0;
  reply.cas = '0';
  let cas = next;
  for (let index = start; index < next; index++) {
    if (buffer[index] !== SPACE) continue;
    const letter = buffer[index + 1]!;
    const from = index + 2;
    if (letter === 102) reply.flags = digits(buffer, from, next);
    else if (letter === 116) reply.ttl = buffer[from] === 45 ? -1 : digits(buffer, from, next);
    else if (letter === 99) cas = from;
    else if (letter === 88) reply.stale = true;
    else if (letter === 90) reply.promised = true;
    else if (letter === 87) reply.tokenWon = true;
  }
  if (reply.tokenWon) reply.cas = word(buffer, cas, next);
}

function word(buffer: Buffer, from: number, next: number): string {
  let to = from;
  while (to < next && buffer[to] !== SPACE && buffer[to] !== CR) to++;
  return buffer.toString('latin1', from, to);
}

function textOf(buffer: Buffer, start: number, next: number): string {
  return buffer.toString('latin1', start, Math.min(next, start + 200)).trimEnd();
}

/** An item whose token was taken by asking for it. */
export interface TakenToken {
  readonly key: string;
  readonly cas: string;
}

/** Gives the tokens of stale items back, where nobody wrote the item since: the next client to ask gets it. */
export function encodeGiveBack(tokens: readonly TakenToken[]): Buffer {
  let text = '';
  for (const { key, cas } of tokens) text += `md ${keyToken(key)} I C${cas}\r\n`;
  return Buffer.from(text + FENCE, 'latin1');
}

/** A batch of adds in the making. */
export interface AddBatch {
  /**
   * Appends an item, whose value is `[from..to)` of the answer that the batch is made of; no two are to overlap. `ttl`: seconds
   * left, -1 for never; `now`: the target's clock, seconds since 1970. The key must be nameable.
   */
  append(key: string, flags: number, ttl: number, now: number, from: number, to: number): void;
  /** Of the items appended so far, in their order. */
  readonly keys: readonly string[];
  /** Of the same, in bytes: key and value. */
  readonly sizes: readonly number[];
  /** The whole batch; nothing can be appended afterwards. */
  finish(): Buffer;
  /** Its memory, for another batch once this one was answered. */
  readonly memory: () => Buffer;
}

/** Longest command line of an add: a key in base64, three numbers, the words between. */
const MOST_LINE_BYTES = MAX_KEY_WORD + 64;

/**
 * A batch of at most `items` adds of what is in `answer[start..end)`. The answer is copied as a whole, behind the room for the
 * adds, and each value from there within the same memory: that is 70 ns for a value, where a loop over 500 bytes takes
 * 2 us, and a view of them for Buffer.copy is garbage. `spare`: memory that nobody needs any more, or null.
 */
export function newAddBatch(
  items: number,
  answer: Buffer,
  start: number,
  end: number,
  spare: Buffer | null,
): AddBatch {
  const room = items * (MOST_LINE_BYTES + END.length) + (end - start) + FENCE.length;
  const needed = room + end - start;
  const memory = spare !== null && spare.length >= needed ? spare : Buffer.allocUnsafeSlow(needed + 4096);
  answer.copy(memory, room, start, end);
  /** Where in the memory the answer would begin if it did so at 0. */
  const origin = room - start;
  let length = 0;
  const keys: string[] = [];
  const sizes: number[] = [];
  return {
    append(key, flags, ttl, now, from, to) {
      const size = to - from;
      if (length + MOST_LINE_BYTES + size + END.length + FENCE.length > room)
        throw new Error('more was appended to a batch than there was in the answer');
      const exptime = exptimeOf(ttl, now);
      const keyEnd = putKey(memory, putText(memory, length, ADD), key);
      if (keyEnd < 0) {
        length = putText(memory, length, `ms ${btoa(key)} ${size} b F${flags} T${exptime} ME\r\n`);
      } else {
        length = keyEnd;
        memory[length++] = SPACE;
        length = putNumber(memory, length, flags);
        memory[length++] = SPACE;
        length = putNumber(memory, length, exptime);
        memory[length++] = SPACE;
        length = putText(memory, putNumber(memory, length, size), END);
      }
      memory.copyWithin(length, origin + from, origin + to);
      length = putText(memory, length + size, END);
      keys.push(key);
      sizes.push(key.length + size);
    },
    keys,
    sizes,
    finish() {
      length = putText(memory, length, FENCE);
      return memory.subarray(0, length);
    },
    memory: () => memory,
  };
}

/** What became of one item of a batch of adds. `present`: the target had it. */
export type Added = 'stored' | 'present' | 'too-large' | 'no-memory' | 'refused';

/** Tells `visit` of each reply to a batch of adds in `buffer[start..end)`, a whole answer; `line` is the reply. Answers how many. */
export function decodeAdds(
  buffer: Buffer,
  start: number,
  end: number,
  visit: (index: number, added: Added, line: string) => void,
): number {
  let index = 0;
  let position = start;
  for (;;) {
    const next = lineEnd(buffer, position, end);
    if (next < 0) throw new Error('a batch was framed wrongly');
    if (isFence(buffer, position, next)) return index;
    // STORED, and HD of ms; NOT_STORED, and NS of ms.
    if (buffer[position] === 83 && buffer[position + 1] === 84) visit(index, 'stored', '');
    else if (buffer[position] === H) visit(index, 'stored', '');
    else if (buffer[position] === 78) visit(index, 'present', '');
    else {
      const line = textOf(buffer, position, next);
      visit(index, failureOf(line), line);
    }
    index++;
    position = next;
  }
}

function failureOf(line: string): Added {
  if (line === 'SERVER_ERROR object too large for cache') return 'too-large';
  if (line.startsWith('SERVER_ERROR out of memory')) return 'no-memory';
  return 'refused';
}
