/** How a check tells its results. */
import type { Stats } from '../../core/memcached-stats.ts';
import type { CheckResult } from '../../core/track.ts';

/** What a check measured beside its result. */
export interface Measured {
  /** From a memcached that answered. */
  readonly stats?: Stats;
  readonly tookSeconds?: number;
  /** A track_file's number. */
  readonly value?: number;
}

export type Report = (result: CheckResult, measured?: Measured) => void;
