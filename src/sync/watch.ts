/**
 * What two memcacheds tell of themselves while one is copied to the other: whether somebody emptied one of them, and
 * whether the target has begun to evict. Asked again and again, and once more before the copy is called whole.
 */
import type { Stats } from '../core/memcached-stats.ts';
import type { Failure } from './copy-batch.ts';
import type { Clock, Peer } from './ports.ts';

/** Between two looks, in ms. */
const WATCH_INTERVAL = 1_000;

/** What a copy must know of its two sides before it begins. */
export interface Facts {
  readonly source: Stats;
  readonly target: Stats;
  readonly targetSettings: Stats;
}

/** A number out of statistics; 0 when it is not there. */
export function stat(stats: Stats, name: string): number {
  const value = Number(stats.get(name));
  return Number.isFinite(value) ? value : 0;
}

type Both = Pick<Facts, 'source' | 'target'>;

function askBoth(
  source: Peer,
  target: Peer,
  take: (both: Both) => void,
  lost: (failure: Failure) => void,
): void {
  source.stats(
    'general',
    (ofSource) =>
      target.stats(
        'general',
        (ofTarget) => take({ source: ofSource, target: ofTarget }),
        (reason) => lost({ peer: 'target', reason }),
      ),
    (reason) => lost({ peer: 'source', reason }),
  );
}

/** Asks both sides. */
export function askFacts(
  source: Peer,
  target: Peer,
  take: (facts: Facts) => void,
  lost: (failure: Failure) => void,
): void {
  const askSettings = (both: Both): void =>
    target.stats(
      'settings',
      (targetSettings) => take({ ...both, targetSettings }),
      (reason) => lost({ peer: 'target', reason }),
    );
  askBoth(source, target, askSettings, lost);
}

/** Why nothing can be copied from or to a memcached with these statistics; null: it can. */
export function whyUnfit(stats: Stats): string | null {
  const version = stats.get('version') ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 1 || (major === 1 && minor >= 6)) return null;
  return `its version is ${version === '' ? 'not told' : version}, and meta commands need memcached 1.6 or later`;
}

/** Told of every look: how many items the target evicted since the beginning, and what the source says of itself. */
export type Seen = (evictions: number, source: Stats) => void;

export interface Watch {
  /** Looks once more. */
  look(seen: Seen): void;
  /** Nothing is told afterwards. */
  stop(): void;
}

/** Begins with what is known at the beginning. `onFailed` is told at most once, and ends it. */
export function startWatch(
  source: Peer,
  target: Peer,
  clock: Clock,
  facts: Facts,
  onSeen: Seen,
  onFailed: (failure: Failure) => void,
): Watch {
  let stopped = false;
  let cancelTimer: () => void = () => {};

  const fail = (failure: Failure): void => {
    if (stopped) return;
    stop();
    onFailed(failure);
  };

  const stop = (): void => {
    stopped = true;
    cancelTimer();
  };

  const look = (seen: Seen): void => {
    askBoth(
      source,
      target,
      (now) => {
        if (stopped) return;
        for (const peer of ['source', 'target'] as const) {
          if (stat(now[peer], 'cmd_flush') === stat(facts[peer], 'cmd_flush')) continue;
          fail({ peer, reason: 'was emptied during the copy (flush_all)' });
          return;
        }
        seen(stat(now.target, 'evictions') - stat(facts.target, 'evictions'), now.source);
      },
      fail,
    );
  };

  const lookLater = (): void => {
    cancelTimer = clock.at(clock.now() + WATCH_INTERVAL, () =>
      look((evictions, now) => {
        lookLater();
        onSeen(evictions, now);
      }),
    );
  };

  lookLater();
  return { look, stop };
}
