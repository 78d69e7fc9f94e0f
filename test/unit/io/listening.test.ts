/** Listening sockets as the kernel lists them, on loopback. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { isListening } from '../../../src/io/listening.ts';

test.each([
  ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2', '::1']],
  ['0.0.0.0', ['127.0.0.1', '0.0.0.0'], ['::1']],
  ['::1', ['::1'], ['127.0.0.1', '::2']],
  ['::', ['::1', '::', '127.0.0.1'], []],
  ['127.0.0.1', ['localhost'], []],
])('a socket at %s is found at %j, and not at %j', async (host, at, notAt) => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    for (const address of at) expect(await isListening(address, port), address).toBe(true);
    for (const address of notAt) expect(await isListening(address, port), address).toBe(false);
    expect(await isListening(host, 1)).toBe(false);
  } finally {
    server.close();
  }
});
