/** How a check tells its results. */
import type { Stats } from '../../core/memcached-stats.ts';
import type { CheckResult } from '../../core/track.ts';
import type { LocalCopy } from '../../core/warmth.ts';

/** What a check measured beside its result. */
export interface Measured {
  /** From a memcached that answered. */
  readonly stats?: Stats;
  readonly tookSeconds?: number;
  /** From a memcached that answered and is compared with its peer. */
  readonly copy?: LocalCopy;
  /** A track_file's number. */
  readonly value?: number;
}

export type Report = (result: CheckResult, measured?: Measured) => void;
