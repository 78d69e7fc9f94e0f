/**
 * Clients that write all the time, at a steady rate, and know what must be answered: each has keys of its own, so that what
 * a key holds follows from what was sent. Text and meta commands, noreply and quiet, cas, and the binary protocol. Every
 * answer is compared, so that no read may miss a key that is there, find one that was deleted, or give an old value.
 */
import { needsBase64 } from '../../../src/core/memcached-key.ts';
import { packet } from './binary-requests.ts';
import { openConnection, type RawConnection } from './connection.ts';
import { exptimeFor, keyOf, metaKey, type State } from './items.ts';
import { type Act, type Ending, type Model, randomAct } from './model.ts';
import { type Random, seeded } from './random.ts';

export interface Writers {
  /** Commands sent and answers compared so far; reads are among both. */
  readonly sent: () => number;
  /** The most that one of them had without an answer. */
  readonly mostWaiting: () => number;
  /** What was answered wrongly. */
  readonly failures: readonly string[];
  /** Ends them, once everything is answered. */
  stop(): Promise<void>;
}

const TICK_MS = 10;
const TEXT_WRITERS = 4;
/** Of the commands; the rest goes to the text writers. */
const BINARY_SHARE = 0.2;
/** Of each writer's keys a few get so much of its commands, so that the copying meets writes. */
const HOT_KEYS = 10;
const HOT_SHARE = 0.3;
const CAS_SHARE = 0.03;
const ANSWER_MS = 10_000;

/** Compares the answer at `buffer[at..)`: how long it is, 0 when it has not come whole, or what is wrong. */
type Check = (buffer: Buffer, at: number) => number | string;

interface Writer {
  readonly connection: RawConnection;
  readonly random: Random;
  readonly encode: (writer: Writer, n: number, act: Act, ending: Ending) => void;
  readonly out: (Buffer | string)[];
  readonly checks: Check[];
  /** Keys whose CAS number is under way. */
  readonly busy: Set<number>;
  carry: Buffer;
}

/** Starts them on the keys 0 to keys - 1 through the proxy at `port`, with `rate` commands per second in all. */
export async function startWriters(
  port: number,
  model: Model,
  keys: number,
  rate: number,
  seed: number,
): Promise<Writers> {
  const failures: string[] = [];
  let sent = 0;
  let mostWaiting = 0;
  let stopped = false;
  const encoders = [...Array.from({ length: TEXT_WRITERS }, () => encodeText), encodeBinary];
  const writers = await Promise.all(
    encoders.map(async (encode, number): Promise<Writer> => {
      const connection = await openConnection(port);
      const random = seeded(seed * 100 + number);
      return { connection, random, encode, out: [], checks: [], busy: new Set(), carry: Buffer.alloc(0) };
    }),
  );

  const chooseKey = (random: Random, number: number): number => {
    const range = random.chance(HOT_SHARE) ? HOT_KEYS : Math.floor(keys / writers.length);
    return random.below(range) * writers.length + number;
  };

  const actOnce = (writer: Writer, number: number): void => {
    const n = chooseKey(writer.random, number);
    if (writer.busy.has(n)) return;
    const state = model.state(n);
    const byCas = writer.random.chance(CAS_SHARE) && state !== null;
    if (byCas && writer.encode === encodeText && !needsBase64(keyOf(n))) {
      swap(writer, model, n, state);
    } else {
      const act = randomAct(writer.random, state, n % 50 === 49);
      writer.encode(writer, n, act, model.act(n, act));
    }
    sent++;
  };

  const flush = (writer: Writer): void => {
    mostWaiting = Math.max(mostWaiting, writer.checks.length);
    if (writer.out.length === 0) return;
    const pieces = writer.out
      .splice(0)
      .map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));
    writer.connection.send(Buffer.concat(pieces));
  };

  for (const [number, writer] of writers.entries()) {
    writer.connection.socket.on('data', (bytes) => {
      takeAnswers(writer, bytes, (failure) => failures.push(`writer ${number}: ${failure}`));
      flush(writer);
    });
    writer.connection.socket.on('close', () => {
      if (!stopped) failures.push(`writer ${number}: the connection was closed`);
    });
  }

  const shares = writers.map(({ encode }) =>
    encode === encodeBinary ? BINARY_SHARE : (1 - BINARY_SHARE) / TEXT_WRITERS,
  );
  const startedAt = performance.now();
  const given = writers.map(() => 0);
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * rate;
    for (const [number, writer] of writers.entries()) {
      for (; given[number]! < due * shares[number]!; given[number]!++) actOnce(writer, number);
      flush(writer);
    }
  }, TICK_MS);

  return {
    sent: () => sent,
    mostWaiting: () => mostWaiting,
    failures,
    async stop() {
      clearInterval(timer);
      const deadline = performance.now() + ANSWER_MS;
      for (const writer of writers) {
        // What is quiet has no answer of its own.
        if (writer.encode === encodeText) expectExactly(writer, 'mn\r\n', 'MN\r\n');
        else expectPacket(writer, 0x0a, '', Buffer.alloc(0), '', 0);
        flush(writer);
      }
      while (writers.some(({ checks }) => checks.length > 0) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      stopped = true;
      for (const { connection, checks } of writers) {
        connection.close();
        if (checks.length > 0) failures.push(`${checks.length} answers did not come`);
      }
    },
  };
}

