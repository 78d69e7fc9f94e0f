/** Markdown to roff, as far as our documentation uses it. Pure. */
import { marked, type Token, type Tokens } from 'marked';
import { bold, bullet, definition, escapeText, italic, paragraph, subheading, verbatim } from './roff.ts';

/** A part of a document: a heading and what follows it up to the next one of its rank. */
interface Section {
  readonly heading: string;
  readonly tokens: readonly Token[];
}

/** The parts of a document that begin with `##`. */
export function sections(markdown: string): readonly Section[] {
  const found: { heading: string; tokens: Token[] }[] = [];
  for (const token of marked.lexer(markdown)) {
    if (token.type === 'heading' && token.depth === 2) found.push({ heading: token.text, tokens: [] });
    else found.at(-1)?.tokens.push(token);
  }
  return found;
}

/** One of them; @throws Error naming those that there are */
export function section(markdown: string, heading: string): Section {
  const all = sections(markdown);
  const found = all.find((candidate) => candidate.heading === heading);
  if (found === undefined) {
    throw new Error(`no section "${heading}"; there are: ${all.map((one) => one.heading).join(', ')}`);
  }
  return found;
}

/** Blocks as roff. Pictures out of line-drawing characters are for wider pages and are left out. */
export function blocks(tokens: readonly Token[]): string {
  return tokens.map(block).join('');
}

function block(token: Token): string {
  switch (token.type) {
    case 'heading':
      return subheading(token.text);
    case 'paragraph':
      return paragraph(inline(token.tokens ?? []));
    case 'text':
      return paragraph(inline(token.tokens ?? [token]));
    case 'code':
      return /[│┌└─]/.test(token.text) ? '' : verbatim(token.text);
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'space':
    case 'html':
      return '';
    default:
      throw new Error(`markdown that the manual cannot show yet: ${token.type}: ${token.raw}`);
  }
}

function list({ items, ordered, start }: Tokens.List): string {
  return items
    .map(({ tokens }, index) => {
      const [first, ...rest] = tokens.filter(({ type }) => type !== 'space');
      const text =
        first === undefined ? '' : inline('tokens' in first && first.tokens ? first.tokens : [first]);
      const mark = ordered ? `.IP ${Number(start) + index}. 4\n${text}\n` : bullet(text);
      return rest.length === 0 ? mark : `${mark}.RS\n${blocks(rest)}.RE\n`;
    })
    .join('');
}

/** A row is a term and what the other columns say of it. Wide tables do not fit a terminal. */
function table({ header, rows }: Tokens.Table): string {
  return rows
    .map(([term, ...cells]) => {
      const said = cells
        .map((cell, index) => ({ name: header[index + 1]!.tokens, cell: cell.tokens }))
        .filter(({ cell }) => cell.length > 0)
        .map(({ name, cell }) => {
          const label = cells.length > 1 && name.length > 0 ? `${italic(inline(name))}: ` : '';
          return `${label}${inline(cell)}`;
        });
      return definition(bold(inline(term!.tokens).replace(/\\f[BIR]/g, '')), said.join('\n.br\n'));
    })
    .join('');
}

function inline(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      switch (token.type) {
        case 'strong':
          return bold(inline(token.tokens ?? []));
        case 'em':
          return italic(inline(token.tokens ?? []));
        case 'codespan':
          return bold(escapeText(token.text));
        case 'link':
          return inline(token.tokens ?? []);
        case 'image':
          return italic(escapeText(`[${token.text}: ${token.href}]`)); // a terminal shows none
        case 'br':
          return '\n.br\n';
        case 'escape':
        case 'text':
          return 'tokens' in token && token.tokens ? inline(token.tokens) : escapeText(token.text);
        default:
          throw new Error(`markdown that the manual cannot show yet: ${token.type}: ${token.raw}`);
      }
    })
    .join('');
}
