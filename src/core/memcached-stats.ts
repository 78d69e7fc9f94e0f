/** The answer to memcached's `stats` (doc/protocol.txt, "General-purpose statistics"). Parses only. */

/** The statistics by name, values as sent. */
export type Stats = Pick<ReadonlyMap<string, string>, 'get' | typeof Symbol.iterator>;

/** An answer so far: whole, not yet whole, or something that no memcached says. */
export type StatsAnswer =
  | { readonly kind: 'complete'; readonly stats: Stats }
  | { readonly kind: 'partial' }
  | { readonly kind: 'bad'; readonly detail: string };

/** Longest answer that is read, in bytes; memcached's own is about 3 kB. */
export const MAX_STATS_LENGTH = 65_536;

const LINE = /^STAT (\S+) ?(.*)$/;
const LINES = new RegExp(LINE, 'gm');
/** A whole answer, and nothing else. */
const WHOLE = /^(?:STAT \S[^\r\n]*\r\n)*END\r\n$/;

/**
 * Parses what has arrived since `stats` was sent. Of a whole answer each line is checked, and read when somebody asks for a
 * value: most answers are only a sign of life, and a hundred of them in a second are a lot of strings.
 */
export function parseStats(text: string): StatsAnswer {
  if (WHOLE.test(text)) return { kind: 'complete', stats: readOnDemand(text) };
  const lines = text.split('\r\n');
  const rest = lines.pop()!;
  for (const [i, line] of lines.entries()) {
    if (line === 'END' && (i < lines.length - 1 || rest !== ''))
      return { kind: 'bad', detail: 'more than one answer' };
    if (!LINE.test(line)) return { kind: 'bad', detail: `unexpected answer to stats: ${line.slice(0, 80)}` };
  }
  if (text.length > MAX_STATS_LENGTH) return { kind: 'bad', detail: 'answer to stats is too long' };
  return { kind: 'partial' };
}

/** The statistics of a whole answer. */
function readOnDemand(text: string): Stats {
  let read: ReadonlyMap<string, string> | null = null;
  const all = (): ReadonlyMap<string, string> => {
    read ??= new Map(Array.from(text.matchAll(LINES), ([, name, value]) => [name!, value!]));
    return read;
  };
  return { get: (name) => all().get(name), [Symbol.iterator]: () => all()[Symbol.iterator]() };
}
