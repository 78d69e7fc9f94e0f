/** What becomes of a connection that is given up before it is open. */
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { listenOn } from '../../../src/io/libc.ts';
import { bindListeningSocket } from '../../../src/io/listening-socket.ts';
import { tcpDial } from '../../../src/sync/tcp.ts';

const HOST = '127.0.0.1';

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const attempts = () => process.getActiveResourcesInfo().filter((what) => what === 'TCPSocketWrap').length;

test('it keeps no process alive that is done', async () => {
  const port = await freePort();
  const full = bindListeningSocket(HOST, port)!;
  const waiting: Socket[] = [];
  try {
    // Nobody takes clients, and there is room for one: whoever comes later hears nothing.
    listenOn(full.descriptor, 0);
    for (let i = 0; i < 2; i++) waiting.push(connect({ host: HOST, port }).on('error', () => {}));
    await sleep(100);
    const before = attempts();
    let opened = false;
    const events = { opened: () => (opened = true), received: () => {}, closed: () => {} };
    const connection = tcpDial({ host: HOST, port })(events);
    await sleep(100);
    expect(attempts()).toBe(before + 1);
    connection.close();
    await sleep(100);
    expect(attempts()).toBe(before);
    expect(opened).toBe(false);
  } finally {
    for (const socket of waiting) socket.destroy();
    full.close();
  }
});
