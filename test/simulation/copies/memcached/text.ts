/**
 * The classic text commands of memcached 1.6.18 (doc/protocol.txt), for well-formed requests and the mistakes that depend
 * on what is stored. Pure but for the session's store.
 */
import { dumpCommand } from './crawler.ts';
import { counted } from './numbers.ts';
import { ITEM_SIZE_MAX, MAX_KEY, release, type Session } from './session.ts';
import { statsCommand } from './stats.ts';
import type { Item } from './store.ts';

const BAD_FORMAT = 'CLIENT_ERROR bad command line format\r\n';

/** A storage command: how many bytes follow its line, or -1 when it is none. */
export function dataLength(tokens: readonly string[]): number {
  switch (tokens[0]) {
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      return tokens.length >= 5 && /^\d{1,9}$/.test(tokens[4]!) ? Number(tokens[4]) : -1;
    case 'ms':
      return tokens.length >= 3 && /^\d{1,9}$/.test(tokens[2]!) ? Number(tokens[2]) : -1;
    default:
      return -1;
  }
}

/** Carries out a command other than a meta command; `data` is what followed its line. */
export function textCommand(session: Session, tokens: readonly string[], data: string): void {
  const { store, out } = session;
  const muted = tokens.length > 1 && tokens[tokens.length - 1] === 'noreply';
  const say = (line: string): void => {
    if (!muted) out.push(line);
  };
  const key = tokens[1] ?? '';
  switch (tokens[0]) {
    case 'get':
    case 'gets':
      retrieve(session, tokens.slice(1), tokens[0] === 'gets', null);
      return;
    case 'gat':
    case 'gats':
      retrieve(session, tokens.slice(2), tokens[0] === 'gats', store.realtime(Number(tokens[1])));
      return;
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend':
    case 'cas':
      say(storage(session, tokens[0], tokens, data));
      return;
    case 'incr':
    case 'decr':
      say(arithmetic(session, key, tokens[2]!, tokens[0] === 'incr'));
      return;
    case 'delete': {
      if (key.length > MAX_KEY) return say(BAD_FORMAT);
      const found = store.find(key, false) !== null;
      // Told to whoever watches even when there was nothing: what is deleted is not there.
      store.unlink(key);
      return say(found ? 'DELETED\r\n' : 'NOT_FOUND\r\n');
    }
    case 'touch': {
      const item = store.find(key, true);
      if (item === null) return say('NOT_FOUND\r\n');
      item.exptime = store.realtime(Number(tokens[2]));
      return say('TOUCHED\r\n');
    }
    case 'flush_all': {
      const delay = tokens.length === (muted ? 2 : 1) ? 0 : Number(tokens[1]);
      store.flushAll(delay);
      return say('OK\r\n');
    }
    case 'version':
      return say('VERSION 1.6.18\r\n');
    case 'verbosity':
      return say('OK\r\n');
    case 'stats':
      out.push(statsCommand(session, tokens.slice(1)));
      return;
    case 'lru_crawler':
      dumpCommand(session, tokens);
      return;
    default:
      out.push('ERROR\r\n');
  }
}

function retrieve(session: Session, keys: readonly string[], withCas: boolean, exptime: number | null): void {
  const { store, out } = session;
  for (const key of keys) {
    const item = store.find(key, true);
    if (item === null) continue;
    if (exptime !== null) item.exptime = exptime;
    const cas = withCas ? ` ${item.cas}` : '';
    out.push(`VALUE ${key} ${item.flags} ${item.value.length}${cas}\r\n${item.value}\r\n`);
  }
  out.push('END\r\n');
  // Unlike all others, get sends its answer, and those before it, at once.
  release(session);
}

