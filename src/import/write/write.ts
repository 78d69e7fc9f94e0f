/** The model as YAML text for people: what was carried, and below it as comments what was not. */
import { append, type Collection, type Entry, isCollection, type Loss } from '../model.ts';
import { formatPosition } from '../read/source.ts';
import { formatScalar } from './scalar.ts';

/** How much of what was not carried is told in comments; the whole has to stay readable for `check`. */
export type Detail = 'statements' | 'reasons' | 'nothing';

/** Where the line of a list is broken. */
const LONGEST_LINE = 100;
/** Lists that are read down rather than across, as in keepalived.conf. */
const DOWN = new Set(['virtual_ipaddress', 'virtual_ipaddress_excluded']);

/** The text ends with a line break. `header` are the lines of the comment at its top. */
export function writeYaml(config: Collection, header: readonly string[], detail: Detail): string {
  const lines = header.map(comment);
  for (const { key, value, before = [] } of config.entries) {
    if (!isCollection(value) || (value.entries.length === 0 && value.losses.length === 0)) continue;
    append(lines, ['', ...before.map(comment)]);
    // A key without a value would be a value of its own: of such a section only the comments stay.
    if (value.entries.length > 0) lines.push(`${formatScalar(key!)}:`);
    append(lines, body(value, '  ', detail));
  }
  if (detail !== 'nothing' && config.losses.length > 0) {
    append(lines, ['', ...config.losses.flatMap((loss) => lossLines(loss, detail)).map(comment)]);
  }
  return `${lines.join('\n')}\n`;
}

function body(value: Collection, indent: string, detail: Detail): string[] {
  const lines = value.entries.flatMap((entry) => entryLines(entry, indent, detail));
  const losses =
    detail === 'nothing' ? [] : value.losses.flatMap((loss) => lossLines(loss, detail)).map(comment);
  return [...lines, ...losses.map((line) => indent + line)];
}

function entryLines(entry: Entry, indent: string, detail: Detail): string[] {
  const { key, value, before = [], remark } = entry;
  const lead = before.map((line) => indent + comment(line));
  const head = key === null ? `${indent}-` : `${indent}${formatScalar(key)}:`;
  const tail = remark === undefined ? '' : ` ${comment(remark)}`;
  if (!isCollection(value)) return [...lead, `${head} ${formatScalar(value)}${tail}`];
  const inner = value.losses.length > 0 && detail !== 'nothing';
  const flow = key === null || DOWN.has(key) || inner ? null : flowOf(value, `${head} [`);
  if (flow !== null) return [...lead, ...flow.with(-1, `${flow.at(-1)}${tail}`)];
  const empty = value.kind === 'list' ? ' []' : ' {}';
  return [
    ...lead,
    `${head}${value.entries.length === 0 ? empty : ''}${tail}`,
    ...body(value, `${indent}  `, detail),
  ];
}

/** `HEAD a, b]`, on several lines when it is long; null for what is no list of scalars. */
function flowOf({ kind, entries }: Collection, head: string): string[] | null {
  if (kind !== 'list' || entries.length === 0) return null;
  const lines = [head];
  for (const [i, { value, before, remark }] of entries.entries()) {
    if (isCollection(value) || before !== undefined || remark !== undefined) return null;
    const item = `${formatScalar(value)}${i === entries.length - 1 ? ']' : ','}`;
    const line = lines.at(-1)!;
    const space = line.endsWith('[') ? '' : ' ';
    if (i > 0 && line.length + item.length >= LONGEST_LINE) lines.push(' '.repeat(head.length) + item);
    else lines[lines.length - 1] = line + space + item;
  }
  return lines;
}

function lossLines({ what, reason, origin }: Loss, detail: Detail): string[] {
  const place = formatPosition(origin.at);
  const head = `not carried (${place}): `;
  const [first = what, ...more] = detail === 'statements' ? origin.text : [what];
  return [`${head}${more.length === 0 ? what : first}`, ...more, `  because: ${reason}`];
}

// Only what prints: a line break or a control character in a source must not end the comment.
function comment(text: string): string {
  const line = text
    .replaceAll('\t', '  ')
    .replace(/[\p{C}\u2028\u2029]/gu, '?')
    .trimEnd();
  return line === '' ? '#' : `# ${line}`;
}
