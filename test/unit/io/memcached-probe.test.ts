import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type ProbeResult, STATS, startMemcachedProbe } from '../../../src/io/memcached-probe.ts';
import { until } from '../../../src/lab/await.ts';

/** Long, so that whatever is seen before it ends was not seen by the next regular probe. */
const INTERVAL = 5000;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A memcached on loopback; `greet` is called with each connection and its number, from 1. */
async function serve(greet: (socket: Socket, number: number, server: Server) => void): Promise<number> {
  let connections = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    stops.push(() => socket.destroy());
    connections += 1;
    greet(socket, connections, server);
  });
  stops.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function probe(port: number, interval = INTERVAL, timeout = 1000): readonly ProbeResult<unknown>[] {
  const results: ProbeResult<unknown>[] = [];
  const running = startMemcachedProbe({
    host: '127.0.0.1',
    port,
    interval,
    timeout,
    question: STATS,
    onResult: (result) => results.push(result),
  });
  stops.push(running.stop);
  return results;
}

const answering = (socket: Socket) => socket.on('data', () => socket.write('STAT version 1.6.18\r\nEND\r\n'));

describe('a memcached that dies', () => {
  test('its listener takes the new connection with it: final at once, not at the next probe', async () => {
    let first: Socket | null = null;
    const port = await serve((socket, number, server) => {
      if (number === 1) {
        first = socket;
        answering(socket);
        return;
      }
      // What the kernel does to a connection in the backlog of a listener that is just being closed.
      server.close();
      socket.resetAndDestroy();
    });
    const results = probe(port);
    await until('the first answer', () => results.length > 0);
    (first as Socket | null)?.resetAndDestroy();
    await until('a second result', () => results.length > 1, { timeout: INTERVAL / 2 });
    expect(results[1]).toMatchObject({ ok: false, final: true, detail: 'connection refused' });
  });

  test('one that goes on closing every connection is one bad answer per probe, and not final', async () => {
    let connections = 0;
    const port = await serve((socket, number) => {
      connections = number;
      socket.resetAndDestroy();
    });
    const results = probe(port);
    await until('a result', () => results.length > 0, { timeout: INTERVAL / 2 });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(results).toHaveLength(1);
    expect(results[0]).toMatchObject({ ok: false, final: false });
    expect(connections).toBeLessThanOrEqual(5);
  });
});

test('one that hangs is asked again as soon as its time is over, though the next probe fell due before', async () => {
  const port = await serve(() => {});
  const begun = performance.now();
  const results = probe(port, 300, 300);
  await until('three results', () => results.length === 3, { timeout: 5000 });
  expect(results.every(({ ok }) => !ok)).toBe(true);
  // Three timeouts; five if every second probe were left out.
  expect(performance.now() - begun).toBeLessThan(1300);
});
