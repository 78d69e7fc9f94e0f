/** Splits a command written as one string into words, as keepalived does for its scripts. No shell is involved. */
import type { Command } from './config.ts';
import { type Parsed, quote } from './describe.ts';

/**
 * White space separates words; `'...'` is literal; `"..."` and unquoted text know backslash escapes.
 * Refuses an unclosed quote and a string without any word.
 */
export function splitCommand(text: string): Parsed<Command> {
  const words: string[] = [];
  let word: string | null = null;
  let open: '"' | "'" | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\' && open !== "'" && i + 1 < text.length) {
      i++;
      word = (word ?? '') + text[i]!;
    } else if (open !== null) {
      if (char === open) open = null;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      open = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? '') + char;
    }
  }
  if (open !== null) return { ok: false, reason: `is ${quote(text)}: the quote ${open} is not closed` };
  if (word !== null) words.push(word);
  if (words.length === 0 || words[0] === '') return { ok: false, reason: 'is an empty command' };
  return { ok: true, value: words };
}
