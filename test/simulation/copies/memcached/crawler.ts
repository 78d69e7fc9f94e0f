/**
 * `lru_crawler metadump all`: walks the items while commands go on, so that what was stored meanwhile may be missed, and
 * what is gone is not shown. One at a time; its connection takes no commands until it is through.
 */
import type { Prng } from '../../prng.ts';
import type { Session } from './session.ts';
import { itemSize, slabClass } from './size.ts';
import type { Item, Store } from './store.ts';

/** Chance that the crawler misses an item that moved to another place of the list under its feet. */
const MISS_CHANCE = 0.3;

/** Answers `lru_crawler …`. */
export function dumpCommand(session: Session, tokens: readonly string[]): void {
  const { out } = session;
  if (tokens.length !== 3 || tokens[1] !== 'metadump') {
    out.push('ERROR\r\n');
  } else if (out.length > 0) {
    out.push('ERROR cannot pipeline other commands before metadump\r\n');
  } else if (tokens[2] !== 'all') {
    out.push('BADCLASS invalid class id\r\n');
  } else if (!session.startDump()) {
    out.push('BUSY currently processing crawler request\r\n');
  }
}

export interface Crawl {
  /** The lines of the next `count` items; null when it is through. */
  next(count: number): string | null;
}

/** Starts a walk. `started`: seconds since 1970 when the process's clock was 0. */
export function startCrawl(store: Store, prng: Prng, started: number): Crawl {
  const before = new Set(store.items.values());
  const keys = [...store.items.keys()];
  let position = 0;
  return {
    next(count) {
      if (position >= keys.length) return null;
      let text = '';
      for (const key of keys.slice(position, position + count)) {
        const item = store.items.get(key);
        if (item === undefined || store.isDead(item)) continue;
        if (!before.has(item) && prng.chance(MISS_CHANCE)) continue;
        text += dumpLine(item, started);
      }
      position += count;
      return text;
    },
  };
}

function dumpLine(item: Item, started: number): string {
  const size = itemSize(item);
  const expiry = item.exptime === 0 ? -1 : item.exptime + started;
  const fetched = item.fetched ? 'yes' : 'no';
  return `key=${uriEncoded(item.key)} exp=${expiry} la=${item.time + started} cas=${item.cas} fetch=${fetched} cls=${slabClass(size)} size=${size}\n`;
}

/** memcached encodes what RFC 3986 does not call unreserved, byte by byte. */
function uriEncoded(key: string): string {
  return key.replace(
    /[^A-Za-z0-9\-._~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
