/** Numbers in requests and values, as far as they occur: unsigned 64 bits for counting, doubles where that is exact. */

const UINT64 = 2n ** 64n;
const MAX_SAFE_DIGITS = 15;

/** The value of a counter after `delta`, or null when it is no number. */
export function counted(value: string, delta: string, up: boolean): string | null {
  const match = /^ *\+?(\d{1,20})(?:\s|$)/.exec(value);
  if (match === null) return null;
  const digits = match[1]!;
  if (digits.length <= MAX_SAFE_DIGITS && delta.length <= MAX_SAFE_DIGITS) {
    const result = up ? Number(digits) + Number(delta) : Math.max(0, Number(digits) - Number(delta));
    return String(result);
  }
  const old = BigInt(digits);
  if (old >= UINT64) return null;
  const step = BigInt(delta);
  return String(up ? (old + step) % UINT64 : step > old ? 0n : old - step);
}
