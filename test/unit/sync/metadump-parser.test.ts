import { describe, expect, it } from 'vitest';
import { createMetadumpParser, type DumpedItem, type DumpState } from '../../../src/sync/metadump-parser.ts';

type Told = Pick<DumpedItem, 'key' | 'lastAccess' | 'fetched' | 'size'>;

function parse(answer: string, step: number): { items: Told[]; state: DumpState } {
  const parser = createMetadumpParser();
  const items: Told[] = [];
  const bytes = Buffer.from(answer, 'latin1');
  let state: DumpState = { kind: 'goes-on' };
  for (let from = 0; from < bytes.length; from += step)
    state = parser.take(bytes.subarray(from, from + step), ({ key, lastAccess, fetched, size }) =>
      items.push({ key, lastAccess, fetched, size }),
    );
  return { items, state };
}

const ITEM = (key: string, la: number, fetched: boolean, size: number): Told => ({
  key,
  lastAccess: la,
  fetched,
  size,
});

describe('the list of keys', () => {
  // As memcached 1.6.18 wrote it.
  const LIST =
    'key=empty exp=-1 la=1795244028 cas=2 fetch=yes cls=1 size=64\n' +
    'key=k2 exp=1795244058 la=1795244029 cas=18446744073709551615 fetch=no cls=39 size=1048576\n' +
    'key=a%20b%0a%00%ff%25 exp=1795244128 la=0 cas=3 fetch=yes cls=1 size=68\n' +
    `key=${'k'.repeat(250)} exp=-1 la=1795244028 cas=0 fetch=no cls=7 size=310\n` +
    'END\r\n';
  const ITEMS = [
    ITEM('empty', 1_795_244_028, true, 64),
    ITEM('k2', 1_795_244_029, false, 1_048_576),
    ITEM('a b\n\0\xff%', 0, true, 68),
    ITEM('k'.repeat(250), 1_795_244_028, false, 310),
  ];
  it.each([1, 2, 7, 64, 100_000])('in pieces of %i bytes', (step) =>
    expect(parse(LIST, step)).toEqual({ items: ITEMS, state: { kind: 'end' } }),
  );

  it('keeps what a piece left over, though the piece is used again', () => {
    const parser = createMetadumpParser();
    const items: string[] = [];
    const piece = Buffer.from('key=ab exp=-1 la=1 cas=1 fetch=no cls=1 size=1\nkey=c');
    parser.take(piece, ({ key }) => items.push(key));
    piece.fill('x');
    parser.take(Buffer.from('d exp=-1 la=1 cas=1 fetch=no cls=1 size=1\n'), ({ key }) => items.push(key));
    expect(items).toEqual(['ab', 'cd']);
  });

  it('may have the longest key that there is, all of it escaped', () => {
    const line = `key=${'%00'.repeat(250)} exp=-1 la=1795244028 cas=18446744073709551615 fetch=no cls=39 size=1048576\n`;
    expect(parse(line, 100_000).items[0]?.key).toBe('\0'.repeat(250));
  });
});

describe('the other answers', () => {
  it.each<[string, DumpState]>([
    ['END\r\n', { kind: 'end' }],
    ['OK\r\nEND\r\n', { kind: 'end' }],
    ['NOTSTARTED no items to crawl\r\n', { kind: 'end' }],
    ['BUSY currently processing crawler request\r\n', { kind: 'busy' }],
    ['OK\r\n', { kind: 'goes-on' }],
    ['END', { kind: 'goes-on' }],
  ])('%j', (answer, state) => {
    for (const step of [1, 100]) expect(parse(answer, step)).toEqual({ items: [], state });
  });

  it.each([
    ['CLIENT_ERROR lru crawler disabled\r\n', 'crawler is disabled'],
    ['ERROR metadump not allowed\r\n', 'memcached -X'],
    ['ERROR\r\n', 'does not know lru_crawler metadump'],
    ['ERROR an unknown error happened\r\n', 'ERROR an unknown error happened'],
    ['SERVER_ERROR out of memory\r\n', 'SERVER_ERROR out of memory'],
    ['HTTP/1.1 400 Bad Request\r\n', 'HTTP/1.1 400 Bad Request'],
    ['key=a exp=-1 la=1 cas=1 fetch=no cls=1\n', 'key=a exp=-1'],
    ['key=a\n', 'key=a'],
    ['\n', 'metadump with: '],
    ['x'.repeat(5000), 'xxxx'],
  ])('%j is a refusal', (answer, reason) => {
    for (const step of [1, 100_000]) {
      const { items, state } = parse(answer, step);
      expect(items).toEqual([]);
      expect(state).toEqual({ kind: 'refused', reason: expect.stringContaining(reason) });
    }
  });

  it('stays as it ended', () => {
    const parser = createMetadumpParser();
    parser.take(Buffer.from('END\r\n'), () => {});
    const late = Buffer.from('key=a exp=-1 la=1 cas=1 fetch=no cls=1 size=1\n');
    const seen: string[] = [];
    expect(parser.take(late, ({ key }) => seen.push(key))).toEqual({ kind: 'end' });
    expect(seen).toEqual([]);
  });
});
