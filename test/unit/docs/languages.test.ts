/** README.md and README.zh-CN.md say the same: sections, code, tables, names and figures. The words are for people to compare. */
import { marked, type Token, type Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { headingsOf, readDocument } from './documents.ts';

const ENGLISH = 'README.md';
const CHINESE = 'README.zh-CN.md';

interface Part {
  readonly heading: string;
  readonly tokens: readonly Token[];
}

/** The document by its headings; what is before the first one belongs to none. */
function partsOf(document: string): readonly Part[] {
  const parts: { heading: string; tokens: Token[] }[] = [];
  for (const token of marked.lexer(readDocument(document))) {
    if (token.type === 'heading') parts.push({ heading: token.text, tokens: [] });
    else parts.at(-1)?.tokens.push(token);
  }
  return parts;
}

/** Every token of these kinds inside a part. */
function inside(part: Part, ...types: readonly string[]): readonly Token[] {
  const found: Token[] = [];
  marked.walkTokens([...part.tokens], (token) => {
    if (types.includes(token.type)) found.push(token);
  });
  return found;
}

const sorted = (words: Iterable<string>): readonly string[] => [...new Set(words)].sort();
const texts = (tokens: readonly Token[]): readonly string[] =>
  sorted(tokens.map((token) => ('text' in token ? String(token.text) : '')));
/** Figures in running text: a measured time that changes in one language changes in the other. */
const figures = (part: Part): readonly string[] =>
  sorted(
    inside(part, 'text')
      .filter((token) => !('tokens' in token && token.tokens))
      .flatMap(({ raw }) => raw.match(/\d+(?:\.\d+)*/g) ?? []),
  );
const links = (part: Part): readonly string[] =>
  sorted((inside(part, 'link') as readonly Tokens.Link[]).map(({ href }) => href)).filter(
    (href) => ![ENGLISH, CHINESE].includes(href),
  );

const english = partsOf(ENGLISH);
const chinese = partsOf(CHINESE);

test('the same headings, by rank', () => {
  expect(headingsOf(CHINESE).map(({ depth }) => depth)).toEqual(
    headingsOf(ENGLISH).map(({ depth }) => depth),
  );
  expect(chinese[0]!.heading).toBe(english[0]!.heading);
});

test('each has a link to the other', () => {
  expect(readDocument(ENGLISH)).toContain(`](${CHINESE})`);
  expect(readDocument(CHINESE)).toContain(`](${ENGLISH})`);
});

describe.each(english.map((part, index) => [part.heading, part, chinese[index]] as const))(
  '%s',
  (_, ours, theirs) => {
    const both = <T>(what: (part: Part) => T): void => expect(what(theirs!)).toEqual(what(ours));

    test('has the same code blocks', () => both((part) => inside(part, 'code').map(({ raw }) => raw)));
    test('has the same names in code', () => both((part) => texts(inside(part, 'codespan'))));
    test('has the same figures', () => both(figures));
    test('has the same links', () => both(links));
    test('has as many paragraphs, list items and rows', () =>
      both((part) => ({
        blocks: part.tokens.filter(({ type }) => type !== 'space').map(({ type }) => type),
        items: inside(part, 'list_item').length,
        rows: (inside(part, 'table') as readonly Tokens.Table[]).map(({ header, rows }) => [
          header.length,
          rows.length,
        ]),
      })));
  },
);
