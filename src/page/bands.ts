/** A host's transitions as the times between them: which state it was in from when to when. */
import type { Transition } from '../daemon/history.ts';

export interface Band {
  /** Ms on this host's clock. */
  readonly from: number;
  readonly to: number;
  readonly state: string;
  readonly reason: string;
  readonly detail: string;
}

/**
 * Oldest first, cut to the span. `transitions` are newest first, on a clock that is `ahead` ms ahead; the newest state
 * lasts until `until`.
 */
export function bandsOf(
  transitions: readonly Transition[],
  ahead: number,
  until: number,
  [from, to]: readonly [number, number],
): Band[] {
  return transitions
    .map(({ at, to: state, reason, detail }, index): Band => {
      const newer = transitions[index - 1];
      const end = newer === undefined ? until : Date.parse(newer.at) - ahead;
      return { from: Date.parse(at) - ahead, to: end, state, reason, detail };
    })
    .filter((band) => band.to > from && band.from < to && band.to >= band.from)
    .map((band) => ({ ...band, from: Math.max(band.from, from), to: Math.min(band.to, to) }))
    .toReversed();
}
