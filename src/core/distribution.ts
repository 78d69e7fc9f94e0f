/**
 * Which server of a list a key belongs to: magent's modulo. Pure arithmetic; ketama.ts has the other function.
 */

/**
 * magent's key hash: Bernstein's `hash * 33 + c` from 5381 over the key's bytes as signed chars (what `char` is where
 * magent is built), with the highest bit cleared. Reads `key[start..end)`; answers 0..2^31-1.
 */
export function magentHash(key: Uint8Array, start: number, end: number): number {
  let hash = 5381;
  for (let index = start; index < end; index++) {
    hash = (Math.imul(hash, 33) + ((key[index]! << 24) >> 24)) | 0;
  }
  return hash & 0x7fffffff;
}

/** Answers the index of a key's server; the same key always gets the same index. */
export type Distribution = (key: Uint8Array, start: number, end: number) => number;

/** magent's default: the hash modulo the number of servers, `count` at least 1. */
export function moduloDistribution(count: number): Distribution {
  if (count === 1) return () => 0;
  return (key, start, end) => magentHash(key, start, end) % count;
}