function storage(session: Session, command: string, tokens: readonly string[], data: string): string {
  const { store } = session;
  const key = tokens[1]!;
  if (key.length > MAX_KEY) return BAD_FORMAT;
  const value = data.slice(0, -2);
  if (!data.endsWith('\r\n')) return 'CLIENT_ERROR bad data chunk\r\n';
  const flags = Number(tokens[2]);
  const exptime = store.realtime(Number(tokens[3]));
  const cas = command === 'cas' ? Number(tokens[5]) : 0;
  return TEXT_RESULT[storeItem(session, command, key, value, flags, exptime, cas, false).result];
}

const TEXT_RESULT = {
  stored: 'STORED\r\n',
  'not stored': 'NOT_STORED\r\n',
  exists: 'EXISTS\r\n',
  'not found': 'NOT_FOUND\r\n',
  'too large': 'SERVER_ERROR object too large for cache\r\n',
} as const;

export type StoreResult = keyof typeof TEXT_RESULT;

/** `command`: set, add, replace, append, prepend or cas. `staleAllowed`: ms with I, a lower CAS number stores as stale. */
export function storeItem(
  session: Session,
  command: string,
  key: string,
  value: string,
  flags: number,
  exptime: number,
  cas: number,
  staleAllowed: boolean,
): { readonly result: StoreResult; readonly item: Item | null } {
  const { store } = session;
  if (value.length > ITEM_SIZE_MAX - 512) {
    if (command === 'set') store.unlink(key);
    return { result: 'too large', item: null };
  }
  const old = store.find(key, false);
  const refuse = (result: StoreResult) => ({ result, item: null });
  const link = () => ({ result: 'stored' as const, item: store.link(key, value, flags, exptime) });
  switch (command) {
    case 'add':
      return old === null ? link() : refuse('not stored');
    case 'replace':
      return old === null ? refuse('not stored') : link();
    case 'append':
    case 'prepend': {
      if (old === null) return refuse('not stored');
      if (cas !== 0 && cas !== old.cas) return refuse('exists');
      const joined = command === 'append' ? old.value + value : value + old.value;
      return { result: 'stored', item: store.link(key, joined, old.flags, old.exptime) };
    }
    case 'cas': {
      if (old === null) return refuse('not found');
      if (cas !== 0 && cas === old.cas) return link();
      if (!staleAllowed || cas === 0 || cas >= old.cas) return refuse('exists');
      const item = store.link(key, value, flags, old.exptime);
      item.stale = true;
      item.tokenSent = old.tokenSent;
      return { result: 'stored', item };
    }
    default:
      return link();
  }
}

function arithmetic(session: Session, key: string, delta: string, up: boolean): string {
  const result = count(session, key, delta, up, 0);
  switch (result.kind) {
    case 'counted':
      return `${result.value}\r\n`;
    case 'not a number':
      return 'CLIENT_ERROR cannot increment or decrement non-numeric value\r\n';
    default:
      return 'NOT_FOUND\r\n';
  }
}

export type Counted =
  | { readonly kind: 'counted'; readonly value: string; readonly item: Item }
  | { readonly kind: 'not a number' | 'not found' | 'exists' };

/** incr, decr and ma: in place when the number fits and nobody still reads the old one, else a new item. */
export function count(session: Session, key: string, delta: string, up: boolean, cas: number): Counted {
  const { store } = session;
  const item = store.find(key, false);
  if (item === null) return { kind: 'not found' };
  if (item.value === '') return { kind: 'not a number' };
  if (cas !== 0 && cas !== item.cas) return { kind: 'exists' };
  const value = counted(item.value, delta, up);
  if (value === null) return { kind: 'not a number' };
  if (value.length <= item.value.length && item.readers === 0) {
    item.value = value.padEnd(item.value.length);
    item.time = store.now;
    store.renew(item);
    store.changed(item);
    return { kind: 'counted', value, item };
  }
  const fresh = store.link(key, value, item.flags, item.exptime);
  // The answer is made from the old item, which takes over the new one's number; a new time to live is lost with it.
  item.cas = fresh.cas;
  return { kind: 'counted', value, item };
}
