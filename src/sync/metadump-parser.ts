/**
 * The answer to `lru_crawler metadump all`, in pieces of any length (memcached doc/protocol.txt, "LRU Crawler"). Pure.
 */
import type { KeyBytes } from '../core/memcached-key.ts';
import { digits } from '../core/memcached-number.ts';

/**
 * One item as the list tells it. The next one is told by the same object. A list is long, and most of its keys are only
 * carried from here to the queue: as bytes.
 */
export interface DumpedItem extends KeyBytes {
  readonly bytes: Buffer;
  length: number;
  /** The key, one character per byte; made anew each time that it is asked for. */
  readonly key: string;
  /** When it was last used, in seconds since 1970 by the server's clock. */
  lastAccess: number;
  /** Somebody read it since it was stored. */
  fetched: boolean;
  /** What it takes in the server's memory, in bytes. */
  size: number;
}

/** How the answer goes on, or ended. `busy`: another crawl is under way. `refused`: no list at all, and why. */
export type DumpState =
  | { readonly kind: 'goes-on' }
  | { readonly kind: 'end' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'refused'; readonly reason: string };

export interface MetadumpParser {
  /** Takes the next piece and tells `visit` of each whole item in it. Once the state is not `goes-on`, it stays. */
  take(bytes: Buffer, visit: (item: DumpedItem) => void): DumpState;
}

const LF = 10;
const SPACE = 32;
const PERCENT = 37;
/** A key of 250 bytes, each as %XX, and its numbers. */
const LONGEST_LINE = 2048;
/** memcached's keys have 250 at most. */
const LONGEST_KEY = 255;

const GOES_ON: DumpState = { kind: 'goes-on' };

/** A parser for one answer. */
export function createMetadumpParser(): MetadumpParser {
  let carry: Buffer | null = null;
  let state: DumpState = GOES_ON;
  const item = newItem();

  /** Takes the whole lines of `buffer`; answers where the rest begins. */
  const takeLines = (buffer: Buffer, visit: (item: DumpedItem) => void): number => {
    let start = 0;
    while (state.kind === 'goes-on') {
      const end = buffer.indexOf(LF, start);
      if (end < 0) break;
      if (readItem(item, buffer, start, end)) visit(item);
      else state = readState(buffer, start, end);
      start = end + 1;
    }
    return start;
  };

  return {
    take(bytes, visit) {
      let from = 0;
      if (carry !== null) {
        // Only the line that was begun is put together: a piece is large.
        const end = bytes.indexOf(LF) + 1;
        from = end === 0 ? bytes.length : end;
        const line: Buffer = Buffer.concat([carry, bytes.subarray(0, from)]);
        carry = null;
        if (end === 0) carry = line;
        else takeLines(line, visit);
      }
      const rest = bytes.subarray(from);
      const left = rest.subarray(takeLines(rest, visit));
      if (left.length > 0 && state.kind === 'goes-on') carry = Buffer.from(left);
      if (carry !== null && carry.length > LONGEST_LINE) state = unexpected(carry, 0, LONGEST_LINE);
      return state;
    },
  };
}

function newItem(): DumpedItem {
  return {
    bytes: Buffer.allocUnsafeSlow(LONGEST_KEY),
    length: 0,
    get key() {
      return this.bytes.toString('latin1', 0, this.length);
    },
    lastAccess: 0,
    fetched: false,
    size: 0,
  };
}

/** "key=K exp=N la=N cas=N fetch=yes|no cls=N size=N"; false when the line is something else. */
function readItem(item: DumpedItem, buffer: Buffer, start: number, end: number): boolean {
  // "key="
  if (buffer[start] !== 107 || buffer[start + 1] !== 101 || buffer[start + 3] !== 61) return false;
  const keyEnd = readKey(item, buffer, start + 4, end);
  const la = fieldAfter(buffer, keyEnd, end, 2);
  const fetch = fieldAfter(buffer, la, end, 3);
  const size = fieldAfter(buffer, fetch, end, 3);
  // " la=", " fetch=" and " size=", each from its space on.
  if (buffer[la + 3] !== 61 || buffer[fetch + 6] !== 61 || buffer[size + 5] !== 61) return false;
  item.lastAccess = digits(buffer, la + 4, end);
  item.fetched = buffer[fetch + 7] === 121;
  item.size = digits(buffer, size + 6, end);
  return true;
}

/** The key that begins at `start`, where %XX is a byte; answers the index of the space after it, or `end`. */
function readKey(item: DumpedItem, buffer: Buffer, start: number, end: number): number {
  const { bytes } = item;
  let length = 0;
  let index = start;
  for (; index < end && length < LONGEST_KEY; index++) {
    const byte = buffer[index]!;
    if (byte === SPACE) break;
    if (byte === PERCENT) {
      bytes[length++] = 16 * hexDigit(buffer[index + 1]!) + hexDigit(buffer[index + 2]!);
      index += 2;
    } else bytes[length++] = byte;
  }
  item.length = length;
  return buffer[index] === SPACE ? index : end;
}

/** memcached writes its capital letters; small ones mean the same. */
function hexDigit(code: number): number {
  return code < 65 ? code - 48 : (code & 0xdf) - 55;
}

/** The index of the `count`-th space from `from` on, itself the first; `end` when there are fewer. */
function fieldAfter(buffer: Buffer, from: number, end: number, count: number): number {
  let spaces = 0;
  for (let index = Math.max(0, from); index < end; index++)
    if (buffer[index] === SPACE && ++spaces === count) return index;
  return end;
}

function readState(buffer: Buffer, start: number, end: number): DumpState {
  const line = buffer.toString('latin1', start, Math.min(end, start + LONGEST_LINE)).trimEnd();
  // OK: the protocol's text promises it before the list; no version says it.
  if (line === 'OK') return GOES_ON;
  if (line === 'END' || line.startsWith('NOTSTARTED')) return { kind: 'end' };
  if (line.startsWith('BUSY')) return { kind: 'busy' };
  if (line === 'CLIENT_ERROR lru crawler disabled')
    return {
      kind: 'refused',
      reason: 'its LRU crawler is disabled (lru_crawler enable, or no -o no_lru_crawler)',
    };
  if (line === 'ERROR metadump not allowed')
    return { kind: 'refused', reason: 'it was started without the right to list its keys (memcached -X)' };
  if (line === 'ERROR')
    return { kind: 'refused', reason: 'it does not know lru_crawler metadump (memcached 1.6 does)' };
  return unexpected(buffer, start, end);
}

function unexpected(buffer: Buffer, start: number, end: number): DumpState {
  const line = buffer.toString('latin1', start, Math.min(end, start + 100)).trimEnd();
  return { kind: 'refused', reason: `it answered lru_crawler metadump with: ${line}` };
}
