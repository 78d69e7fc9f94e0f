/**
 * Many items that need not be remembered: everything about the n-th one follows from n, so that a copy of them can be
 * compared key by key. Puts them into a memcached, and reads back what one holds.
 */
import { MAX_KEY_WORD, needsBase64 } from '../../../src/core/memcached-key.ts';
import { openConnection } from './connection.ts';
import { seeded } from './random.ts';

/** What a key holds. */
export interface State {
  readonly value: Buffer;
  readonly flags: number;
  /** Seconds left; -1: for ever. */
  readonly ttl: number;
}

export interface Item extends State {
  /** Raw, one character per byte. */
  readonly key: string;
}

const LEAST_BYTES = 100;
const MOST_BYTES = 1000;
const BIG_BYTES = 900_000;
const TTLS = [-1, 1000, 100_000, 3_000_000] as const;
const BATCH = 500;

const NOISE = (() => {
  const random = seeded(7);
  return Buffer.from(Array.from({ length: 65_536 }, () => random.below(256)));
})();

/** The n-th item: 100 to 1 000 bytes, every 50th a number, every 20 000th big; every 100th key needs base64, every 1 000th is long. */
export function itemOf(n: number): Item {
  return { key: keyOf(n), value: itemValue(n), flags: Math.imul(n, 2_654_435_761) >>> 0, ttl: TTLS[n % 4]! };
}

/** The key of the n-th item. */
export function keyOf(n: number): string {
  if (n % 1000 === 999) return `item-${n}-`.padEnd(MAX_KEY_WORD, 'x');
  if (n % 100 === 99) return `item ${n}\n\0\xff`;
  return `item-${n}`;
}

function itemValue(n: number): Buffer {
  if (n % 50 === 49) return Buffer.from(String(n * 1000));
  const hash = Math.imul(n + 1, 0x9e3779b1) >>> 0;
  const length = n % 20_000 === 10 ? BIG_BYTES : LEAST_BYTES + (hash % (MOST_BYTES - LEAST_BYTES + 1));
  if (length > MOST_BYTES) return Buffer.alloc(length, `${n} `);
  const from = (hash >>> 8) % (NOISE.length - MOST_BYTES);
  const value = Buffer.from(NOISE.subarray(from, from + length));
  // So that no two are alike, and none is a number.
  value[0] = 0x76;
  value.writeUInt32LE(n, 1);
  return value;
}

/** The key as a meta command has it. */
export function metaKey(key: string): { readonly token: string; readonly flag: string } {
  return needsBase64(key)
    ? { token: Buffer.from(key, 'latin1').toString('base64'), flag: ' b' }
    : { token: key, flag: '' };
}

/** The exptime that gives an item this time to live. */
export function exptimeFor(ttl: number): number {
  if (ttl < 0) return 0;
  return ttl > 2_592_000 ? Math.floor(Date.now() / 1000) + ttl : ttl;
}

const CRLF = Buffer.from('\r\n');

/** Stores the items `first` to `end` - 1. */
export async function storeItems(port: number, end: number, first = 0): Promise<void> {
  const connection = await openConnection(port);
  for (let from = first; from < end; from += BATCH) {
    const pieces: Buffer[] = [];
    for (let n = from; n < Math.min(end, from + BATCH); n++) {
      const { key, value, flags, ttl } = itemOf(n);
      const { token, flag } = metaKey(key);
      const line = `ms ${token} ${value.length}${flag} F${flags} T${exptimeFor(ttl)} q\r\n`;
      pieces.push(Buffer.from(line, 'latin1'), value, CRLF);
    }
    pieces.push(Buffer.from('mn\r\n'));
    connection.send(Buffer.concat(pieces));
    const answer = await connection.receive((bytes) => bytes.subarray(-4).toString() === 'MN\r\n');
    if (answer.length !== 4) throw new Error(`an item was not stored: ${answer.toString('latin1', 0, 80)}`);
  }
  connection.close();
}

/** What the memcached at `port` holds under each of the keys, in their order; null: nothing. It counts as no use of them. */
export async function readStates(port: number, keys: readonly string[]): Promise<(State | null)[]> {
  const connection = await openConnection(port);
  const states: (State | null)[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    const batch = keys.slice(from, from + BATCH);
    const lines = batch.map((key) => {
      const { token, flag } = metaKey(key);
      return `mg ${token}${flag} u v f t\r\n`;
    });
    connection.send(Buffer.from(`${lines.join('')}mn\r\n`, 'latin1'));
    // A value may end like the whole answer does: then the count is not yet right.
    let found: (State | null)[] | null = null;
    await connection.receive((bytes) => {
      if (bytes.subarray(-4).toString() !== 'MN\r\n') return false;
      found = parseStates(bytes, batch.length);
      return found !== null;
    }, 30_000);
    states.push(...found!);
  }
  connection.close();
  return states;
}

function parseStates(bytes: Buffer, count: number): (State | null)[] | null {
  const states: (State | null)[] = [];
  let at = 0;
  while (states.length < count) {
    const lineEnd = bytes.indexOf(10, at);
    if (lineEnd < 0) return null;
    const words = bytes.toString('latin1', at, lineEnd - 1).split(' ');
    at = lineEnd + 1;
    if (words[0] === 'EN') {
      states.push(null);
    } else if (words[0] === 'VA') {
      const length = Number(words[1]);
      const number = (letter: string) => Number(words.find((word) => word[0] === letter)!.slice(1));
      states.push({ value: bytes.subarray(at, at + length), flags: number('f'), ttl: number('t') });
      at += length + 2;
    } else {
      throw new Error(`unexpected: ${words.join(' ').slice(0, 80)}`);
    }
  }
  return at + 4 === bytes.length ? states : null;
}
