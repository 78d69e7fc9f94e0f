/** keepalived's `~SEQ(var, start, step, end) TEXT` and `~LST(var, a, b) TEXT`: one line that stands for several. */

/** The parameters of one turn. */
export type Turn = readonly (readonly [name: string, value: string])[];

export type Sequence =
  | { readonly ok: true; readonly turns: Iterable<Turn>; readonly text: string }
  | { readonly ok: false; readonly reason: string };

const HEAD = /^~(SEQx?|LST)[ \t]*\(/;

/** True for a line that begins with one of the two. */
export function isSequence(line: string): boolean {
  return HEAD.test(line);
}

/** `substitute` fills in parameters within the parentheses of a ~SEQ. */
export function parseSequence(line: string, substitute: (text: string) => string): Sequence {
  const kind = HEAD.exec(line);
  const close = line.indexOf(')');
  if (kind === null || close < 0) return { ok: false, reason: 'the parenthesis is not closed' };
  const inside = line.slice(kind[0].length, close);
  const text = line.slice(close + 1).replace(/^[ \t]+/, '');
  const turns = kind[1] === 'LST' ? list(inside) : numbers(inside, substitute, kind[1] === 'SEQx');
  return typeof turns === 'string' ? { ok: false, reason: turns } : { ok: true, turns, text };
}

function numbers(
  inside: string,
  substitute: (text: string) => string,
  hexadecimal: boolean,
): Iterable<Turn> | string {
  const comma = inside.indexOf(',');
  const name = inside.slice(0, Math.max(comma, 0)).trim();
  const parts = substitute(inside.slice(comma + 1))
    .split(',')
    .map((part) => integer(part.trim()));
  if (name === '' || parts.length > 3 || parts.includes(null)) {
    return 'must be ~SEQ(VAR, [START, [STEP,]] END)';
  }
  const values = parts as number[];
  const end = values.at(-1)!;
  const start = values.length > 1 ? values[0]! : end < 0 ? -1 : 1;
  const step = values.length > 2 ? values[1]! : start <= end ? 1 : -1;
  if (step === 0 || (start < end && step < 0) || (start > end && step > 0)) return 'never reaches its end';
  return count(name, start, step, end, hexadecimal ? 16 : 10);
}

function* count(name: string, start: number, step: number, end: number, base: number): Iterable<Turn> {
  for (let n = start; step > 0 ? n <= end : n >= end; n += step) yield [[name, n.toString(base)]];
}

/** As C reads it: decimal, 0x for hexadecimal, a leading 0 for octal. */
function integer(text: string): number | null {
  const match = /^([+-]?)(0[xX][0-9A-Fa-f]{1,8}|0[0-7]{1,10}|\d{1,10})$/.exec(text);
  if (match === null) return null;
  const [, sign, digits = ''] = match;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -value : value;
}

function list(inside: string): Turn[] | string {
  const items: string[][] = [];
  const item = /[ \t]*(?:\{([^{}]*)\}|([^,{}]*))[ \t]*(?:,|$)/y;
  while (item.lastIndex < inside.length) {
    const match = item.exec(inside);
    if (match === null) return 'must be ~LST(VAR, A, B, ...) or ~LST({VAR, ...}, {A, ...}, ...)';
    items.push((match[1] ?? match[2]!).split(',').map((word) => word.trim()));
  }
  const [names, ...turns] = items;
  if (names === undefined || names.includes('') || turns.length === 0)
    return 'names no parameter or no value';
  if (turns.some((turn) => turn.length > names.length)) return 'has more values than parameters';
  return turns.map((turn) => names.map((name, i) => [name, turn[i] ?? ''] as const));
}
