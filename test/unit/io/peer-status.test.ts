/** Asking another host for JSON: servers of the test's own on loopback that answer well, badly, slowly or without end. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askPeer } from '../../../src/io/peer-status.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function answered(listener: RequestListener, timeout = 5000): Promise<unknown> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return ask((server.address() as AddressInfo).port, timeout);
}

function ask(port: number, timeout: number): Promise<unknown> {
  return askPeer({ host: '127.0.0.1', port, path: '/status', timeout, longest: 1000 });
}

test('a good answer', async () => {
  const answer = answered((request, response) => response.end(JSON.stringify({ asked: request.url })));
  await expect(answer).resolves.toEqual({ asked: '/status' });
});

test.each<[string, RequestListener, string]>([
  ['that starts', (_, response) => response.writeHead(503).end('{}'), 'it answers /status with 503'],
  ['that is something else', (_, response) => response.end('<html>'), 'its answer is not JSON'],
  ['that says nothing', () => {}, 'no answer within 100 ms'],
  [
    'that says a byte now and then',
    (_, response) => {
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    },
    'no answer within 100 ms',
  ],
  [
    'that never ends',
    (_, response) => {
      response.on('error', () => {});
      response.write('x'.repeat(2000));
    },
    'its answer is longer than 1000 bytes',
  ],
  [
    'that breaks off',
    (_, response) => {
      response.write('{');
      response.flushHeaders();
      setTimeout(() => response.destroy(), 10);
    },
    'the connection was reset',
  ],
])('one %s', async (_, listener, expected) => {
  const timeout = expected.includes('within') ? 100 : 5000;
  await expect(answered(listener, timeout)).rejects.toThrow(expected);
});

test('one that is not there, and one that speaks no HTTP', async () => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.end('VERSION 1.6.18\r\n');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(ask(port, 5000)).rejects.toThrow('HPE_');
  for (const socket of sockets) socket.destroy();
  server.close();
  await once(server, 'close');
  await expect(ask(port, 5000)).rejects.toThrow('connection refused');
});
