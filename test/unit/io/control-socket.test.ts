/** Whatever is said to the control socket, or not said: an answer or an end, in bounded time, and others are served. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askControl, type ControlServer, serveControl } from '../../../src/io/control-socket.ts';

const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-control-'));
const path = join(directory, 'control.sock');
const commands: string[] = [];

let server: ControlServer;
beforeAll(async () => {
  server = await serveControl(path, async ({ command }) => {
    commands.push(command);
    return { ok: true, result: command };
  });
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

/** Says this and nothing more; what was answered until the end, at most 10 s later. */
function say(...chunks: readonly (Uint8Array | string)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(() => reject(new Error('neither an answer nor an end')), 10_000);
    let answered = '';
    socket.on('data', (data) => {
      answered += data;
    });
    // A refused request may be told by a reset.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answered);
    });
    for (const chunk of chunks) socket.write(chunk);
  });
}

const served = () => askControl(path, { command: 'status' }, 2000);
const GOOD = { ok: true, result: 'status' };
const BAD = { ok: false, error: 'a request is {"command": NAME}' };

const nested = (open: string, close: string, depth: number, within = '') =>
  open.repeat(depth) + within + close.repeat(depth);

test.each([
  ['a request', '{"command":"status"}\n', GOOD],
  ['with other keys', '{"command":"status","x":[1]}\n', GOOD],
  ['with CRLF', '{"command":"status"}\r\n', GOOD],
  ['no JSON', 'status\n', expect.objectContaining({ ok: false })],
  ['half of it', '{"command":\n', expect.objectContaining({ ok: false })],
  ['nothing', '\n', expect.objectContaining({ ok: false })],
  ['a list', '[]\n', BAD],
  ['null', 'null\n', BAD],
  ['a command that is a list', '{"command":["status"]}\n', BAD],
  ['a command that cannot be text', '{"command":{"toString":1}}\n', BAD],
  ['deep lists', `${nested('[', ']', 2000)}\n`, BAD],
  ['deep maps', `${nested('{"a":', '}', 600, '1')}\n`, BAD],
  ['a deep command', `{"command":${nested('[', ']', 2000)}}\n`, BAD],
  ['__proto__', '{"__proto__":{"command":"drain"}}\n', BAD],
])('%s', async (_, text, answer) => {
  expect(JSON.parse(await say(text))).toEqual(answer);
});

test('in single bytes', async () => {
  const socket = connect(path);
  for (const byte of '{"command":"status"}\n') {
    socket.write(byte);
    await sleep(1);
  }
  const answer = await new Promise((resolve) => socket.once('data', resolve));
  expect(JSON.parse(String(answer))).toEqual(GOOD);
});

test('one request for each connection; what follows it is not even read as one', async () => {
  const before = commands.length;
  expect(JSON.parse(await say('{"command":"one"}\n{"command":"two"}\n', '{"command":"three"}\n'))).toEqual({
    ok: true,
    result: 'one',
  });
  expect(commands.slice(before)).toEqual(['one']);
});

test('a line without end is cut off, and its memory given back', async () => {
  const before = process.memoryUsage().rss;
  const megabyte = 'x'.repeat(1024 * 1024);
  expect(await say(...Array.from({ length: 50 }, () => megabyte))).toBe('');
  expect(await say(`${'x'.repeat(5000)}\n`)).toBe('');
  // The 50 MB are the client's own, in this process.
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
  expect(await served()).toEqual(GOOD);
});

test('arbitrary bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (chunks) => {
      const answered = await say(...chunks, '\n');
      if (answered !== '') expect(JSON.parse(answered)).toMatchObject({ ok: false });
    }),
    { numRuns: 200 },
  );
  expect(await served()).toEqual(GOOD);
});

test('arbitrary JSON: a command only if its name is text', async () => {
  await fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 6 }), async (json) => {
      const line = `{"x":1,"command":${json.replaceAll('\n', ' ')}}`;
      const answer = JSON.parse(await say(`${line}\n`));
      const { command } = JSON.parse(line) as { command: unknown };
      expect(answer).toEqual(typeof command === 'string' ? { ok: true, result: command } : BAD);
    }),
    { numRuns: 100 },
  );
});

test('200 connections that say nothing, or half of a request: the next one is served at once, and they end', async () => {
  const silent: Socket[] = [];
  let ended = 0;
  for (let i = 0; i < 200; i++) {
    const socket = connect(path).on('error', () => {});
    socket.on('close', () => {
      ended += 1;
    });
    if (i % 2 === 0) socket.write('{"comm');
    socket.resume();
    silent.push(socket);
  }
  const began = performance.now();
  expect(await served()).toEqual(GOOD);
  expect(performance.now() - began).toBeLessThan(2000);
  // One that says a byte now and then gains no time by it.
  const drip = setInterval(() => silent.at(-1)!.write('x'), 500);
  try {
    for (let waited = 0; ended < silent.length && waited < 10_000; waited += 100) await sleep(100);
    expect(ended).toBe(silent.length);
  } finally {
    clearInterval(drip);
  }
  expect(await served()).toEqual(GOOD);
}, 20_000);
