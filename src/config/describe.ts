/**
 * How a wrong value is named in a message, and the parser result that carries such a message.
 * Owns wording only; knows nothing of the schema or of positions.
 */

/** What a parser of a config string returns; `reason` is a whole message, e.g. `is "a b", must be one word`. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

const LONGEST = 60;

/** `is 300`, `is "x"`, `is empty`, `is missing`: the beginning of a message about this value. */
export function describe(value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty';
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : 'is a list';
  if (typeof value === 'object') return 'is a map';
  if (typeof value === 'string') return `is ${quote(value)}`;
  return `is ${String(value)}`;
}

/** A value in double quotes, cut when it is long, with control characters escaped so that a message stays one line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

/** `is 300, must be a whole number from 1 to 255`. */
export function mustBe(value: unknown, what: string): string {
  return `${describe(value)}, must be ${what}`;
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
