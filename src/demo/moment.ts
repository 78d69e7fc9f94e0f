/** A moment: one thing that was seen, by whom and when. What the timeline is made of. Pure. */
import type { Label } from './settings.ts';

/** Who saw it: a host (its daemon, its kernel), the wire (a capture), the client, or the demo itself who did it. */
export type Witness = Label | 'wire' | 'client' | 'demo';

/**
 * What was seen, in the order in which things of one and the same millisecond follow from each other: logs and
 * captures are right to a millisecond, and many a step takes less.
 */
export const KINDS = [
  'act',
  'answers-lost',
  'memcached-down',
  'memcached-up',
  'proxy-died',
  'stopping',
  'fault',
  'stop',
  'resigns',
  'backup',
  'master',
  'advertises',
  'vip-on',
  'arp',
  'vip-off',
  'proxy-stopped',
  'proxy-listens',
  'answers-again',
  'hook',
  'stopped',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Moment {
  /** Milliseconds on CLOCK_MONOTONIC. */
  readonly t: number;
  readonly witness: Witness;
  /** Whom it is about, when the witness is the wire. */
  readonly about?: Label;
  readonly kind: Kind;
  readonly text: string;
  /** What the time before it was spent on, for a moment that was long in coming. */
  readonly waited?: string;
}

/** The host that a moment is about; null for the client and the demo. */
export function subject({ witness, about }: Moment): Label | null {
  return witness === 'A' || witness === 'B' ? witness : (about ?? null);
}
