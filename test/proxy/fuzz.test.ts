/**
 * Malformed input: broken requests of all protocols, cut off and mixed. memcached answers with some class of error or
 * closes; so must the proxy, it must not fall, and a well-behaved neighbour must not notice any of it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaryRequest, packet } from './support/binary-requests.ts';
import { ask, openConnection, type RawConnection } from './support/connection.ts';
import { buildProxy, type Running, sleep, startMemcached, startProxy } from './support/processes.ts';
import { type Random, seeded } from './support/random.ts';
import { textRequest } from './support/text-requests.ts';

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ROUNDS = 1500;

let built: Awaited<ReturnType<typeof buildProxy>>;
let oracle: Running;
let proxy: Running;
const running: Running[] = [];

beforeAll(async () => {
  built = await buildProxy();
  const copies = [await startMemcached(), await startMemcached()] as const;
  oracle = await startMemcached();
  proxy = await startProxy(built.file, [copies[0].port], [copies[1].port]);
  running.push(...copies, oracle, proxy);
});

afterAll(async () => {
  for (const program of running) await program.stop();
  built.remove();
});

function mutate(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const changes = 1 + random.below(4);
  for (let change = 0; change < changes && copy.length > 0; change++) {
    // The first byte stays: it says which protocol is spoken.
    if (copy.length > 1)
      copy[1 + random.below(copy.length - 1)] = random.chance(0.3)
        ? random.pick([0, 10, 13, 32, 255])
        : random.below(256);
  }
  return random.chance(0.2) ? copy.subarray(0, 1 + random.below(copy.length)) : copy;
}

/** Anything but a flush, which the neighbour would notice and rightly so. */
function malformed(random: Random): Buffer {
  for (;;) {
    const bytes = anything(random);
    const isFlush = bytes.includes('flush') || (bytes[0] === 0x80 && (bytes[1] === 8 || bytes[1] === 24));
    if (!isFlush) return bytes;
  }
}

function anything(random: Random): Buffer {
  switch (random.below(4)) {
    case 0:
      return mutate(random, Buffer.from(textRequest(random, false).replace(/CAS\([^)]*\)/g, '1'), 'latin1'));
    case 1:
      return mutate(random, binaryRequest(random).bytes);
    case 2:
      return Buffer.from(Array.from({ length: random.below(300) + 1 }, () => random.below(256)));
    default:
      return Buffer.from(
        Array.from({ length: random.below(60) + 1 }, () =>
          random.pick([...Buffer.from('getsamd incr0 1\r\n\0 ')]),
        ),
      );
  }
}

/** A neighbour: asks one thing after the other and must be answered rightly and soon. */
async function neighbour(
  connection: RawConnection,
  turns: { count: number; slowest: number },
  isOver: () => boolean,
) {
  for (let turn = 0; !isOver(); turn++) {
    const start = performance.now();
    const value = `turn ${turn}`;
    expect(await ask(connection, `set neighbour 3 0 ${value.length}\r\n${value}\r\n`, /\r\n$/)).toBe(
      'STORED\r\n',
    );
    const answer = `VALUE neighbour 3 ${value.length}\r\n${value}\r\nEND\r\n`;
    expect(await ask(connection, 'get neighbour\r\n', /END\r\n$/)).toBe(answer);
    turns.count++;
    turns.slowest = Math.max(turns.slowest, performance.now() - start);
  }
}

/** The words that begin the lines of an answer (text), or the statuses (binary), and whether the connection was closed. */
async function classOf(port: number, bytes: Buffer, patience: number): Promise<string> {
  const connection = await openConnection(port);
  connection.send(bytes);
  const answer = await connection
    .receive(() => false, patience)
    .catch((error: Error) => Buffer.from(partial(error), 'latin1'));
  const closed = connection.isClosed();
  connection.close();
  const statuses: number[] = [];
  if (bytes[0] === 0x80)
    for (let at = 0; at + 24 <= answer.length; at += 24 + answer.readUInt32BE(at + 8))
      statuses.push(answer.readUInt16BE(at + 6));
  // Whether a key is there, or a CAS number fits, is no error.
  const outcomes = [0, 1, 2, 5];
  const words =
    bytes[0] === 0x80
      ? statuses.filter((status) => !outcomes.includes(status))
      : (answer.toString('latin1').match(/^(CLIENT_ERROR|SERVER_ERROR|ERROR)/gm) ?? []);
  return `${words.join(' ')}${closed ? ' closed' : ''}`;
}

/** The status of the binary protocol for a value that is too large. */
const TOO_LARGE = '3';

/**
 * Whether memcached takes the length of the body for a negative one: from 2 GB on it has no sign bit to spare, and reads what
 * follows as the next request. For the proxy such a body is too large, like any other.
 */
function isNegative(bytes: Buffer): boolean {
  return bytes[0] === 0x80 && bytes.length >= 24 && bytes.readUInt32BE(8) >= 2 ** 31;
}

/** What `receive` had got when its time was over. */
function partial(error: Error): string {
  const match = /only (".*")$/s.exec(error.message);
  if (match === null) throw error;
  return JSON.parse(match[1]!) as string;
}

