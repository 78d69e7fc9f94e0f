/** The answer to memcached's `stats` (doc/protocol.txt, "General-purpose statistics"). Parses only. */

/** The statistics by name, values as sent. */
export type Stats = ReadonlyMap<string, string>;

/** An answer so far: whole, not yet whole, or something that no memcached says. */
export type StatsAnswer =
  | { readonly kind: 'complete'; readonly stats: Stats }
  | { readonly kind: 'partial' }
  | { readonly kind: 'bad'; readonly detail: string };

/** Longest answer that is read, in bytes; memcached's own is about 3 kB. */
export const MAX_STATS_LENGTH = 65_536;

const LINE = /^STAT (\S+) ?(.*)$/;

/** Parses what has arrived since `stats` was sent. */
export function parseStats(text: string): StatsAnswer {
  const lines = text.split('\r\n');
  const rest = lines.pop()!;
  const stats = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    if (line === 'END') {
      if (i < lines.length - 1 || rest !== '') return { kind: 'bad', detail: 'more than one answer' };
      return { kind: 'complete', stats };
    }
    const match = LINE.exec(line);
    if (match === null) return { kind: 'bad', detail: `unexpected answer to stats: ${line.slice(0, 80)}` };
    stats.set(match[1]!, match[2]!);
  }
  if (text.length > MAX_STATS_LENGTH) return { kind: 'bad', detail: 'answer to stats is too long' };
  return { kind: 'partial' };
}
