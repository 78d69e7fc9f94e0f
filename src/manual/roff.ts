/** Text to roff with the man macros: escapes, and the few shapes that our pages need. Pure. */

/** What has a plain spelling, so that a page reads the same on a terminal without UTF-8. */
const PLAIN: Readonly<Record<string, string>> = {
  '→': '->',
  '►': '>',
  '…': '...',
  '×': 'x',
  '≤': '<=',
  '≥': '>=',
  '–': '-',
  '—': '-',
  '“': '"',
  '”': '"',
  '’': "'",
  '\u00a0': ' ',
};

/** Running text: nothing in it is a request or an escape. */
export function escapeText(text: string): string {
  return [...text]
    .map((character) => {
      const plain = PLAIN[character] ?? character;
      return plain > '\u007e'
        ? `\\[u${plain.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`
        : plain;
    })
    .join('')
    .replace(/\\(?!\[u)/g, '\\e')
    .replace(/(?<!\\\[u[0-9A-F]*)-/g, '\\-')
    .replace(/'/g, '\\(aq')
    .replace(/^\./gm, '\\&.');
}

/** A page out of its pieces. A heading begins a paragraph by itself, and says so once. */
export function page(pieces: readonly string[]): string {
  return pieces.join('').replace(/^(\.S[HS] .*\n)\.PP\n/gm, '$1');
}

/** A macro's argument. */
function quoted(text: string): string {
  return `"${escapeText(text).replaceAll('"', '\\(dq')}"`;
}

export const bold = (escaped: string): string => `\\fB${escaped}\\fR`;
export const italic = (escaped: string): string => `\\fI${escaped}\\fR`;

export const heading = (text: string): string => `.SH ${quoted(text.toUpperCase())}\n`;
export const subheading = (text: string): string => `.SS ${quoted(text)}\n`;

/** A paragraph of escaped text. */
export const paragraph = (escaped: string): string => `.PP\n${escaped}\n`;

/** A term and, indented, what it means; both escaped. */
export const definition = (term: string, meaning: string): string => `.TP\n${term}\n${meaning}\n`;

/** A bullet of escaped text. */
export const bullet = (escaped: string): string => `.IP \\(bu 2\n${escaped}\n`;

/** Lines as they are. */
export function verbatim(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `.PP\n.nf\n.RS 4\n${lines.map(escapeText).join('\n')}\n.RE\n.fi\n`;
}

/** The first lines of a page. */
export function title(name: string, section: number, version: string): string {
  return [
    '.\\" Made by `npm run man`; the sources are the command table, the config schema and the documentation.',
    `.TH ${quoted(name.toUpperCase())} ${section} "" ${quoted(`memcache-ha ${version}`)} ${quoted('memcache-ha')}`,
    '.nh',
    '.ad l',
    '',
  ].join('\n');
}
