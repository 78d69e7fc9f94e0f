/** A list is taken off its sender at once, and given to its reader in small slices, as that one likes. */
import { beforeEach, expect, it } from 'vitest';
import { dialAhead } from '../../../src/proxy/read-ahead.ts';
import type { Connection, ConnectionEvents } from '../../../src/sync/ports.ts';

let below: ConnectionEvents;
/** What was asked of the connection below. */
let asked: string[];
let told: Buffer[];
let ends: string[];
let connection: Connection;
let onSlice: () => void;

beforeEach(() => {
  [asked, told, ends] = [[], [], []];
  onSlice = () => {};
  const ask = (what: string) => () => void asked.push(what);
  const dial = dialAhead(
    (events) => {
      below = events;
      return { write: ask('write'), pause: ask('pause'), resume: ask('resume'), close: ask('close') };
    },
    { most: 10_000, slice: 400 },
  );
  connection = dial({
    opened: () => {},
    received(bytes) {
      told.push(bytes);
      onSlice();
    },
    closed: (reason) => void ends.push(reason),
  });
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await turn();
};
const text = () => Buffer.concat(told).toString('latin1');
const piece = (length: number, of: string) => Buffer.alloc(length, of);

it('small slices, one in a turn, all of it in order; a buffer that is used again does no harm', async () => {
  const bytes = Buffer.concat([piece(500, 'a'), piece(500, 'b')]);
  below.received(bytes);
  bytes.fill('x');
  below.received(Buffer.from('end'));
  expect(told).toEqual([]);
  await turn();
  expect(told.map(({ length }) => length)).toEqual([400]);
  await turns(9);
  expect(Math.max(...told.map(({ length }) => length))).toBe(400);
  expect(text()).toBe(`${'a'.repeat(500)}${'b'.repeat(500)}end`);
  expect(asked).toEqual([]);
});

it('a reader that wants no more gets no more until it does, while the sender goes on', async () => {
  onSlice = () => connection.pause();
  below.received(piece(5000, 'a'));
  await turns(5);
  below.received(piece(4000, 'b'));
  await turns(5);
  expect([text().length, asked]).toEqual([400, []]);
  connection.resume();
  await turns(5);
  expect(text()).toHaveLength(800);
  onSlice = () => {};
  connection.resume();
  await turns(30);
  expect(text()).toBe(`${'a'.repeat(5000)}${'b'.repeat(4000)}`);
});

it('paused and resumed within one slice: it goes on', async () => {
  onSlice = () => {
    connection.pause();
    connection.resume();
  };
  below.received(piece(5000, 'a'));
  await turns(20);
  expect(text()).toHaveLength(5000);
});

it('the sender waits at the bound, until half of it is taken', async () => {
  connection.pause();
  below.received(piece(9999, 'a'));
  expect(asked).toEqual([]);
  below.received(piece(2001, 'b'));
  below.received(piece(1000, 'c'));
  expect(asked).toEqual(['pause']);
  connection.resume();
  while (text().length < 7600) {
    await turn();
    if (text().length < 7600) expect(asked).toEqual(['pause']);
  }
  await turns(30);
  expect([asked, text().length]).toEqual([['pause', 'resume'], 13_000]);
});

it('what was sent before the end is told before it, and the end once', async () => {
  connection.pause();
  below.received(piece(500, 'a'));
  below.closed('reset');
  await turns(3);
  expect(ends).toEqual([]);
  connection.resume();
  await turns(5);
  expect([text().length, ends]).toEqual([500, ['reset']]);
  connection.resume();
  await turns(3);
  expect(ends).toEqual(['reset']);
});

it('closed while it is being read: nothing more is told', async () => {
  onSlice = () => connection.close();
  below.received(piece(5000, 'a'));
  await turns(5);
  connection.resume();
  await turns(5);
  expect([text().length, asked, ends]).toEqual([400, ['close'], []]);
});
