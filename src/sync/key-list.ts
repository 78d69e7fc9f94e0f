/**
 * Keys that wait to be copied, with their sizes: a queue that takes a key's length and a few bytes for each, because the
 * source must be rid of its list long before the copy is through. Owns memory only; its bound is its reader's affair.
 */

import type { KeyBytes } from '../core/memcached-key.ts';

/** Keys out of the queue, in their order, and the sum of their sizes. */
export interface KeyBatch {
  readonly keys: string[];
  readonly bytes: number;
}

export interface KeyList {
  /** Keys in it. */
  readonly length: number;
  /** Memory that they take, in bytes. */
  readonly memory: number;
  /** The key has at most 255 bytes; `size` in bytes, up to 2^32 - 1. */
  push(key: KeyBytes, size: number): void;
  /** The oldest keys: at most `mostKeys`, and of `mostBytes` in all; always one, when there is any. */
  take(mostKeys: number, mostBytes: number): KeyBatch;
  clear(): void;
}

const CHUNK_BYTES = 65_536;
/** Before each key: four bytes of size, one of the key's length. */
const HEAD_BYTES = 5;

export function createKeyList(): KeyList {
  let chunks: Buffer[] = [];
  /** Where the oldest key is in the first chunk, and where the last chunk ends. */
  let first = 0;
  let end = 0;
  /** What of each chunk but the last is in use. */
  let ends: number[] = [];
  let length = 0;

  const clear = (): void => {
    chunks = [];
    ends = [];
    first = 0;
    end = 0;
    length = 0;
  };

  const dropFirstChunk = (): void => {
    chunks.shift();
    ends.shift();
    first = 0;
  };

  return {
    get length() {
      return length;
    },
    get memory() {
      return chunks.length * CHUNK_BYTES;
    },
    push({ bytes, length: keyLength }, size) {
      let chunk = chunks.at(-1);
      if (chunk === undefined || end + HEAD_BYTES + keyLength > CHUNK_BYTES) {
        if (chunk !== undefined) ends.push(end);
        chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
        chunks.push(chunk);
        end = 0;
      }
      chunk.writeUInt32LE(size, end);
      chunk[end + 4] = keyLength;
      end += HEAD_BYTES;
      for (let index = 0; index < keyLength; index++) chunk[end + index] = bytes[index]!;
      end += keyLength;
      length++;
    },
    take(mostKeys, mostBytes) {
      const keys: string[] = [];
      let bytes = 0;
      while (length > 0 && keys.length < mostKeys) {
        if (first === (ends[0] ?? end)) dropFirstChunk();
        const chunk = chunks[0]!;
        const size = chunk.readUInt32LE(first);
        if (keys.length > 0 && bytes + size > mostBytes) break;
        const from = first + HEAD_BYTES;
        first = from + chunk[first + 4]!;
        keys.push(chunk.toString('latin1', from, first));
        bytes += size;
        length--;
      }
      if (length === 0) clear();
      return { keys, bytes };
    },
    clear,
  };
}
