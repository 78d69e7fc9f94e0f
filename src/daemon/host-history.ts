/** What has happened on this host, for the page: `/history`. Its keys are stable; times are this host's clock. */
import type { History, Takeover, Transition } from './history.ts';
import type { ProbeSample, ProbeTimes } from './probe-times.ts';

export interface HostHistory {
  /** When this was said, ISO 8601. */
  readonly now: string;
  readonly instances: readonly {
    readonly name: string;
    /** Newest first. */
    readonly transitions: readonly Transition[];
    /** Newest first. */
    readonly takeovers: readonly Takeover[];
  }[];
  readonly memcached: readonly {
    readonly name: string;
    /** The slowest probe of each second, oldest first. */
    readonly probes: readonly ProbeSample[];
  }[];
}

export function composeHistory(
  instances: ReadonlyMap<string, { readonly history: History }>,
  memcached: ReadonlyMap<string, ProbeTimes>,
): HostHistory {
  return {
    now: new Date().toISOString(),
    instances: [...instances].map(([name, { history }]) => ({
      name,
      transitions: history.transitions,
      takeovers: history.takeovers,
    })),
    memcached: [...memcached].map(([name, times]) => ({ name, probes: times.samples() })),
  };
}
