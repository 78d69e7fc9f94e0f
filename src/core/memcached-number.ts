/** Unsigned decimal numbers in memcached's answers. Pure. */

/** The number at `bytes[from..)` up to the first byte that is no digit; 0 when there is none. Exact up to 2^53 - 1. */
export function digits(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let index = from; index < end; index++) {
    const digit = bytes[index]! - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}
