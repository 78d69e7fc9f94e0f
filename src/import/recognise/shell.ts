/**
 * As much of a shell script as it takes to see what it probes and starts: comments and continuations gone, plain
 * variables and arguments filled in, each command as its words. It runs nothing and understands no control flow.
 */

/** The simple commands of a script in their order, each as words without quotes. */
export type ShellCommands = readonly (readonly string[])[];

const LONGEST_SCRIPT = 64 * 1024;
const LONGEST_LINE = 4096;
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;
/** Words that stand before a command without being one. */
const PREFIX = new Set([
  'if',
  'then',
  'else',
  'elif',
  'while',
  'until',
  'do',
  '!',
  '{',
  '}',
  'exec',
  'nohup',
  'sudo',
]);

/** `parameters` are the words behind the script's name: $1, $2, ... */
export function shellCommands(script: string, parameters: readonly string[]): ShellCommands {
  const variables = new Map<string, string>(parameters.map((word, i) => [String(i + 1), word]));
  const commands: string[][] = [];
  const text = script.slice(0, LONGEST_SCRIPT).replace(/\\\r?\n/g, ' ');
  for (const line of text.split('\n')) {
    for (const part of splitLine(line.slice(0, LONGEST_LINE))) {
      const words = part.map((word) => fill(word, variables));
      while (words.length > 0 && (PREFIX.has(words[0]!) || ASSIGNMENT.test(words[0]!))) {
        const assigned = ASSIGNMENT.exec(words.shift()!);
        if (assigned !== null) variables.set(assigned[1]!, assigned[2]!.slice(0, LONGEST_LINE));
      }
      if (words.length > 0) commands.push(words);
    }
  }
  return commands;
}

/** The line at its operators, parentheses and backquotes; within quotes only what `$(` and backquotes begin. */
function splitLine(line: string): string[][] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  const endWord = (): void => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    const substitution = char === '`' || (char === '$' && line[i + 1] === '(');
    if (char === '\\' && quote !== "'") word = (word ?? '') + (line[++i] ?? '');
    else if (substitution && quote !== "'") {
      endCommand();
      quote = null;
      if (char === '$') i++;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === '#' && word === null) break;
    else if (/[|&;()<>]/.test(char)) endCommand();
    else if (/\s/.test(char)) endWord();
    else word = (word ?? '') + char;
  }
  endCommand();
  return commands;
}

function fill(word: string, variables: ReadonlyMap<string, string>): string {
  return word
    .replace(/\$(?:\{(\w+)(?::?-([^{}]*))?\}|([A-Za-z_]\w*|\d))/g, (use, braced, fallback, plain) => {
      return variables.get(braced ?? plain) ?? fallback ?? use;
    })
    .slice(0, LONGEST_LINE);
}
