/**
 * The same random requests to a memcached and to the proxy must be answered by the same bytes, CAS numbers aside; and
 * afterwards both copies behind the proxy hold what that memcached holds. The seed of a failing run is in its message.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binaryRequest, packet } from './support/binary-requests.ts';
import { ask, openConnection, type RawConnection } from './support/connection.ts';
import { buildProxy, type Running, startMemcached, startProxy } from './support/processes.ts';
import { type Random, seeded } from './support/random.ts';
import { ALL_KEYS, textRequest } from './support/text-requests.ts';

const TEXT_REQUESTS = 70_000;
const BINARY_REQUESTS = 30_000;
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

let built: Awaited<ReturnType<typeof buildProxy>>;
const running: Running[] = [];
let oracle: Running;
let first: Running;
let second: Running;
let proxy: Running;

beforeAll(async () => {
  built = await buildProxy();
  [oracle, first, second] = [await startMemcached(), await startMemcached(), await startMemcached()];
  proxy = await startProxy(built.file, [first.port], [second.port]);
  running.push(oracle, first, second, proxy);
});

afterAll(async () => {
  for (const program of running) await program.stop();
  built.remove();
});

/** What a side calls the CAS number of each key. */
type CasNumbers = Map<string, string>;

function learn(numbers: CasNumbers, answer: string): void {
  for (const match of answer.matchAll(/^VALUE ([^ ]+) \d+ \d+ (\d+)\r\n/gm))
    numbers.set(match[1]!, match[2]!);
}

function withCas(request: string, numbers: CasNumbers): string {
  return request.replace(/CAS\(([^)]*)\)/g, (_, key: string) => numbers.get(key) ?? '18446744073709551600');
}

/** CAS numbers, ages and memory layout are each memcached's own; times to live may differ by the second's edge. */
function comparable(answer: string): string {
  return (
    answer
      .replace(/^(VALUE [^ ]+ \d+ \d+) \d+\r\n/gm, '$1 CAS\r\n')
      .replace(/^((?:HD|VA|EN|NF|NS|EX)(?: .*)? )c\d+/gm, '$1cCAS')
      .replace(/^((?:HD|VA)(?: .*)? )t\d+/gm, '$1tTTL')
      // Whether an incremented item counts as fetched depends on who still reads the old one.
      .replace(/^((?:HD|VA)(?: .*)? )h[01]/gm, '$1h')
      .replace(/^(ME [^ ]+).*\r\n/gm, '$1\r\n')
  );
}

async function textBatch(random: Random, sides: Side[]): Promise<number> {
  const alone = random.chance(0.3);
  const requests = Array.from({ length: alone ? 1 : 1 + random.below(80) }, () => textRequest(random, alone));
  const answers = [];
  for (const side of sides) {
    side.connection.send(`${withCas(requests.join(''), side.numbers)}mg absent OEND-OF-BATCH\r\n`);
  }
  for (const side of sides) {
    const bytes = await side.connection.receive(
      (got) => got.subarray(-15).toString('latin1') === 'OEND-OF-BATCH\r\n',
    );
    const answer = bytes.toString('latin1');
    learn(side.numbers, answer);
    answers.push(comparable(answer));
    if (side.connection.isClosed()) side.connection = await openConnection(side.port);
  }
  if (answers[0] !== answers[1]) report(requests.join(''), answers[0]!, answers[1]!);
  return requests.length;
}

interface Side {
  readonly port: number;
  connection: RawConnection;
  readonly numbers: CasNumbers;
}

function report(sent: string, expected: string, got: string): never {
  let at = 0;
  while (expected[at] === got[at]) at++;
  const near = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 100), at + 60));
  throw new Error(
    `seed ${SEED}: memcached ${near(expected)}\nproxy ${near(got)}\nrequests ${JSON.stringify(sent.slice(0, 6000))}`,
  );
}

async function openSides(): Promise<Side[]> {
  const ports = [oracle.port, proxy.port];
  return Promise.all(
    ports.map(async (port) => ({
      port,
      connection: await openConnection(port),
      numbers: new Map<string, string>(),
    })),
  );
}

