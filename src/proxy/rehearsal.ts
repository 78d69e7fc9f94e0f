/**
 * A proxy that stands by rehearses: it serves a client of its own on two copies of its own, whose memcacheds are played here.
 * V8 compiles a function when it is called for the first time, and the first client after a failover would wait 5 ms for
 * that. Touches neither the real copies nor their counters; what it says goes over the loopback interface and is about
 * nothing.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { acceptClient } from './accept.ts';
import { activate } from './activate.ts';
import type { ProxyOptions } from './options.ts';
import { createProxy, startBackends } from './proxy.ts';
import { NODE_SOCKETS } from './sockets.ts';

const HERE = '127.0.0.1';
/** What clients say most; each is answered before the next. */
const REQUESTS = [
  'get k\r\n',
  'gets k\r\n',
  'set k 0 0 1\r\n-\r\n',
  'get k l\r\n',
  'delete k\r\n',
  'mg k v\r\n',
  'ms k 1\r\n-\r\n',
];
/** So often is all of that said: what is called a few times is compiled once more, better. */
const ROUNDS = 8;
/** A memcached's answers to lines that begin so; the values have none. */
const ANSWERS: Readonly<Record<string, string>> = {
  version: 'VERSION 1.6.0',
  mn: 'MN',
  stats: 'STAT pid 1\r\nSTAT time 1\r\nSTAT uptime 1\r\nEND',
  get: 'VALUE k 0 1\r\n-\r\nEND',
  gets: 'VALUE k 0 1 1\r\n-\r\nEND',
  set: 'STORED',
  delete: 'DELETED',
  mg: 'EN',
  ms: 'HD',
};
/** For the whole, of which it takes a tenth. */
const PATIENCE_MS = 1000;

/**
 * Resolves to true when each request was answered. Without that the first client waits, which is no reason to end: a host may
 * be without a loopback interface. `options` are those of the real play, which ends the rehearsal by `signal` when it begins.
 */
export async function rehearse(options: ProxyOptions, signal: AbortSignal): Promise<boolean> {
  const memcached = createServer(playMemcached);
  const proxy = createProxy(
    { ...options, servers: [{ host: HERE, port: 1 }], backups: [{ host: HERE, port: 2 }] },
    () => {},
    { ...NODE_SOCKETS, dial: (wanted) => connect({ ...wanted, port: portOf(memcached) }) },
  );
  const door = createServer({ pauseOnConnect: true }, (socket) => acceptClient(proxy, socket));
  let stopBackends = (): void => {};
  try {
    await listen(memcached);
    stopBackends = startBackends(proxy);
    await activate(proxy);
    await listen(door);
    signal.throwIfAborted();
    return await converse(connect({ host: HERE, port: portOf(door), noDelay: true, signal }));
  } catch {
    return false;
  } finally {
    stopBackends();
    door.close();
    memcached.close();
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen({ host: HERE, port: 0 }, resolve);
  });
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function playMemcached(socket: Socket): void {
  socket.setEncoding('latin1').on('error', () => {});
  socket.on('data', (text: string) => {
    for (const line of text.split('\r\n')) {
      const answer = ANSWERS[line.split(' ', 1)[0]!];
      if (answer !== undefined) socket.write(`${answer}\r\n`);
    }
  });
}

/** Says everything, an answer after the other, and hangs up. Resolves to true when each was one that a memcached gives. */
function converse(client: Socket): Promise<boolean> {
  let answered = 0;
  const most = ROUNDS * REQUESTS.length;
  const ask = (): void => {
    if (answered < most) client.write(REQUESTS[answered % REQUESTS.length]!);
    else client.end();
  };
  client.setTimeout(PATIENCE_MS, () => client.destroy());
  return new Promise((resolve, reject) => {
    client.setEncoding('latin1').on('connect', ask).on('error', reject);
    client.on('data', (text: string) => {
      if (/ERROR/.test(text)) client.destroy();
      else {
        answered++;
        ask();
      }
    });
    client.on('close', () => resolve(answered === most));
  });
}