function takeAnswers(writer: Writer, bytes: Buffer, fail: (failure: string) => void): void {
  const buffer = writer.carry.length === 0 ? bytes : Buffer.concat([writer.carry, bytes]);
  let at = 0;
  while (at < buffer.length) {
    const check = writer.checks[0];
    const length = check === undefined ? 'nobody asked for it' : check(buffer, at);
    if (length === 0) break;
    if (typeof length === 'string') {
      fail(`${length}: ${JSON.stringify(buffer.toString('latin1', at, at + 80))}`);
      // What comes after cannot be told apart any more.
      writer.checks.length = 0;
      writer.connection.close();
      return;
    }
    writer.checks.shift();
    at += length;
  }
  writer.carry = Buffer.from(buffer.subarray(at));
}

function expectBytes(writer: Writer, about: string, expected: Buffer): void {
  writer.checks.push((buffer, at) => {
    const got = buffer.subarray(at, at + expected.length);
    if (!got.equals(expected.subarray(0, got.length)))
      return `${about}: wanted ${JSON.stringify(expected.toString('latin1', 0, 80))}, got`;
    return got.length === expected.length ? expected.length : 0;
  });
}

function expectExactly(writer: Writer, command: string | Buffer, expected: string | Buffer): void {
  writer.out.push(command);
  const about = JSON.stringify(command.toString('latin1').slice(0, 60));
  expectBytes(writer, about, typeof expected === 'string' ? Buffer.from(expected, 'latin1') : expected);
}

/** Without an answer. */
function say(writer: Writer, command: string | Buffer): void {
  writer.out.push(command);
}

const WORDS = {
  stored: 'STORED',
  'not-stored': 'NOT_STORED',
  deleted: 'DELETED',
  touched: 'TOUCHED',
  missing: 'NOT_FOUND',
  'not-a-number': 'CLIENT_ERROR cannot increment or decrement non-numeric value',
} as const;

function encodeText(writer: Writer, n: number, act: Act, ending: Ending): void {
  const key = keyOf(n);
  if (needsBase64(key) || (act.kind !== 'incr' && writer.random.chance(0.3)))
    encodeMeta(writer, key, act, ending);
  else encodeClassic(writer, key, act, ending);
}

