/** Commands keep their bytes until they were answered, and memory is only taken for those that wait. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectBackend } from '../../../src/proxy/backend.ts';
import { flushBackend, submit, submitText } from '../../../src/proxy/backend-output.ts';
import { internalCall } from '../../../src/proxy/call.ts';
import { parseOptions } from '../../../src/proxy/options.ts';
import { createProxy } from '../../../src/proxy/proxy.ts';
import type { Sockets } from '../../../src/proxy/sockets.ts';
import type { Backend, Call } from '../../../src/proxy/types.ts';

let written: Buffer[];
let answer: (text: string) => void;
let backend: Backend;

/** A connection that takes everything, and says what `answer` is given. */
class FakeSocket extends EventEmitter {
  readonly connecting = false;
  readonly destroyed = false;
  write(bytes: Buffer): void {
    written.push(Buffer.from(bytes));
  }
  cork(): void {}
  uncork(): void {}
  resetAndDestroy(): void {}
}

beforeEach(() => {
  written = [];
  const options = parseOptions(['-D', '-p', '1', '-s', '127.0.0.1:2']);
  if ('error' in options) throw new Error(options.error);
  const socket = new FakeSocket();
  const dial = (({ onread }: Parameters<Sockets['dial']>[0]) => {
    answer = (text) => {
      const bytes = Buffer.from(text, 'latin1');
      onread!.callback(bytes.length, bytes);
    };
    return socket;
  }) as unknown as Sockets['dial'];
  const proxy = createProxy(options, () => {}, { dial, adopt: () => socket as never });
  backend = proxy.backends[0]!;
  connectBackend(backend);
  socket.emit('connect');
  flushBackend(backend);
  answer('VERSION 1.6.18\r\nMN\r\nEND\r\nEND\r\n');
  expect(backend.pending).toBe(0);
});

afterEach(() => {
  if (backend.deadline !== null) clearTimeout(backend.deadline);
});

const command = (index: number): string => `mg ${`${index}`.padEnd(50, '.')} v\r\n`;

function send(index: number): Call {
  const call = internalCall(backend, 'line', () => {});
  if (index % 2 === 0) submitText(call, command(index));
  else submit(call, Buffer.from(`..${command(index)}..`), 2, 2 + command(index).length);
  return call;
}

const bytesOf = ({ bytes, from, to }: Call): string => bytes.toString('latin1', from, to);

describe('the memory of commands', () => {
  it('is the same as long as each is answered before the next', () => {
    const { slab } = backend.out;
    for (let index = 0; index < 10_000; index++) {
      written = [];
      const call = send(index);
      flushBackend(backend);
      expect(Buffer.concat(written).toString('latin1')).toBe(command(index));
      expect(bytesOf(call)).toBe(command(index));
      answer('EN\r\n');
    }
    expect(backend.out.slab).toBe(slab);
  });

  it.each([1, 7, 100])('of %i that wait stays as it is, whatever is sent after them', (most) => {
    const waiting: { call: Call; index: number }[] = [];
    for (let index = 0; index < 10_000; index++) {
      waiting.push({ call: send(index), index });
      if (index % 3 === 0) flushBackend(backend);
      if (waiting.length <= most) continue;
      flushBackend(backend);
      const { call, index: sent } = waiting.shift()!;
      expect(bytesOf(call)).toBe(command(sent));
      answer('EN\r\n');
    }
    flushBackend(backend);
    const all = Array.from({ length: 10_000 }, (_, index) => command(index)).join('');
    expect(Buffer.concat(written).toString('latin1').slice(-all.length) === all).toBe(true);
  });

  it('of commands that are not sent yet is not used again', () => {
    const { slab } = backend.out;
    const calls = Array.from({ length: 2000 }, (_, index) => send(index));
    expect(backend.out.slab).not.toBe(slab);
    expect(calls.map(bytesOf)).toEqual(calls.map((_, index) => command(index)));
  });
});
