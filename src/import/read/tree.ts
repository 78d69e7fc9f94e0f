/**
 * Lines to statements with blocks. Knows no keyword: whatever a brace follows has a block. Both brace styles, and
 * several statements around a brace on one line.
 */
import type { SourceLine } from './lines.ts';
import type { Position, SourceProblem } from './source.ts';
import { splitWords } from './words.ts';

/** One line of the configuration with the block that follows it. */
export interface Statement {
  /** At least one, but for a block that belongs to nothing. */
  readonly words: readonly string[];
  /** The line as it stands, for commands, which are split differently. */
  readonly raw: string;
  readonly at: Position;
  /** null: no braces follow. */
  readonly block: readonly Statement[] | null;
}

export interface Tree {
  readonly statements: readonly Statement[];
  readonly problems: readonly SourceProblem[];
}

/** keepalived's own keywords nest three deep. */
const DEEPEST = 20;
/** 255 instances have less than half of it. */
const MOST_WORDS = 50_000;

interface Open {
  readonly statements: Statement[];
  /** Where its brace stands; null for the whole. */
  readonly opener: { readonly at: Position; readonly raw: string } | null;
}

/** Never fails: what keepalived would not read is a problem, and the rest is read as well as can be. */
export function parseTree(lines: readonly SourceLine[]): Tree {
  const problems: SourceProblem[] = [];
  const stack: Open[] = [{ statements: [], opener: null }];
  /** Blocks beyond DEEPEST that are being read over. */
  let tooDeep = 0;
  let wordsLeft = MOST_WORDS;

  const open = (at: Position): void => {
    const { statements } = stack.at(-1)!;
    if (tooDeep > 0 || stack.length > DEEPEST) {
      if (tooDeep++ === 0)
        problems.push({ at, what: '{', reason: `is nested deeper than ${DEEPEST} levels` });
      return;
    }
    const owner = statements.at(-1);
    const block: Statement[] = [];
    if (owner !== undefined && owner.block === null) statements[statements.length - 1] = { ...owner, block };
    else {
      problems.push({ at, what: '{', reason: 'no keyword stands before this brace' });
      statements.push({ words: [], raw: '', at, block });
    }
    stack.push({ statements: block, opener: { at, raw: owner?.raw ?? '' } });
  };

  const close = (at: Position): void => {
    if (tooDeep > 0) tooDeep--;
    else if (stack.length > 1) stack.pop();
    else problems.push({ at, what: '}', reason: 'closes nothing' });
  };

  for (const { text, at } of lines) {
    if (wordsLeft <= 0) {
      const reason = `there are more than ${MOST_WORDS} words; this and the rest are not read`;
      problems.push({ at, what: text, reason });
      break;
    }
    for (const piece of splitBraces(text)) {
      if (piece === '{') open(at);
      else if (piece === '}') close(at);
      else if (tooDeep === 0) {
        const { words, open: openQuote } = splitWords(piece);
        if (openQuote && !mayHoldQuotes(words)) {
          problems.push({
            at,
            what: piece,
            reason: 'a quote is not closed; keepalived drops what follows it',
          });
        }
        if (words.length > 0) stack.at(-1)!.statements.push({ words, raw: piece, at, block: null });
        wordsLeft -= words.length;
      }
    }
  }
  for (const { opener } of stack.slice(1)) {
    problems.push({ at: opener!.at, what: `${opener!.raw} {`, reason: 'the brace is not closed' });
  }
  return { statements: stack[0]!.statements, problems };
}

/** Commands are split again by a splitter that knows both quotes. */
function mayHoldQuotes([keyword = '']: readonly string[]): boolean {
  return /^(?:script|(?:.*_)?notify(?:_.*)?|.*_script)$/.test(keyword);
}

/** keepalived ends a line at a brace that stands outside of double quotes, and begins one after it. */
function splitBraces(text: string): string[] {
  return [...text.matchAll(/[{}]|(?:"[^"]*"|"[^"]*$|[^"{}])+/g)]
    .map(([piece]) => piece.trim())
    .filter((piece) => piece !== '');
}

/** The statement as text again, blocks indented, at most `most` lines. */
export function formatStatement(statement: Statement, most: number): string[] {
  const lines: string[] = [];
  let left = 0;
  const visit = ({ raw, block }: Statement, indent: string): void => {
    const push = (line: string): void => {
      if (lines.length < most) lines.push(line);
      else left++;
    };
    if (block === null) return push(indent + raw);
    push(`${indent}${raw}${raw === '' ? '' : ' '}{`);
    for (const inner of block) visit(inner, `${indent}  `);
    push(`${indent}}`);
  };
  visit(statement, '');
  if (left > 0) lines.push(`... (${left} more lines)`);
  return lines;
}