describe('malformed input', () => {
  it(`${ROUNDS} broken connections, seed ${SEED}: the proxy lives and nobody else notices`, async () => {
    const random = seeded(SEED);
    const turns = { count: 0, slowest: 0 };
    let over = false;
    const watched = neighbour(await openConnection(proxy.port), turns, () => over);
    for (let round = 0; round < ROUNDS; round++) {
      const connection = await openConnection(proxy.port);
      const pieces = 1 + random.below(4);
      for (let piece = 0; piece < pieces; piece++) connection.send(malformed(random));
      if (random.chance(0.1)) await sleep(1);
      connection.close();
    }
    over = true;
    await watched;
    expect(proxy.child.exitCode).toBeNull();
    // Neither copy was ever put out: nothing unexpected reached it.
    expect(proxy.log()).toBe('');
    expect(turns.count).toBeGreaterThan(100);
    expect(turns.slowest).toBeLessThan(1000);
  });

  it(`one broken request at a time is answered by the same class of error, or closed, seed ${SEED}`, async () => {
    const random = seeded(SEED + 2);
    for (const port of [oracle.port, proxy.port]) {
      const connection = await openConnection(port);
      await ask(connection, 'flush_all\r\n', /OK/);
      connection.close();
    }
    for (let round = 0; round < 400; round++) {
      const bytes = malformed(random);
      let expected = await classOf(oracle.port, bytes, 12);
      let got = await classOf(proxy.port, bytes, 12);
      if (got !== expected) {
        // Perhaps one of them was only late.
        expected = await classOf(oracle.port, bytes, 300);
        got = await classOf(proxy.port, bytes, 300);
      }
      // memcached says nothing before it has thrown the body away, for which it waits; the proxy says so at once.
      const isEarly = expected === '' && /^\S+$/.test(got);
      const overflowed = isNegative(bytes) && expected === ' closed' && got === TOO_LARGE;
      if (got !== expected && !isEarly && !overflowed) {
        throw new Error(`${JSON.stringify(bytes.toString('latin1'))}: memcached ${expected}, proxy ${got}`);
      }
    }
  });

  const cases: [string, Buffer][] = [
    ['a line without end', Buffer.from(`set ${'k'.repeat(5000)}`)],
    [
      'a wrong magic',
      Buffer.concat([packet(10, '', Buffer.alloc(0), '', 1), Buffer.from('nonsense'.repeat(4))]),
    ],
    [
      'a key longer than the body',
      Buffer.concat([Buffer.from('800000ff000000000000000100000001', 'hex'), Buffer.alloc(8 + 255)]),
    ],
    ['a key of 251 bytes', packet(0, 'k'.repeat(251), Buffer.alloc(0), '', 7)],
    ['a get with extras', packet(0, 'k', Buffer.alloc(4), '', 7)],
    ['a set without extras', packet(1, 'k', Buffer.alloc(0), 'v', 7)],
    ['a set without a key', packet(1, '', Buffer.alloc(8), 'v', 7)],
    ['an increment with a body', packet(5, 'k', Buffer.alloc(20), 'v', 7)],
    ['a noop with a key', packet(10, 'k', Buffer.alloc(0), '', 7)],
    ['a flush with a key', packet(8, 'k', Buffer.alloc(0), '', 7)],
    ['a touch without extras', packet(28, 'k', Buffer.alloc(0), '', 7)],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['quit', Buffer.from('mn\r\nquit\r\nmn\r\n')],
    ['quit in binary', packet(7, '', Buffer.alloc(0), '', 7)],
    ['quiet quit in binary', packet(0x17, '', Buffer.alloc(0), '', 7)],
  ];
  it.each(cases)('%s ends the connection as it does with memcached', async (_name, bytes) => {
    const answers = [];
    for (const port of [oracle.port, proxy.port]) {
      const connection = await openConnection(port);
      connection.send(bytes);
      answers.push((await connection.receive(() => false, 3000)).toString('latin1'));
      expect(connection.isClosed()).toBe(true);
    }
    expect(answers[1]).toBe(answers[0]);
  });

  const tooLarge: [string, string, number][] = [
    ['set', 'set big 0 0 LENGTH\r\n', 2_000_000],
    ['set just over', 'set big 0 0 LENGTH\r\n', 1024 * 1024 - 1],
    ['set at the limit', 'set big 0 0 LENGTH\r\n', 1024 * 1024 - 100],
    ['a quiet set', 'set big 0 0 LENGTH noreply\r\n', 2_000_000],
    ['add', 'add big 0 0 LENGTH\r\n', 1_500_000],
    ['ms', 'ms big LENGTH\r\n', 2_000_000],
    ['ms quiet', 'ms big LENGTH q\r\n', 2_000_000],
    ['a million bytes', 'set big 0 0 LENGTH\r\n', 1_000_000],
  ];
  it.each(tooLarge)(
    '%s of a value that is large: the same words, and the old value goes or stays alike',
    async (_name, line, length) => {
      const answers = [];
      const value = Buffer.alloc(length + 2, 'x');
      value.write('\r\n', length, 'latin1');
      for (const port of [oracle.port, proxy.port]) {
        const connection = await openConnection(port);
        connection.send('set big 0 0 3\r\nold\r\n');
        connection.send(line.replace('LENGTH', String(length)));
        connection.send(value);
        connection.send('mg big s\r\nmn\r\n');
        answers.push(
          (await connection.receive((got) => got.toString('latin1').endsWith('MN\r\n'))).toString('latin1'),
        );
        connection.close();
      }
      expect(answers[1]).toBe(answers[0]);
    },
  );
});
