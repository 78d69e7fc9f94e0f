import { describe, expect, it } from 'vitest';
import {
  type Added,
  decodeAdds,
  decodeReplies,
  encodeGiveBack,
  encodePresence,
  encodeRead,
  isNameable,
  newAddBatch,
  type Reply,
} from '../../../src/sync/batch.ts';

const NOW = 1_800_000_000;
const BINARY = 'a b\n\0\xff';
const BINARY_TOKEN = Buffer.from(BINARY, 'latin1').toString('base64');

describe('questions', () => {
  it('for items', () =>
    expect(encodeRead(['k', BINARY]).toString('latin1')).toBe(
      `mg k v f t c u\r\nmg ${BINARY_TOKEN} b v f t c u\r\nmn\r\n`,
    ));
  it('for presence', () =>
    expect(encodePresence(['k', BINARY]).toString('latin1')).toBe(
      `mg k c u\r\nmg ${BINARY_TOKEN} b c u\r\nmn\r\n`,
    ));
  it('that give tokens back', () =>
    expect(encodeGiveBack([{ key: 'k', cas: '18446744073709551615' }]).toString('latin1')).toBe(
      'md k I C18446744073709551615\r\nmn\r\n',
    ));
  it('keep bytes above 127', () => expect(encodeRead(['\xe9']).toString('latin1', 3, 4)).toBe('\xe9'));
});

describe('keys that a command can name', () => {
  it.each([
    ['a', 250, true],
    ['a', 251, false],
    ['a', 187, true],
    ['\xff', 250, true],
    [' ', 186, true],
    [' ', 187, false],
  ])('%j × %i: %j', (character, length, nameable) =>
    expect(isNameable({ bytes: Buffer.alloc(255, character), length })).toBe(nameable),
  );
});

