/** Comments of keepalived.conf. Knows one line at a time. */

/** What is left of a line. */
export interface Decommented {
  readonly text: string;
  /** It ended in a backslash: a definition of several lines goes on. */
  readonly continues: boolean;
}

/**
 * keepalived: `#` and `!` begin a comment wherever they stand outside of double quotes, in the middle of a word too,
 * unless a backslash stands before them. A backslash as the very last character is a continuation.
 */
export function decomment(line: string): Decommented {
  let text = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (char === '"') quoted = !quoted;
    if (char === '\\') {
      const next = line[i + 1];
      if (next === undefined) return { text: trimBlanks(text), continues: true };
      text += !quoted && (next === '#' || next === '!') ? next : char + next;
      i++;
      continue;
    }
    if (!quoted && (char === '#' || char === '!')) break;
    text += char;
  }
  return { text: trimBlanks(text), continues: false };
}

/** Without spaces and tabs at both ends; other white space means nothing to keepalived here. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text[start])) start++;
  while (end > start && isBlank(text[end - 1])) end--;
  return text.slice(start, end);
}

function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}
