/** Whether a memcached is there: servers of the test's own on loopback. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Reach, reachMemcached } from '../../../src/io/memcached-reach.ts';

let sockets: Socket[];
beforeEach(() => {
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
});

test.each<[string, (socket: Socket) => void, Reach]>([
  [
    'answers',
    (socket) => socket.on('data', (text) => text.equals(VERSION) && socket.write('VERSION 1.6.18\r\n')),
    'answers',
  ],
  [
    'wants a password',
    (socket) => socket.on('data', () => socket.write('CLIENT_ERROR unauthenticated\r\n')),
    'answers',
  ],
  ['hangs', () => {}, 'silent'],
  ['closes', (socket) => socket.end(), 'silent'],
])('one that %s', async (_, behave, expected) => {
  const server = createServer((socket) => {
    sockets.push(socket);
    behave(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await reachMemcached('127.0.0.1', port, expected === 'silent' ? 100 : 5000)).toBe(expected);
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
  expect(await reachMemcached('127.0.0.1', port, 5000)).toBe('refuses');
});

test('an address that leads nowhere', async () => {
  expect(await reachMemcached('255.255.255.255', 11211, 5000)).toBe('silent');
});

const VERSION = Buffer.from('version\r\n');
