/**
 * What the client lived through: which of its longer times without a right answer go with what was done to the hosts,
 * and which are the machine's own. Pure.
 */
import type { GapEvent } from '../lab/client-ledger.ts';
import type { Kind, Moment } from './moment.ts';

/** A gap that began so many ms after a host did something may still come of it; and no later. */
const AFTERWARDS = 100;

/** What can cost the client an answer. */
const CAUSES: ReadonlySet<Kind> = new Set<Kind>([
  ...(['act', 'memcached-down', 'proxy-died', 'fault', 'stop', 'master', 'backup'] as const),
  ...(['vip-on', 'arp', 'vip-off', 'proxy-stopped', 'proxy-listens'] as const),
]);

export interface Felt {
  /** Begin and end of each gap that goes with one of the causes. */
  readonly moments: readonly Moment[];
  /** The longest of those, in ms; 0: none was longer than the client's threshold. */
  readonly longest: number;
  /** The longest of the others, when the hosts did nothing, in ms. */
  readonly noise: number;
}

/**
 * The gaps that ended after `from`.
 * @param events the client's
 * @param others what else was seen
 */
export function feltByClient(events: readonly GapEvent[], others: readonly Moment[], from: number): Felt {
  const causes = [from, ...others.filter(({ kind }) => CAUSES.has(kind)).map(({ t }) => t)];
  const gaps = events.filter(({ t, event }) => event === 'answered-again' && t > from);
  const isCaused = ({ t, gap }: GapEvent) =>
    causes.some((cause) => cause <= t && cause > t - gap - AFTERWARDS);
  const caused = gaps.filter(isCaused);
  const longest = longestOf(caused);
  const moments = caused
    .filter(({ gap }) => gap >= Math.min(NOTABLE, longest))
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
  return { moments, longest, noise: longestOf(gaps.filter((gap) => !isCaused(gap))) };
}

/** Shorter gaps than this many ms are not shown, unless one is the longest. */
const NOTABLE = 20;

const longestOf = (gaps: readonly GapEvent[]) => Math.max(0, ...gaps.map(({ gap }) => gap));

/** The client's own words say `no answer` of a request that it gave up. */
const inWords = (reason: string) => reason.replace(/^no answer within/, 'silence for');

/** Milliseconds for people: whole ones, or one decimal below ten. */
export function milliseconds(value: number): string {
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}
