/** Words of a line of keepalived.conf. keepalived splits most lines simply, and those with a command again with care. */

export interface Words {
  readonly words: readonly string[];
  /** A double quote was not closed; keepalived drops what follows it. */
  readonly open: boolean;
}

/** White space separates; `"..."` is a word of its own, wherever it begins. Single quotes and backslashes mean nothing. */
export function splitWords(text: string): Words {
  const words: string[] = [];
  const word = /[ \t\r\n\v\f]*(?:"([^"]*)"|([^" \t\r\n\v\f]+))/y;
  while (word.lastIndex < text.length) {
    const at = word.lastIndex;
    const match = word.exec(text);
    if (match === null) return { words, open: text.slice(at).trim() !== '' };
    words.push(match[1] ?? match[2]!);
  }
  return { words, open: false };
}

/**
 * Words of a line with a command: both quotes join, backslashes escape. `keep` leaves the escapes in place, for the
 * command itself is split once more. Null when a quote is not closed or a backslash ends the text.
 */
export function splitQuoted(text: string, escapes: 'keep' | 'resolve'): readonly string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '\\') {
      if (i + 1 === text.length) return null;
      const length = escapes === 'keep' ? 1 : escapeLength(text.slice(i + 1, i + 4));
      const sequence = text.slice(i + 1, i + 1 + length);
      word = (word ?? '') + (escapes === 'keep' ? char + sequence : resolve(sequence));
      i += length;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/[ \t\r\n\v\f]/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}

function escapeLength(text: string): number {
  const match = /^(?:x[0-9A-Fa-f]{1,2}|c.|[0-7]{1,3})/s.exec(text);
  return match?.[0].length ?? 1;
}

const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

function resolve(sequence: string): string {
  if (/^x./.test(sequence)) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
  if (/^c./s.test(sequence)) return String.fromCharCode(sequence.charCodeAt(1) & 0x1f);
  if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 0xff);
  return Object.hasOwn(LETTERS, sequence) ? LETTERS[sequence]! : sequence;
}
