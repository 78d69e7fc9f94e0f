/**
 * What has become of an instance, as far as it is kept: its latest transitions and takeovers. In memory only, and with a
 * bound, so that a host that flaps for a year keeps no more than one that flaps for an hour.
 */
import type { StateName, TransitionReason } from '../core/vrrp/state.ts';

/** Transitions that `status` tells. */
const TOLD = 10;
/** Transitions and takeovers that are kept for the page. */
const KEPT = 100;

/** One transition; `at` is wall-clock time (ISO 8601). */
export interface Transition {
  readonly at: string;
  readonly from: StateName;
  readonly to: StateName;
  readonly reason: TransitionReason;
  /** For people; may be empty. */
  readonly detail: string;
}

/** One takeover: how long it took from the decision to the end of the first burst of gratuitous ARP. */
export interface Takeover {
  /** Its end, ISO 8601. */
  readonly at: string;
  readonly ms: number;
}

export interface History {
  add(transition: Transition): void;
  tookOver(takeover: Takeover): void;
  /** The ten newest; newest first. */
  readonly latest: readonly Transition[];
  /** Newest first. */
  readonly transitions: readonly Transition[];
  /** Newest first. */
  readonly takeovers: readonly Takeover[];
}

export function createHistory(): History {
  let transitions: readonly Transition[] = [];
  let takeovers: readonly Takeover[] = [];
  let latest: readonly Transition[] = [];
  return {
    add(transition) {
      transitions = [transition, ...transitions].slice(0, KEPT);
      latest = transitions.slice(0, TOLD);
    },
    tookOver(takeover) {
      takeovers = [takeover, ...takeovers].slice(0, KEPT);
    },
    get latest() {
      return latest;
    },
    get transitions() {
      return transitions;
    },
    get takeovers() {
      return takeovers;
    },
  };
}