describe('replies', () => {
  const found = (more: Partial<Reply>): Partial<Reply> => ({
    kind: 'found',
    flags: 0,
    ttl: -1,
    cas: '0',
    stale: false,
    promised: false,
    tokenWon: false,
    ...more,
  });
  it.each<[string, Partial<Reply>, string]>([
    ['VA 3 f5 t-1 c1\r\nabc\r\n', found({ flags: 5 }), 'abc'],
    [
      'VA 0 f4294967295 t0 c18446744073709551615 W\r\n\r\n',
      found({ flags: 4_294_967_295, ttl: 0, cas: '18446744073709551615', tokenWon: true }),
      '',
    ],
    ['VA 4 f0 t2592001 c7\r\nMN\r\n\r\n', found({ ttl: 2_592_001 }), 'MN\r\n'],
    ['VA 1 f1 t3 c7 X W\r\n1\r\n', found({ flags: 1, ttl: 3, cas: '7', stale: true, tokenWon: true }), '1'],
    ['VA 1 f1 t3 c7 Z X\r\n1\r\n', found({ flags: 1, ttl: 3, stale: true, promised: true }), '1'],
    ['HD c9\r\n', found({}), ''],
    ['HD c9 X W\r\n', found({ cas: '9', stale: true, tokenWon: true }), ''],
    ['EN\r\n', { kind: 'missing', tokenWon: false }, ''],
    ['ERROR\r\n', { kind: 'error', error: 'ERROR', tokenWon: false }, ''],
    [
      'CLIENT_ERROR bad command line format\r\n',
      { kind: 'error', error: 'CLIENT_ERROR bad command line format' },
      '',
    ],
    [
      'SERVER_ERROR out of memory writing get response\r\n',
      { kind: 'error', error: 'SERVER_ERROR out of memory writing get response' },
      '',
    ],
  ])('%j', (text, expected, value) => {
    // Between two others, with what they leave behind in the object that tells them.
    const between = 'VA 2 f8 t8 c8 X W\r\nzz\r\n';
    const buffer = Buffer.from(`junk${between}${text}${between}MN\r\n`, 'latin1');
    const replies: Reply[] = [];
    expect(decodeReplies(buffer, 4, buffer.length, (reply) => replies.push({ ...reply }))).toBe(3);
    expect(replies.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(replies[1]).toMatchObject(expected);
    expect(buffer.toString('latin1', replies[1]!.from, replies[1]!.to)).toBe(value);
    expect(replies[2]).toMatchObject({ kind: 'found', flags: 8, ttl: 8, cas: '8', stale: true });
  });

  it('none', () => expect(decodeReplies(Buffer.from('MN\r\n'), 0, 4, () => {})).toBe(0));
  it('without an end are a bug of the framer', () =>
    expect(() => decodeReplies(Buffer.from('EN\r\n'), 0, 4, () => {})).toThrow('framed wrongly'));
});

describe('adds', () => {
  const answer = Buffer.from('junk..abcadef..', 'latin1');

  it('say everything of an item', () => {
    const batch = newAddBatch(4, answer, 4, answer.length, null);
    batch.append('k', 4_294_967_295, -1, NOW, 6, 9);
    batch.append(BINARY, 7, 100, NOW, 9, 9);
    batch.append('far', 0, 2_592_001, NOW, 9, 10);
    batch.append('last', 0, 0, NOW, 10, 12);
    expect(batch.keys).toEqual(['k', BINARY, 'far', 'last']);
    expect(batch.sizes).toEqual([4, 6, 4, 6]);
    expect(batch.finish().toString('latin1')).toBe(
      `add k 4294967295 0 3\r\nabc\r\nms ${BINARY_TOKEN} 0 b F7 T100 ME\r\n\r\n` +
        `add far 0 ${NOW + 2_592_001} 1\r\na\r\nadd last 0 1 2\r\nde\r\nmn\r\n`,
    );
  });

  it.each([0, 20, 100_000])('the answer may be gone, or be as long as it likes; %d spare bytes', (spare) => {
    const sizes = [1, 1000, 1_000_000, 0, 77];
    const values = sizes.map((size, index) => String.fromCharCode(97 + index).repeat(size));
    const long = Buffer.from(`junk${values.join('.')}`, 'latin1');
    const batch = newAddBatch(sizes.length, long, 4, long.length, Buffer.alloc(spare));
    long.fill('!');
    let from = 4;
    for (const [index, size] of sizes.entries()) {
      batch.append(`${index}`.repeat(250), 0, -1, NOW, from, from + size);
      from += size + 1;
    }
    const adds = values.map(
      (value, index) => `add ${`${index}`.repeat(250)} 0 0 ${value.length}\r\n${value}\r\n`,
    );
    expect(batch.finish().toString('latin1') === `${adds.join('')}mn\r\n`).toBe(true);
  });

  it('of the longest lines there are have room', () => {
    const binary = '\xff'.repeat(186);
    const batch = newAddBatch(3, answer, 4, answer.length, null);
    for (let at = 6; at < 9; at++) batch.append(binary, 4_294_967_295, 2_592_001, 9_999_999_999, at, at + 1);
    expect(batch.finish().length).toBeLessThan(3 * 320);
  });

  it('more than there is in the answer are a bug of the caller', () => {
    const batch = newAddBatch(1, answer, 4, answer.length, null);
    batch.append('k', 0, -1, NOW, 4, answer.length);
    expect(() => {
      for (let count = 0; count < 100; count++) batch.append('k', 0, -1, NOW, 4, answer.length);
    }).toThrow('more was appended');
  });

  it.each<[string, Added]>([
    ['STORED', 'stored'],
    ['HD', 'stored'],
    ['NOT_STORED', 'present'],
    ['NS', 'present'],
    ['SERVER_ERROR object too large for cache', 'too-large'],
    ['SERVER_ERROR out of memory storing object', 'no-memory'],
    ['SERVER_ERROR out of memory', 'no-memory'],
    ['CLIENT_ERROR bad data chunk', 'refused'],
    ['ERROR', 'refused'],
  ])('%j is %s', (line, added) => {
    const buffer = Buffer.from(`junkSTORED\r\n${line}\r\nMN\r\n`, 'latin1');
    const seen: unknown[] = [];
    expect(decodeAdds(buffer, 4, buffer.length, (...reply) => seen.push(reply))).toBe(2);
    const failed = added !== 'stored' && added !== 'present';
    expect(seen).toEqual([
      [0, 'stored', ''],
      [1, added, failed ? line : ''],
    ]);
  });

  it('without an end are a bug of the framer', () =>
    expect(() => decodeAdds(Buffer.from('STORED\r\n'), 0, 8, () => {})).toThrow('framed wrongly'));
});
