/**
 * The answer to memcached's `get` of the generation key, alone or behind that to `stats` on the same connection
 * (doc/protocol.txt, "Retrieval command"). Parses only.
 */
import { decodeGeneration, GENERATION_KEY, type Generation } from './generation.ts';
import { MAX_STATS_LENGTH, parseStats, type Stats } from './memcached-stats.ts';

/** An answer so far. `unread`: it is so long that it is no record, and most of it has not arrived. */
export type GenerationAnswer =
  | { readonly kind: 'complete'; readonly record: Generation | null; readonly unread: boolean }
  | { readonly kind: 'partial' }
  | { readonly kind: 'bad'; readonly detail: string };

/** The same together with the statistics. */
export type CopyAnswer =
  | {
      readonly kind: 'complete';
      readonly stats: Stats;
      readonly record: Generation | null;
      readonly unread: boolean;
    }
  | { readonly kind: 'partial' }
  | { readonly kind: 'bad'; readonly detail: string };

export const GENERATION_REQUEST = `get ${GENERATION_KEY}\r\n`;

/** Both at once, so that no good answer to `stats` is ever without the record of the same process. */
export const COPY_REQUEST = `stats\r\n${GENERATION_REQUEST}`;

/** Longer than any record: whatever else somebody stored there is not waited for. */
const LONGEST_RECORD = 256;

const VALUE = /^VALUE (\S+) \d+ (\d+)(?: \d+)?$/;
const END = 'END\r\n';

/** Parses what has arrived since GENERATION_REQUEST was sent. What is stored there and no record counts as none. */
export function parseGeneration(text: string): GenerationAnswer {
  const lineEnd = text.indexOf('\r\n');
  if (lineEnd === -1) {
    return text.length > MAX_STATS_LENGTH ? unexpected(text) : { kind: 'partial' };
  }
  const line = text.slice(0, lineEnd);
  if (line === 'END') return ended(text.slice(lineEnd + 2), null);
  const [, key, length] = VALUE.exec(line) ?? [];
  if (key !== GENERATION_KEY) return unexpected(line);
  if (Number(length) > LONGEST_RECORD) return { kind: 'complete', record: null, unread: true };
  const start = lineEnd + 2;
  const end = start + Number(length);
  const rest = `\r\n${END}`;
  const after = text.slice(end, end + rest.length);
  if (!rest.startsWith(after)) return unexpected(text.slice(start));
  if (after !== rest) return { kind: 'partial' };
  return ended(text.slice(end + rest.length), decodeGeneration(text.slice(start, end)));
}

/** Parses what has arrived since COPY_REQUEST was sent. */
export function parseCopy(text: string): CopyAnswer {
  // Each line of the statistics begins with STAT, so the first line that is END ends them.
  const [statsText] = /^END\r\n|^[\s\S]*?\r\nEND\r\n/.exec(text) ?? [text];
  const stats = parseStats(statsText);
  if (stats.kind !== 'complete') return stats;
  const answer = parseGeneration(text.slice(statsText.length));
  return answer.kind === 'complete' ? { ...answer, stats: stats.stats } : answer;
}

function ended(rest: string, record: Generation | null): GenerationAnswer {
  if (rest !== '') return { kind: 'bad', detail: 'more than one answer' };
  return { kind: 'complete', record, unread: false };
}

function unexpected(text: string): { kind: 'bad'; detail: string } {
  return { kind: 'bad', detail: `unexpected answer to get: ${text.slice(0, 80)}` };
}
