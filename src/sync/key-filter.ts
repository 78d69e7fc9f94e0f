/**
 * Which keys were met already, in little memory: a Bloom filter. All bits of a key are in one block, which is one line of the
 * processor's cache: with bits all over a table of megabytes most of the time of a refill goes by waiting for memory. It
 * forgets none; how seldom it takes a key that was not met for one that was is a matter of the bits for each key: once in
 * half a million with 48, once in some millions with 64. Pure.
 */

import type { KeyBytes } from '../core/memcached-key.ts';

/** How many bits a key sets. */
const HASHES = 8;
/** Words of 32 bits in a block of 512. */
const BLOCK = 16;
/** Takes the upper nine bits of 32. */
const BIT_IN_BLOCK = 23;
/** Smaller filters would fill up when there are a few keys more than were foreseen. */
const FEWEST_KEYS = 4096;

export interface KeyFilter {
  /** True when the key was not met before. */
  add(key: KeyBytes): boolean;
  /** The same for a key of one character per byte. */
  addText(key: string): boolean;
  has(key: KeyBytes): boolean;
}

/** A filter for about so many keys; with twice as many and 48 bits for each it errs once in 10 000. */
export function createKeyFilter(keys: number, bitsPerKey = 48): KeyFilter {
  const blocks = Math.ceil((Math.max(FEWEST_KEYS, keys) * bitsPerKey) / (32 * BLOCK));
  const words = new Uint32Array(blocks * BLOCK);
  // FNV-1a, twice with different beginnings: one says which block, the other which bits of it.
  let first = 0;
  let second = 0;

  const hashBytes = ({ bytes, length }: KeyBytes): void => {
    first = 0x811c9dc5;
    second = 0x01234567;
    for (let index = 0; index < length; index++) {
      first = Math.imul(first ^ bytes[index]!, 0x01000193);
      second = Math.imul(second ^ bytes[index]!, 0x01000193);
    }
  };
  const hashText = (key: string): void => {
    first = 0x811c9dc5;
    second = 0x01234567;
    for (let index = 0; index < key.length; index++) {
      const code = key.charCodeAt(index);
      first = Math.imul(first ^ code, 0x01000193);
      second = Math.imul(second ^ code, 0x01000193);
    }
  };

  /** Whether all bits of the hashed key are set; sets them, if told to. */
  const look = (sets: boolean): boolean => {
    const block = BLOCK * (((first ^ (first >>> 15)) >>> 0) % blocks);
    let bits = Math.imul(second ^ (second >>> 15), 0x2c1b3c6d);
    let isThere = true;
    for (let hash = 0; hash < HASHES; hash++) {
      // The next number of a linear congruential generator; its upper bits are the good ones.
      bits = (Math.imul(bits, 0x9e3779b1) + 0x7f4a7c15) | 0;
      const bit = bits >>> BIT_IN_BLOCK;
      const word = block + (bit >>> 5);
      const mask = 1 << (bit & 31);
      if ((words[word]! & mask) !== 0) continue;
      if (!sets) return false;
      isThere = false;
      words[word]! |= mask;
    }
    return isThere;
  };

  return {
    add(key) {
      hashBytes(key);
      return !look(true);
    },
    addText(key) {
      hashText(key);
      return !look(true);
    },
    has(key) {
      hashBytes(key);
      return look(false);
    },
  };
}
