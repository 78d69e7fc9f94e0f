/** The meta commands of memcached 1.6.18 (doc/protocol.txt, "Meta Commands"), for well-formed requests. */
import { refer, type Session } from './session.ts';
import { itemSize, slabClass } from './size.ts';
import type { Item } from './store.ts';
import { count, type StoreResult, storeItem } from './text.ts';

interface Flags {
  readonly words: readonly string[];
  readonly key: string;
  readonly base64: boolean;
  /** The argument of a flag, '' when it has none; undefined when the flag was not given. */
  readonly get: (letter: string) => string | undefined;
}

function parse(tokens: readonly string[], from: number): Flags {
  const words = tokens.slice(from);
  const get = (letter: string) => words.find((word) => word[0] === letter)?.slice(1);
  const base64 = words.includes('b');
  const token = tokens[1]!;
  return { words, key: base64 ? Buffer.from(token, 'base64').toString('latin1') : token, base64, get };
}

/** Carries out a command; `data` is what followed the line of an ms. */
export function metaCommand(session: Session, tokens: readonly string[], data: string): void {
  const { out } = session;
  switch (tokens[0]) {
    case 'mn':
      out.push('MN\r\n');
      return;
    case 'me':
      out.push(debug(session, tokens));
      return;
    case 'mg':
      get(session, parse(tokens, 2));
      return;
    case 'ms':
      set(session, parse(tokens, 3), data);
      return;
    case 'md':
      remove(session, parse(tokens, 2));
      return;
    case 'ma':
      arithmetic(session, parse(tokens, 2));
      return;
    default:
      out.push('ERROR\r\n');
  }
}

function keyWord(key: string, binary: boolean): string {
  return binary ? ` k${Buffer.from(key, 'latin1').toString('base64')} b` : ` k${key}`;
}

/** O and k, which every answer repeats. */
function echo(flags: Flags, item: Item | null): string {
  let text = '';
  for (const word of flags.words) {
    if (word[0] === 'O') text += ` ${word}`;
    else if (word === 'k') text += keyWord(flags.key, item === null ? flags.base64 : item.binaryKey);
  }
  return text;
}

function ttl(session: Session, item: Item): number {
  return item.exptime === 0 ? -1 : item.exptime - session.store.now;
}

function get(session: Session, flags: Flags): void {
  const { store, out } = session;
  const delayed = ['N', 'T', 'R', 'l', 'h'].some((letter) => flags.get(letter) !== undefined);
  const bump = flags.get('u') === undefined;
  let item = store.find(flags.key, bump && !delayed);
  let created = false;
  if (item === null && flags.get('N') !== undefined) {
    item = store.link(flags.key, '', 0, 0);
    created = true;
  }
  if (item === null) {
    if (flags.get('q') === undefined) out.push(`EN${echo(flags, null)}\r\n`);
    return;
  }
  let won = false;
  let text = flags.get('v') === undefined ? 'HD' : `VA ${item.value.length}`;
  for (const word of flags.words) {
    const argument = word.slice(1);
    switch (word[0]) {
      case 'T':
        item.exptime = store.realtime(Number(argument));
        break;
      case 'N':
        if (created) {
          item.exptime = store.realtime(Number(argument));
          won = true;
        }
        break;
      case 'R':
        if (!item.tokenSent && !created && item.exptime !== 0)
          won ||= item.exptime < store.realtime(Number(argument));
        break;
      case 's':
        text += ` s${item.value.length}`;
        break;
      case 't':
        text += ` t${ttl(session, item)}`;
        break;
      case 'c':
        text += ` c${item.cas}`;
        break;
      case 'f':
        text += ` f${item.flags}`;
        break;
      case 'l':
        text += ` l${store.now - item.time}`;
        break;
      case 'h':
        text += ` h${item.fetched ? 1 : 0}`;
        break;
      case 'O':
        text += ` ${word}`;
        break;
      case 'k':
        text += keyWord(item.key, item.binaryKey);
        break;
      default:
        break;
    }
  }
  if (item.tokenSent) text += ' Z';
  if (item.stale) {
    text += ' X';
    won ||= !item.tokenSent;
  }
  if (won) {
    text += ' W';
    item.tokenSent = true;
  }
  if (bump && delayed) store.find(flags.key, true);
  refer(session, item);
  out.push(flags.get('v') === undefined ? `${text}\r\n` : `${text}\r\n${item.value}\r\n`);
}

const SET_RESULT: Record<Exclude<StoreResult, 'too large'>, string> = {
  stored: 'HD',
  'not stored': 'NS',
  exists: 'EX',
  'not found': 'NF',
};

const MODES: Record<string, string> = { E: 'add', A: 'append', P: 'prepend', R: 'replace', S: 'set' };