function packets(bytes: Buffer): Buffer[] {
  const found = [];
  for (let at = 0; at + 24 <= bytes.length; ) {
    const next = at + 24 + bytes.readUInt32BE(at + 8);
    if (next > bytes.length) break;
    found.push(bytes.subarray(at, next));
    at = next;
  }
  return found;
}

async function binaryBatch(random: Random, sides: Side[], keyOfOpaque: Map<number, string>): Promise<number> {
  const requests = Array.from({ length: 1 + random.below(60) }, () => binaryRequest(random));
  for (const { bytes } of requests) {
    keyOfOpaque.set(
      bytes.readUInt32BE(12),
      bytes.toString('latin1', 24 + bytes[4]!, 24 + bytes[4]! + bytes.readUInt16BE(2)),
    );
  }
  const answers = [];
  const end = packet(10, '', Buffer.alloc(0), '', 0xfffffff1);
  for (const side of sides) {
    const sent = requests.map(({ bytes, cas }) => {
      const copy = Buffer.from(bytes);
      copy.writeBigUInt64BE(typeof cas === 'bigint' ? cas : BigInt(side.numbers.get(cas) ?? 0), 16);
      return copy;
    });
    side.connection.send(Buffer.concat([...sent, end]));
  }
  for (const side of sides) {
    const bytes = await side.connection.receive(
      (got) => got.length >= 24 && got.readUInt32BE(got.length - 12) === 0xfffffff1,
    );
    const list = packets(bytes);
    for (const one of list) {
      const cas = one.readBigUInt64BE(16);
      const key = keyOfOpaque.get(one.readUInt32BE(12));
      if (cas !== 0n && key !== undefined) side.numbers.set(key, String(cas));
      one.writeBigUInt64BE(cas === 0n ? 0n : 1n, 16);
    }
    answers.push(list.map((one) => one.toString('latin1')).join('|'));
  }
  if (answers[0] !== answers[1])
    report(requests.map(({ bytes }) => bytes.toString('latin1')).join(''), answers[0]!, answers[1]!);
  return requests.length;
}

/** Everything that a memcached holds under the keys in use: value, flags and whether it expires. */
async function contents(port: number): Promise<string[]> {
  const connection = await openConnection(port);
  const found = [];
  for (const key of ALL_KEYS) {
    const token = Buffer.from(key, 'latin1').toString('base64');
    const plain = /[ \0\n]/.test(key) ? `mg ${token} b` : `mg ${key}`;
    const answer = await ask(connection, `${plain} f t v u\r\nmn\r\n`, /MN\r\n$/);
    found.push(`${key}: ${answer.replace(/ t\d+/, ' tTTL').replace(/ [WXZ]/g, '')}`);
  }
  connection.close();
  return found;
}

/** How a number is stored on the second copy may be set right after the answer. */
async function expectSameContents(): Promise<void> {
  const expected = await contents(oracle.port);
  expect(await contents(first.port)).toEqual(expected);
  await expect.poll(() => contents(second.port), { timeout: 2000 }).toEqual(expected);
}

describe('the proxy answers as memcached 1.6.18 does', () => {
  it(`in text and meta, ${TEXT_REQUESTS} requests`, { timeout: 120_000 }, async () => {
    const random = seeded(SEED);
    const sides = await openSides();
    for (let done = 0; done < TEXT_REQUESTS; ) done += await textBatch(random, sides);
    for (const side of sides) side.connection.close();
    await expectSameContents();
  });

  it(`in binary, ${BINARY_REQUESTS} requests`, { timeout: 120_000 }, async () => {
    const random = seeded(SEED + 1);
    const sides = await openSides();
    const keyOfOpaque = new Map<number, string>();
    for (let done = 0; done < BINARY_REQUESTS; ) done += await binaryBatch(random, sides, keyOfOpaque);
    for (const side of sides) side.connection.close();
    await expectSameContents();
  });
});
