/**
 * Words of a command, written into memory one byte after the other. A refill writes some hundred thousand of them a second:
 * a string for each line, and a view for each value, would be most of what the garbage collector has to do, and clients
 * wait for it. Pure; each answers the index after what it has put.
 */

/** Longer values are copied faster by the one call that makes a view of them; in bytes. */
const LONG = 2048;
const ZERO = 48;

/** A string of one character per byte. */
export function putText(memory: Buffer, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) memory[at + index] = text.charCodeAt(index);
  return at + text.length;
}

/** A whole number from 0 to 2^53 - 1, in decimal. */
export function putNumber(memory: Buffer, at: number, value: number): number {
  let end = at + 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) end++;
  let rest = value;
  for (let index = end - 1; index >= at; index--) {
    memory[index] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return end;
}

/** `bytes[from..to)`. */
export function putBytes(memory: Buffer, at: number, bytes: Buffer, from: number, to: number): number {
  if (to - from > LONG) return at + bytes.copy(memory, at, from, to);
  for (let index = from; index < to; index++) memory[at + index - from] = bytes[index]!;
  return at + to - from;
}
