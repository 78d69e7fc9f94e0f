/**
 * Numbers as memcached reads them out of a request (safe_strtol, safe_strtoul and safe_strtoull in its util.c): decimal,
 * leading white space and a sign allowed, ended by white space or the end of the token, narrowed to 32 bits without a
 * check. Pure. Each answers null where memcached calls the token no number.
 */

const NUMBER = /^[\t\n\v\f\r ]*([+-]?)([0-9]+)(?:[\t\n\v\f\r ]|$)/;
const PLAIN = /^[0-9]{1,9}$/;
const MAX_LONG = 2n ** 63n - 1n;
const MAX_ULONG = 2n ** 64n - 1n;

/** A signed 32-bit number: exptime, length. */
export function int32(token: string): number | null {
  if (PLAIN.test(token)) return Number(token);
  const match = NUMBER.exec(token);
  if (match === null) return null;
  const value = match[1] === '-' ? -BigInt(match[2]!) : BigInt(match[2]!);
  if (value > MAX_LONG || value < -MAX_LONG - 1n) return null;
  return Number(BigInt.asIntN(32, value));
}

/** An unsigned 64-bit number: CAS, delta. */
export function uint64(token: string): bigint | null {
  const match = NUMBER.exec(token);
  if (match === null) return null;
  const magnitude = BigInt(match[2]!);
  if (magnitude > MAX_ULONG) return null;
  const value = match[1] === '-' ? BigInt.asUintN(64, -magnitude) : magnitude;
  // memcached looks for a minus only when the result looks negative as a signed number.
  if (BigInt.asIntN(64, value) < 0n && token.includes('-')) return null;
  return value;
}

/** An unsigned 32-bit number: flags, verbosity. */
export function uint32(token: string): number | null {
  if (PLAIN.test(token)) return Number(token);
  const value = uint64(token);
  return value === null ? null : Number(BigInt.asUintN(32, value));
}
