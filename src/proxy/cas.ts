/**
 * CAS numbers across two copies. Each memcached counts its own, and because both see the same writes the counts run close
 * together: a number read from one copy could by chance fit another version of the item on the other one. So the
 * client sees `number * 256 + tag`, where the tag names the memcached process (and the side) that gave it, and a number
 * with a foreign tag is replaced by one that no item has. Pure.
 */

/** No item ever has it: memcached counts up from 1. */
export const IMPOSSIBLE_CAS = 2n ** 64n - 1n;

const SMALL = 2 ** 44;

/** The decimal CAS number `text` of a backend as the client sees it. */
export function tagCas(text: string, tag: number): string {
  const value = Number(text);
  if (value === 0) return '0';
  if (value < SMALL) return String(value * 256 + tag);
  return String(BigInt.asUintN(64, BigInt(text) * 256n + BigInt(tag)));
}

/** The backend's number for a client's; 0 means "any" or "none" in every protocol and stays. */
export function untagCas(value: bigint, tag: number): bigint {
  if (value === 0n) return 0n;
  return (value & 255n) === BigInt(tag) ? value >> 8n : IMPOSSIBLE_CAS;
}

/** A tag out of what tells one memcached process from another; `even` keeps the two copies of a pair apart for certain. */
export function casTag(identity: string, even: boolean): number {
  let hash = 17;
  for (let index = 0; index < identity.length; index++)
    hash = (Math.imul(hash, 31) + identity.charCodeAt(index)) | 0;
  return (((hash ^ (hash >>> 13)) & 127) << 1) | (even ? 0 : 1);
}
