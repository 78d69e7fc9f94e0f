import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
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

test('one that answers and closes each connection is not asked without end between two probes', async () => {
  let connections = 0;
  const port = await serve((socket, number) => {
    connections = number;
    socket.on('data', () => socket.end('STAT version 1.6.18\r\nEND\r\n'));
  });
  const results = probe(port, 200);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(results.every(({ ok }) => ok)).toBe(true);
  expect(results.length).toBeGreaterThan(3);
  // Four or five intervals, in each the probe itself and three more.
  expect(connections).toBeLessThanOrEqual(20);
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

test('whatever is said in whatever pieces, or cut off: every question has its result, and a good answer is good again', async () => {
  let script: readonly Uint8Array[] = [];
  let end: 'stay' | 'close' | 'reset' = 'stay';
  const good = 'STAT version 1.6.18\r\nEND\r\n';
  let isGood = false;
  const port = await serve((socket) =>
    socket.on('data', () => {
      if (isGood) return void socket.write(good);
      for (const piece of script) socket.write(piece);
      if (end === 'close') socket.end();
      else if (end === 'reset') socket.resetAndDestroy();
    }),
  );
  const results: ProbeResult<unknown>[] = [];
  const running = startMemcachedProbe({
    host: '127.0.0.1',
    port,
    interval: 60_000,
    timeout: 60,
    question: STATS,
    onResult: (result) => results.push(result),
  });
  stops.push(running.stop);
  const next = async (): Promise<ProbeResult<unknown>> => {
    const before = results.length;
    running.ask();
    await until('a result', () => results.length > before, { timeout: 2000, every: 1 });
    return results[before]!;
  };
  const piece = fc.oneof(
    fc.constantFrom(good, 'STAT a 1\r\n', 'END\r\n', 'ERROR\r\n').map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 20 }),
  );
  await until('the first result', () => results.length === 1, { timeout: 2000, every: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 4 }),
      fc.constantFrom('stay', 'close', 'reset'),
      async (pieces, how) => {
        [script, end, isGood] = [pieces, how, false];
        await next();
        isGood = true;
        // What was said too much may still arrive, and is held against the question that it meets.
        await until('a good answer', async () => (await next()).ok, { timeout: 2000, every: 1 });
      },
    ),
    { numRuns: 60 },
  );
}, 30_000);
