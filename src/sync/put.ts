/**
 * Words of a command, written into memory one byte after the other. A refill writes some hundred thousand of them a second:
 * a string for each line would be most of what the garbage collector has to do, and clients wait for it. Pure; each answers
 * the index after what it has put.
 */

const LF = 10;
const SPACE = 32;
const ZERO = 48;
const MOST_UNSIGNED = 0xffff_ffff;

/** A string of one character per byte. */
export function putText(memory: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) memory[at + index] = text.charCodeAt(index);
  return at + text.length;
}

/** A raw key, as `putText` does; -1, and nothing of use is written, where only base64 can name it (`needsBase64`). */
export function putKey(memory: Buffer, at: number, key: string): number {
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    if (code === SPACE || code === LF || code === 0) return -1;
    memory[at + index] = code;
  }
  return at + key.length;
}

/** A whole number from 0 to 2^53 - 1, in decimal. */
export function putNumber(memory: Buffer, at: number, value: number): number {
  if (value > MOST_UNSIGNED) return putText(memory, at, String(value));
  // Divisions of 32-bit numbers, which take a tenth of what others do.
  let end = at + 1;
  for (let rest = value >>> 0; rest >= 10; rest = (rest / 10) >>> 0) end++;
  let rest = value >>> 0;
  for (let index = end - 1; index >= at; index--) {
    const tens = (rest / 10) >>> 0;
    memory[index] = ZERO + rest - 10 * tens;
    rest = tens;
  }
  return end;
}