function withValue(line: string, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${line}\r\n`, 'latin1'), value, Buffer.from('\r\n')]);
}

function found(line: string, { value }: State, end: string): Buffer {
  return Buffer.concat([Buffer.from(`${line}\r\n`, 'latin1'), value, Buffer.from(`\r\n${end}`)]);
}

function encodeClassic(writer: Writer, key: string, act: Act, ending: Ending): void {
  const muted = act.kind !== 'get' && act.kind !== 'gat' && writer.random.chance(0.3) ? ' noreply' : '';
  const command = classicLine(key, act, muted);
  if (muted !== '') {
    say(writer, command);
  } else if (ending.kind === 'found') {
    const { flags, value } = ending.state;
    expectExactly(writer, command, found(`VALUE ${key} ${flags} ${value.length}`, ending.state, 'END\r\n'));
  } else if (act.kind === 'get' || act.kind === 'gat') {
    expectExactly(writer, command, 'END\r\n');
  } else {
    expectExactly(writer, command, `${ending.kind === 'counted' ? ending.number : WORDS[ending.kind]}\r\n`);
  }
}

function classicLine(key: string, act: Act, muted: string): Buffer | string {
  switch (act.kind) {
    case 'set':
    case 'add':
    case 'replace': {
      const { value, flags, ttl } = act;
      return withValue(`${act.kind} ${key} ${flags} ${exptimeFor(ttl)} ${value.length}${muted}`, value);
    }
    case 'append':
    case 'prepend':
      return withValue(`${act.kind} ${key} 0 0 ${act.value.length}${muted}`, act.value);
    case 'touch':
      return `touch ${key} ${exptimeFor(act.ttl)}${muted}\r\n`;
    case 'gat':
      return `gat ${exptimeFor(act.ttl)} ${key}\r\n`;
    case 'incr':
      return `incr ${key} ${act.by}${muted}\r\n`;
    case 'delete':
      return `delete ${key}${muted}\r\n`;
    case 'get':
      return `get ${key}\r\n`;
  }
}

const META_MODES = { set: '', add: ' ME', replace: ' MR', append: ' MA', prepend: ' MP' } as const;

function encodeMeta(writer: Writer, key: string, act: Act, ending: Ending): void {
  const { token, flag } = metaKey(key);
  const name = `${token}${flag}`;
  switch (act.kind) {
    case 'set':
    case 'add':
    case 'replace':
    case 'append':
    case 'prepend': {
      const rest = 'ttl' in act ? ` F${act.flags} T${exptimeFor(act.ttl)}` : '';
      const quiet = ending.kind === 'stored' && writer.random.chance(0.3) ? ' q' : '';
      const line = `ms ${token} ${act.value.length}${flag}${META_MODES[act.kind]}${rest}${quiet}`;
      if (quiet !== '') say(writer, withValue(line, act.value));
      else expectExactly(writer, withValue(line, act.value), ending.kind === 'stored' ? 'HD\r\n' : 'NS\r\n');
      return;
    }
    case 'delete':
      if (ending.kind === 'deleted' && writer.random.chance(0.3)) say(writer, `md ${name} q\r\n`);
      else expectExactly(writer, `md ${name}\r\n`, ending.kind === 'deleted' ? 'HD\r\n' : 'NF\r\n');
      return;
    case 'touch':
      expectExactly(
        writer,
        `mg ${name} T${exptimeFor(act.ttl)}\r\n`,
        ending.kind === 'touched' ? 'HD\r\n' : 'EN\r\n',
      );
      return;
    case 'gat':
    case 'get': {
      const touch = act.kind === 'gat' ? ` T${exptimeFor(act.ttl)}` : '';
      const answer =
        ending.kind === 'found'
          ? found(`VA ${ending.state.value.length} f${ending.state.flags}`, ending.state, '')
          : 'EN\r\n';
      expectExactly(writer, `mg ${name} v f${touch}\r\n`, answer);
      return;
    }
    case 'incr': {
      const answers = { missing: 'NF\r\n', 'not-a-number': `${WORDS['not-a-number']}\r\n` } as const;
      const answer =
        ending.kind === 'counted'
          ? `VA ${ending.number.length}\r\n${ending.number}\r\n`
          : answers[ending.kind as keyof typeof answers];
      expectExactly(writer, `ma ${name} v D${act.by}\r\n`, answer);
    }
  }
}

/** gets and, with the number that it brings, cas. */
function swap(writer: Writer, model: Model, n: number, state: State): void {
  const key = keyOf(n);
  const head = Buffer.from(`VALUE ${key} ${state.flags} ${state.value.length} `, 'latin1');
  const tail = found('', state, 'END\r\n');
  writer.busy.add(n);
  writer.out.push(`gets ${key}\r\n`);
  writer.checks.push((buffer, at) => {
    const lineEnd = buffer.indexOf(13, at);
    if (lineEnd < 0) return 0;
    if (!buffer.subarray(at, at + head.length).equals(head)) return `gets ${key}: not what it holds`;
    const end = lineEnd + tail.length;
    if (end > buffer.length) return 0;
    if (!buffer.subarray(lineEnd, end).equals(tail)) return `gets ${key}: not the value that it holds`;
    const cas = buffer.toString('latin1', at + head.length, lineEnd);
    const act = { kind: 'set', value: Buffer.from(`swapped ${cas}`), flags: 7, ttl: 5000 } as const;
    say(writer, withValue(`cas ${key} 7 5000 ${act.value.length} ${cas}`, act.value));
    writer.checks.push((answer, from) => {
      const stop = answer.indexOf(10, from);
      if (stop < 0) return 0;
      const line = answer.toString('latin1', from, stop + 1);
      // EXISTS: the other copy decides by now, and knows its own numbers only.
      if (line !== 'STORED\r\n' && line !== 'EXISTS\r\n') return `cas ${key}`;
      if (line === 'STORED\r\n') model.act(n, act);
      writer.busy.delete(n);
      return line.length;
    });
    return end - at;
  });
}

const NO_EXTRAS = Buffer.alloc(0);
/** Each command's opcode, and the quiet one's, which says nothing when it is done. */
const OPCODES = {
  set: [0x01, 0x11],
  add: [0x02, 0x12],
  replace: [0x03, 0x13],
  append: [0x0e, 0x19],
  prepend: [0x0f, 0x1a],
  delete: [0x04, 0x14],
  incr: [0x05, 0x15],
  touch: [0x1c, null],
  gat: [0x1d, null],
  get: [0x00, null],
} as const;

function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number >>> 0, index * 4);
  return bytes;
}

function encodeBinary(writer: Writer, n: number, act: Act, ending: Ending): void {
  const key = keyOf(n);
  const done = ending.kind === 'stored' || ending.kind === 'deleted' || ending.kind === 'counted';
  const [opcode, quietly] = OPCODES[act.kind];
  const { extras, value } = binaryParts(act);
  if (quietly !== null && done && writer.random.chance(0.3)) {
    say(writer, packet(quietly, key, extras, value, 0));
    return;
  }
  const status = binaryStatus(act, ending);
  let body: Buffer | null = null;
  if (ending.kind === 'found') body = Buffer.concat([words(ending.state.flags), ending.state.value]);
  else if (ending.kind === 'counted') body = words(0, Number(ending.number));
  // touch tells the flags, which its documentation does not know of.
  else if (status === 0 && act.kind !== 'touch') body = NO_EXTRAS;
  expectPacket(writer, opcode, key, extras, value, status, body);
}

function binaryParts(act: Act): { readonly extras: Buffer; readonly value: string } {
  switch (act.kind) {
    case 'set':
    case 'add':
    case 'replace':
      return { extras: words(act.flags, exptimeFor(act.ttl)), value: act.value.toString('latin1') };
    case 'append':
    case 'prepend':
      return { extras: NO_EXTRAS, value: act.value.toString('latin1') };
    case 'touch':
    case 'gat':
      return { extras: words(exptimeFor(act.ttl)), value: '' };
    case 'incr':
      return { extras: words(0, act.by, 0, 0, 0xffffffff), value: '' };
    case 'delete':
    case 'get':
      return { extras: NO_EXTRAS, value: '' };
  }
}

function binaryStatus(act: Act, ending: Ending): number {
  switch (ending.kind) {
    case 'not-stored':
      if (act.kind === 'add') return 0x02;
      return act.kind === 'replace' ? 0x01 : 0x05;
    case 'missing':
      return 0x01;
    case 'not-a-number':
      return 0x06;
    default:
      return 0;
  }
}

/** `body`: extras and value of the answer; null: not compared. */
function expectPacket(
  writer: Writer,
  opcode: number,
  key: string,
  extras: Buffer,
  value: string,
  status: number,
  body: Buffer | null = null,
): void {
  const opaque = writer.random.below(2 ** 31);
  writer.out.push(packet(opcode, key, extras, value, opaque));
  writer.checks.push((buffer, at) => {
    if (buffer.length < at + 24) return 0;
    const end = at + 24 + buffer.readUInt32BE(at + 8);
    if (buffer.length < end) return 0;
    const about = `opcode ${opcode} ${JSON.stringify(key)}`;
    if (buffer[at + 1] !== opcode || buffer.readUInt32BE(at + 12) !== opaque)
      return `${about}: another answer`;
    if (buffer.readUInt16BE(at + 6) !== status) return `${about}: wanted status ${status}, got`;
    if (body !== null && !buffer.subarray(at + 24, end).equals(body)) return `${about}: another value`;
    return end - at;
  });
}
