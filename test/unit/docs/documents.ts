/** The documents of the repository, as far as tests look at them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { marked, type Token, type Tokens } from 'marked';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Paths from the root, README first. */
export const DOCUMENTS: readonly string[] = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const readDocument = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Every token of the document, those inside others too. */
export function tokensOf(path: string): readonly Token[] {
  const all: Token[] = [];
  marked.walkTokens(marked.lexer(readDocument(path)), (token) => {
    all.push(token);
  });
  return all;
}

export const headingsOf = (path: string): readonly Tokens.Heading[] =>
  tokensOf(path).filter((token): token is Tokens.Heading => token.type === 'heading');

/** The anchor that GitHub and GitLab give a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