function set(session: Session, flags: Flags, data: string): void {
  const { store, out } = session;
  if (!data.endsWith('\r\n')) {
    out.push('CLIENT_ERROR bad data chunk\r\n');
    return;
  }
  const cas = flags.get('C');
  let command = MODES[flags.get('M') ?? 'S']!;
  if (cas !== undefined && (command === 'set' || command === 'replace')) command = 'cas';
  const exptime = store.realtime(Number(flags.get('T') ?? 0));
  const { result, item } = storeItem(
    session,
    command,
    flags.key,
    data.slice(0, -2),
    Number(flags.get('F') ?? 0),
    exptime,
    Number(cas ?? 0),
    flags.get('I') !== undefined,
  );
  if (result === 'too large') {
    store.unlink(flags.key);
    out.push('SERVER_ERROR object too large for cache\r\n');
    return;
  }
  // An item that append or prepend made anew knows nothing of how its key was written.
  if (item !== null && flags.base64 && command !== 'append' && command !== 'prepend') item.binaryKey = true;
  if (result === 'stored' && flags.get('q') !== undefined) return;
  let text = SET_RESULT[result];
  for (const word of flags.words) {
    if (word[0] === 'O') text += ` ${word}`;
    else if (word === 'k') text += keyWord(flags.key, flags.base64);
    else if (word === 'c') text += ` c${item?.cas ?? 0}`;
  }
  out.push(`${text}\r\n`);
}

function remove(session: Session, flags: Flags): void {
  const { store, out } = session;
  const item = store.find(flags.key, false);
  const cas = flags.get('C');
  let status = 'HD';
  if (item === null) {
    status = 'NF';
    store.unlink(flags.key);
  } else if (cas !== undefined && Number(cas) !== item.cas) {
    status = 'EX';
  } else if (flags.get('I') === undefined) {
    store.unlink(flags.key);
  } else {
    const exptime = flags.get('T');
    if (exptime !== undefined) item.exptime = store.realtime(Number(exptime));
    item.stale = true;
    item.tokenSent = false;
    store.renew(item);
  }
  if (status === 'HD' && flags.get('q') !== undefined) return;
  let text = status;
  for (const word of flags.words) {
    if (word[0] === 'O') text += ` ${word}`;
    else if (word === 'k') text += keyWord(flags.key, flags.base64);
  }
  out.push(`${text}\r\n`);
}

function arithmetic(session: Session, flags: Flags): void {
  const { store, out } = session;
  const mode = flags.get('M') ?? 'I';
  const up = mode === 'I' || mode === '+';
  const cas = Number(flags.get('C') ?? 0);
  const result = count(session, flags.key, flags.get('D') ?? '1', up, cas);
  if (result.kind === 'not a number') {
    out.push('CLIENT_ERROR cannot increment or decrement non-numeric value\r\n');
    return;
  }
  const initial = flags.get('J') ?? '0';
  const creates = result.kind === 'not found' && flags.get('N') !== undefined;
  if (result.kind !== 'counted' && !creates) {
    out.push(`${result.kind === 'exists' ? 'EX' : 'NF'}${echo(flags, null)}\r\n`);
    return;
  }
  if (!creates && flags.get('q') !== undefined) {
    if (flags.get('T') !== undefined && result.kind === 'counted')
      result.item.exptime = store.realtime(Number(flags.get('T')));
    return;
  }
  const item = result.kind === 'counted' ? result.item : store.link(flags.key, initial, 0, 0);
  const value = result.kind === 'counted' ? result.value : initial;
  let text = flags.get('v') === undefined ? 'HD' : `VA ${value.length}`;
  for (const word of flags.words) {
    const argument = word.slice(1);
    switch (word[0]) {
      case 'c':
        text += ` c${item.cas}`;
        break;
      case 't':
        text += ` t${ttl(session, item)}`;
        break;
      case 'T':
        item.exptime = store.realtime(Number(argument));
        break;
      case 'N':
        if (creates) item.exptime = store.realtime(Number(argument));
        break;
      case 'O':
        text += ` ${word}`;
        break;
      case 'k':
        text += keyWord(flags.key, flags.base64);
        break;
      default:
        break;
    }
  }
  out.push(flags.get('v') === undefined ? `${text}\r\n` : `${text}\r\n${value}\r\n`);
}

function debug(session: Session, tokens: readonly string[]): string {
  const { store } = session;
  const base64 = tokens[2] === 'b';
  const key = base64 ? Buffer.from(tokens[1]!, 'base64').toString('latin1') : tokens[1]!;
  const item = store.find(key, false);
  if (item === null) return 'EN\r\n';
  const size = itemSize(item);
  const name = item.binaryKey ? Buffer.from(item.key, 'latin1').toString('base64') : item.key;
  const left = item.exptime === 0 ? -1 : store.now - item.exptime;
  const fetched = item.fetched ? 'yes' : 'no';
  return `ME ${name} exp=${left} la=${store.now - item.time} cas=${item.cas} fetch=${fetched} cls=${slabClass(size)} size=${size}\r\n`;
}
