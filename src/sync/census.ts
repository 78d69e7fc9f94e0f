/**
 * Whether a memcached's list of its keys was whole. `lru_crawler metadump all` walks each LRU by itself, while memcached
 * moves items from one to another: what moves from one that is still to be walked to one that has been walked is not
 * listed. Of a small cache that is read often that may be all of it (seen with 1.6.18: 0 of 300 keys). Pure.
 */
import type { Stats } from '../core/memcached-stats.ts';
import { stat } from './watch.ts';

/** How many items a memcached counts, and how many have left it since its start. */
export interface Census {
  readonly items: number;
  readonly gone: number;
}

/** What makes items fewer (memcached doc/protocol.txt, "General-purpose statistics"). */
const DEPARTURES = ['delete_hits', 'get_expired', 'reclaimed', 'crawler_reclaimed', 'evictions'] as const;
/** Of so many listed keys one may be taken for another one, see key-filter.ts. */
const MISTAKEN = 100_000;

/** Out of `stats`. */
export function takeCensus(stats: Stats): Census {
  return {
    items: stat(stats, 'curr_items'),
    gone: DEPARTURES.reduce((sum, name) => sum + stat(stats, name), 0),
  };
}

/** What lists of keys had, and what memcached counted before the first and after the last one. */
export interface Listing {
  /** Different keys. */
  readonly keys: number;
  readonly before: Census;
  readonly after: Census;
}

/**
 * How many items the lists lack; 0 or less: they are whole, as far as can be told. Items that left while they were made need
 * not be in them. Items that have expired and were not thrown away yet are counted, and are in no list.
 */
export function shortfall({ keys, before, after }: Listing): number {
  const least = Math.min(before.items, after.items);
  return least - (after.gone - before.gone) - Math.floor(least / MISTAKEN) - keys;
}
