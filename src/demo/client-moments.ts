/** What the client lived through, as moments: of each longer time without a right answer its begin and its end. Pure. */
import type { GapEvent } from '../lab/client-ledger.ts';
import type { Moment } from './moment.ts';

/** Shorter gaps than this many ms may be the machine's own noise and are not shown, unless one is the longest. */
const NOISE = 20;

/** The gaps that ended after `from`; `events` are the client's. */
export function clientMoments(events: readonly GapEvent[], from: number): Moment[] {
  const gaps = events.filter(({ t, event }) => event === 'answered-again' && t > from);
  const longest = Math.max(0, ...gaps.map(({ gap }) => gap));
  return gaps
    .filter(({ gap }) => gap >= Math.min(NOISE, longest))
    .flatMap(({ t, gap, reason }): Moment[] => [
      // The last right answer may have come a moment before the fault.
      {
        t: Math.max(from, t - gap),
        witness: 'client',
        kind: 'answers-lost',
        text: `unanswered: ${inWords(reason)}`,
      },
      { t, witness: 'client', kind: 'answers-again', text: `answered again, ${milliseconds(gap)} without` },
    ]);
}

/** The client's own words say `no answer` of a request that it gave up. */
const inWords = (reason: string) => reason.replace(/^no answer within/, 'silence for');

/** Milliseconds for people: whole ones, or one decimal below ten. */
export function milliseconds(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}
