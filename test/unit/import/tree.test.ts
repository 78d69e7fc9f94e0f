/** Statements and their blocks. */
import { expect, test } from 'vitest';
import { formatStatement, parseTree, type Statement } from '../../../src/import/read/tree.ts';
import { read } from './conf.ts';

const tree = (text: string) => parseTree(read(text).lines);

/** `a b {c; d}` */
function show({ words, block }: Statement): string {
  return `${words.join(' ')}${block === null ? '' : ` {${block.map(show).join('; ')}}`}`.trim();
}

test.each([
  ['a brace on the same line', 'a b {\n c\n}', 'a b {c}'],
  ['a brace on its own line', 'a b\n{\n c\n}', 'a b {c}'],
  ['all on one line', 'a { b }', 'a {b}'],
  ['several on one line', 'a { b { c } d', 'a {b {c}; d}'],
  ['glued', 'a{b}c', 'a {b}; c'],
  ['empty', 'a { }', 'a {}'],
  ['nested', 'a {\n b {\n  c\n }\n}\nd', 'a {b {c}}; d'],
  ['braces in quotes', 'a "{ b }"', 'a { b }'],
])('%s', (_, text, shown) => {
  expect(tree(text).statements.map(show).join('; ')).toBe(shown);
});

test.each([
  ['}', '1: }: closes nothing'],
  ['{\n}', '1: {: no keyword stands before this brace'],
  ['a {\n b', '1: a {: the brace is not closed'],
  ['a {\n}\n}', '3: }: closes nothing'],
  ['auth_pass "x', '1: auth_pass "x: a quote is not closed; keepalived drops what follows it'],
  ['a {'.repeat(25), '1: {: is nested deeper than 20 levels'],
])('%j is told', (text, problem) => {
  expect(tree(text).problems.map(({ at, what, reason }) => `${at.line}: ${what}: ${reason}`)[0]).toBe(
    problem,
  );
});

test('a statement is shown as it was meant, and cut when it is long', () => {
  const { statements } = tree('a\n{ b {\nc\n} d }');
  expect(formatStatement(statements[0]!, 9)).toEqual(['a {', '  b {', '    c', '  }', '  d', '}']);
  expect(formatStatement(statements[0]!, 2)).toEqual(['a {', '  b {', '... (4 more lines)']);
});
