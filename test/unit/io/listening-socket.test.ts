/** The socket that proxies inherit: bound early, open and shut on demand. */
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { bindListeningSocket, type ListeningSocket } from '../../../src/io/listening-socket.ts';

let sockets: ListeningSocket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.close();
  sockets = [];
});

function bind(host: string, port: number): ListeningSocket {
  const socket = bindListeningSocket(host, port)!;
  sockets.push(socket);
  return socket;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a client finds: `connected`, or the error's code. */
function knock(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.on('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
  });
}

describe.each([['127.0.0.1'], ['::1']])('on %s', (host) => {
  test('refuses until it is opened, then queues, and refuses again when it is shut', async () => {
    const port = await freePort();
    const socket = bind(host, port);
    expect(await knock(port, host)).toBe('ECONNREFUSED');
    socket.open();
    expect(await knock(port, host)).toBe('connected');
    socket.shut();
    expect(await knock(port, host)).toBe('ECONNREFUSED');
    socket.open();
    expect(await knock(port, host)).toBe('connected');
    socket.close();
    expect(await knock(port, host)).toBe('ECONNREFUSED');
  });
});

test('a client that nobody has taken is sent away when it is shut', async () => {
  const port = await freePort();
  const socket = bind('127.0.0.1', port);
  socket.open();
  const client = connect(port, '127.0.0.1');
  await new Promise((resolve) => client.once('connect', resolve));
  const gone = new Promise<string>((resolve) => {
    client.on('error', (error: NodeJS.ErrnoException) => resolve(error.code!));
    client.on('end', () => resolve('end'));
  });
  socket.shut();
  expect(await gone).toBe('ECONNRESET');
});

test('can be bound to an address that is not here, twice, and not beside a program that has it', async () => {
  const port = await freePort();
  bind('203.0.113.7', port);
  bind('203.0.113.7', port);
  bind('2001:db8::7', port);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  expect(() => bindListeningSocket('127.0.0.1', port)).toThrow('bind: EADDRINUSE');
  await new Promise((resolve) => server.close(resolve));
});

test('a name is for the program itself to look up', () => {
  expect(bindListeningSocket('localhost', 12_000)).toBeNull();
});
