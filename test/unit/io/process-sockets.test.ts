/** The TCP sockets of a process, seen from outside: this process's own, on loopback. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openPorts } from '../../../src/io/process-sockets.ts';

test.each(['127.0.0.1', '::1'])('what listens and what is connected at %s', async (host) => {
  const server = createServer();
  const accepted: Socket[] = [];
  server.on('connection', (socket) => accepted.push(socket)).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const before = await openPorts(process.pid);
  expect(before.listening).toContain(port);
  expect(before.connected).not.toContain(port);
  const client = connect(port, host);
  await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  const { connected } = await openPorts(process.pid);
  expect(connected).toEqual(expect.arrayContaining([port, client.localPort]));
  // Another process's sockets are not ours.
  expect((await openPorts(process.ppid)).listening).not.toContain(port);
  client.destroy();
  for (const socket of accepted) socket.destroy();
  server.close();
  await once(server, 'close');
  expect((await openPorts(process.pid)).listening).not.toContain(port);
});

test('a process that is not there', async () => {
  await expect(openPorts(2 ** 22 + 1)).rejects.toMatchObject({ code: 'ENOENT' });
});
