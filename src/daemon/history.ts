/** The latest transitions of an instance, for `status`. */
import type { StateName, TransitionReason } from '../core/vrrp/state.ts';

const KEPT = 10;

/** One transition; `at` is wall-clock time (ISO 8601). */
export interface Transition {
  readonly at: string;
  readonly from: StateName;
  readonly to: StateName;
  readonly reason: TransitionReason;
  /** For people; may be empty. */
  readonly detail: string;
}

export interface History {
  add(transition: Transition): void;
  /** Newest first. */
  readonly latest: readonly Transition[];
}

export function createHistory(): History {
  let latest: readonly Transition[] = [];
  return {
    add(transition) {
      latest = [transition, ...latest].slice(0, KEPT);
    },
    get latest() {
      return latest;
    },
  };
}
