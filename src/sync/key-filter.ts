/**
 * Which keys were met already, in little memory: a Bloom filter, four bytes for each key. One key in 100 000 or fewer that
 * was not met is taken for one that was. Pure.
 */

/** Bits for each key, and how many of them a key sets. */
const BITS_PER_KEY = 32;
const HASHES = 8;
/** Smaller filters would fill up when there are a few keys more than were foreseen. */
const FEWEST_KEYS = 4096;

export interface KeyFilter {
  /** True when the key was not met before. */
  add(key: string): boolean;
}

/** A filter for about so many keys; with twice as many it errs once in 1 000. */
export function createKeyFilter(keys: number): KeyFilter {
  const words = new Uint32Array(Math.ceil((Math.max(FEWEST_KEYS, keys) * BITS_PER_KEY) / 32));
  const bits = words.length * 32;
  return {
    add(key) {
      // FNV-1a, twice with different beginnings; the eight positions are sums of the two (double hashing).
      let first = 0x811c9dc5;
      let second = 0x01234567;
      for (let index = 0; index < key.length; index++) {
        const code = key.charCodeAt(index);
        first = Math.imul(first ^ code, 0x01000193);
        second = Math.imul(second ^ code, 0x01000193);
      }
      second = Math.imul(second ^ (second >>> 15), 0x2c1b3c6d) | 1;
      let isNew = false;
      for (let hash = 0; hash < HASHES; hash++) {
        const bit = ((first ^ (first >>> 16)) >>> 0) % bits;
        const mask = 1 << (bit & 31);
        const word = bit >>> 5;
        if ((words[word]! & mask) === 0) {
          isNew = true;
          words[word]! |= mask;
        }
        first = (first + second) | 0;
      }
      return isNew;
    },
  };
}
