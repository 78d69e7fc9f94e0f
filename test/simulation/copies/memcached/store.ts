/**
 * The items of one memcached: CAS numbers, times to live, flush_all, and eviction beyond a number of items. As memcached
 * 1.6.18 (memcached.c, items.c) behaves; no protocol here. Times are whole seconds on the process's own clock.
 */

export interface Item {
  readonly key: string;
  value: string;
  flags: number;
  /** On the process's clock; 0: never. */
  exptime: number;
  /** Last stored, or last counted as used. */
  time: number;
  cas: number;
  fetched: boolean;
  active: boolean;
  stale: boolean;
  tokenSent: boolean;
  /** Stored under a base64 key by ms: only then the key is sent back in base64. */
  binaryKey: boolean;
  /** Answers that still refer to it: incr then makes a new item. */
  readers: number;
}

/** What happened to a key, told after it did; null: there is no such item any more. */
export type OnChange = (key: string, item: Item | null) => void;

export interface Store {
  readonly items: ReadonlyMap<string, Item>;
  readonly now: number;
  readonly counters: { flushes: number; evictions: number; stored: number };
  /** The item, if it is alive; what is expired or flushed goes now. `bump`: counts as a use. */
  find(key: string, bump: boolean): Item | null;
  /** Puts a new item in the place of what was there, with a new CAS number. */
  link(key: string, value: string, flags: number, exptime: number): Item;
  unlink(key: string): void;
  /** A new CAS number for an item that is changed in place. */
  renew(item: Item): void;
  /** Tells of a change in place. */
  changed(item: Item): void;
  /** An exptime of a request on the process's clock. */
  realtime(exptime: number): number;
  flushAll(exptime: number): void;
  /** Expired or flushed, but not gone yet. */
  isDead(item: Item): boolean;
}

const THIRTY_DAYS_S = 30 * 24 * 3600;
/** memcached's clock starts at this, so that 0 and 1 are long over. */
const CLOCK_START_S = 62;

/** `seconds`: the machine's clock, since 1970. `capacity`: items beyond it push the least recently used one out. */
export function createStore(seconds: () => number, capacity: number, onChange: OnChange): Store {
  const items = new Map<string, Item>();
  const startedAt = seconds() - CLOCK_START_S;
  const counters = { flushes: 0, evictions: 0, stored: 0 };
  let casNumber = 0;
  let oldestLive = 0;
  let oldestCas = 0;

  const clock = (): number => seconds() - startedAt;

  const isDead = (item: Item): boolean => {
    const now = clock();
    if (oldestLive !== 0 && oldestLive <= now && (item.time <= oldestLive || item.cas < oldestCas))
      return true;
    return item.exptime !== 0 && item.exptime <= now;
  };

  const evict = (): void => {
    for (const item of items.values()) {
      items.delete(item.key);
      counters.evictions++;
      onChange(item.key, null);
      return;
    }
  };

  return {
    items,
    get now() {
      return clock();
    },
    counters,
    find(key, bump) {
      const item = items.get(key);
      if (item === undefined) return null;
      if (isDead(item)) {
        items.delete(key);
        return null;
      }
      if (bump) {
        if (item.fetched && !item.active) {
          item.active = true;
          item.time = clock();
        }
        item.fetched = true;
        if (capacity !== Number.POSITIVE_INFINITY) {
          items.delete(key);
          items.set(key, item);
        }
      }
      return item;
    },
    link(key, value, flags, exptime) {
      const item: Item = {
        key,
        value,
        flags,
        exptime,
        time: clock(),
        cas: ++casNumber,
        fetched: false,
        active: false,
        stale: false,
        tokenSent: false,
        binaryKey: false,
        readers: 0,
      };
      items.delete(key);
      items.set(key, item);
      counters.stored++;
      if (items.size > capacity) evict();
      onChange(key, item);
      return item;
    },
    unlink(key) {
      items.delete(key);
      onChange(key, null);
    },
    renew(item) {
      item.cas = ++casNumber;
    },
    changed(item) {
      onChange(item.key, item);
    },
    realtime(exptime) {
      const given = exptime < 0 ? THIRTY_DAYS_S + 1 : exptime;
      if (given === 0) return 0;
      if (given <= THIRTY_DAYS_S) return given + clock();
      return given <= startedAt ? 1 : given - startedAt;
    },
    flushAll(exptime) {
      counters.flushes++;
      const now = clock();
      // As memcached has it: a delayed flush takes back one that was carried out, for what is still in memory.
      oldestLive = (exptime > 0 ? this.realtime(exptime) : now) - 1;
      if (oldestLive <= now) oldestCas = ++casNumber;
    },
    isDead,
  };
}
