/**
 * A backend that dies or hangs under fifty clients: no request fails, nobody waits more than once and longer than 300 ms,
 * its return is noticed within a second, and what is written from then on is on both copies again.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, runClients } from './support/clients.ts';
import { ask, openConnection } from './support/connection.ts';
import { buildProxy, type Running, sleep, startMemcached, startProxy } from './support/processes.ts';

const CLIENTS = 50;
const HOT_KEYS = 200;
/** The contract is 300 ms; the rest is for two busy cores. */
const LONGEST_WAIT_MS = 300 + 100;

let built: Awaited<ReturnType<typeof buildProxy>>;

beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());

async function withPair(
  test: (pair: { copies: [Running, Running]; proxy: Running }) => Promise<void>,
): Promise<void> {
  const copies: [Running, Running] = [await startMemcached(), await startMemcached()];
  const proxy = await startProxy(built.file, [copies[0].port], [copies[1].port]);
  try {
    await test({ copies, proxy });
  } finally {
    for (const program of [proxy, ...copies]) await program.stop();
  }
}

async function isUp(proxy: Running, backend: 1 | 2): Promise<boolean> {
  const connection = await openConnection(proxy.port);
  const stats = await ask(connection, 'stats\r\n', /END\r\n$/);
  connection.close();
  return stats.includes(`STAT backend_${backend}_up 1`);
}

async function timeUntil(condition: () => Promise<boolean>, limit: number): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < limit) {
    if (await condition()) return performance.now() - start;
    await sleep(10);
  }
  throw new Error(`not within ${limit} ms`);
}

function expectSound(account: Awaited<ReturnType<typeof runClients>>): void {
  expect(account.failures.slice(0, 5)).toEqual([]);
  expect(account.requests).toBeGreaterThan(CLIENTS * 20);
  for (const waits of account.slow) {
    expect(waits.length).toBeLessThanOrEqual(1);
    for (const wait of waits) expect(wait).toBeLessThan(LONGEST_WAIT_MS);
  }
}

const HOT = Array.from({ length: HOT_KEYS }, (_, index) => `hot${index}`);

describe('fifty writers on two hundred hot keys', () => {
  it('leave no key that differs between the copies', async () => {
    await withPair(async ({ copies, proxy }) => {
      const end = Date.now() + 3000;
      const account = await runClients(proxy.port, CLIENTS, HOT_KEYS, () => Date.now() > end);
      expectSound(account);
      expect(await differences(copies[0].port, copies[1].port, HOT)).toEqual([]);
    });
  });
});

describe.each([
  ['the server', 0],
  ['the backup', 1],
] as const)('%s', (_name, index) => {
  it('is killed, and comes back empty', async () => {
    await withPair(async ({ copies, proxy }) => {
      let over = false;
      const clients = runClients(proxy.port, CLIENTS, HOT_KEYS, () => over);
      await sleep(700);
      const { port } = copies[index];
      await copies[index].stop('SIGKILL');
      await sleep(700);
      copies[index] = await startMemcached(port);
      const noticed = await timeUntil(() => isUp(proxy, index === 0 ? 1 : 2), 3000);
      await sleep(300);
      over = true;
      expectSound(await clients);
      expect(noticed).toBeLessThan(1000);
      // Everything is written once more: from its return on it missed nothing.
      const connection = await openConnection(proxy.port);
      for (const key of HOT) await ask(connection, `set ${key} 1 0 2\r\nok\r\n`, /STORED/);
      connection.close();
      expect(await differences(copies[0].port, copies[1].port, HOT)).toEqual([]);
    });
  });

  it('hangs, and goes on later', async () => {
    await withPair(async ({ copies, proxy }) => {
      let over = false;
      const clients = runClients(proxy.port, CLIENTS, HOT_KEYS, () => over);
      await sleep(700);
      copies[index].child.kill('SIGSTOP');
      await sleep(1200);
      copies[index].child.kill('SIGCONT');
      const noticed = await timeUntil(() => isUp(proxy, index === 0 ? 1 : 2), 3000);
      const second = Date.now() + 1500;
      while (Date.now() < second) await sleep(50);
      over = true;
      expectSound(await clients);
      expect(noticed).toBeLessThan(1000);
    });
  });
});

describe('both copies gone', () => {
  it('is answered at once, and ends when one is back', async () => {
    await withPair(async ({ copies, proxy }) => {
      const connection = await openConnection(proxy.port);
      for (const copy of copies) await copy.stop('SIGKILL');
      await sleep(100);
      const start = performance.now();
      const refusal = /^SERVER_ERROR .*\r\n$/;
      for (const request of [
        'get a\r\n',
        'set a 0 0 1\r\n1\r\n',
        'incr a 1\r\n',
        'mg a v\r\n',
        'flush_all\r\n',
      ]) {
        expect(await ask(connection, request, /\r\n$/)).toMatch(refusal);
      }
      expect(performance.now() - start).toBeLessThan(200);
      copies[1] = await startMemcached(copies[1].port);
      await timeUntil(
        async () => (await ask(connection, 'set a 0 0 1\r\n1\r\n', /\r\n$/)) === 'STORED\r\n',
        2000,
      );
      expect(await ask(connection, 'get a\r\n', /END\r\n$/)).toBe('VALUE a 0 1\r\n1\r\nEND\r\n');
      connection.close();
    });
  });
});
