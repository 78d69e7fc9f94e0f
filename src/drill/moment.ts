/** A moment of a drill: one thing that was done or seen, by whom and when. What its timeline is made of. Pure. */
import type { HostLabel } from './hosts.ts';

/** How it is shown. `act`: by the drill itself. */
export type Mood = 'act' | 'bad' | 'good' | 'plain';

export interface Moment {
  /** Milliseconds on this host's CLOCK_MONOTONIC; of another host's as far as its clock can be compared. */
  readonly t: number;
  readonly who: 'drill' | 'client' | HostLabel;
  readonly mood: Mood;
  readonly text: string;
}
