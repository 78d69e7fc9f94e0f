/**
 * One copy fails under fifty clients that ask through the virtual address, and the MASTER stays where it is: no request
 * fails, and no client waits more than once. A's copy is not tracked here, or its loss would be a failover.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { bundledPair } from './support/bundled.ts';
import { CLIENTS, startClients } from './support/fifty-clients.ts';
import { measured } from './support/measured.ts';
import { type Pair, PROXY, startPair } from './support/pair.ts';

/** The contract is 300 ms; the rest is for two busy cores. */
const LONGEST_WAIT = 300 + 150;

let pair: Pair;
afterEach(() => pair.destroy());

const FAULTS = [
  ['the server, on the MASTER, is killed', ({ a }: Pair) => a.memcached.kill('SIGKILL')],
  ['the backup, on the BACKUP, is killed', ({ b }: Pair) => b.memcached.kill('SIGKILL')],
  ['the server hangs', ({ a }: Pair) => a.memcached.kill('SIGSTOP')],
  ['the backup hangs', ({ b }: Pair) => b.memcached.kill('SIGSTOP')],
  ['the backup’s host loses its power', ({ b }: Pair) => b.host.powerOff()],
] as const;

test.each(FAULTS)('%s', async (name, fail) => {
  pair = await startPair({ config: (host) => bundledPair(host, {}, { instance: { track_memcached: [] } }) });
  await pair.a.proxyPid();
  const clients = await startClients(pair.lab.client, PROXY);
  await sleep(1500);
  await fail(pair);
  await sleep(1500);
  const { requests, failures, slow } = await clients.stop();
  const waits = slow.flat();
  measured(
    `${name}: ${requests} requests, ${waits.length} of ${CLIENTS} clients waited, longest`,
    Math.max(0, ...waits),
  );
  expect(failures.slice(0, 5)).toEqual([]);
  expect(requests).toBeGreaterThan(CLIENTS * 50);
  for (const of of slow) expect(of.length).toBeLessThanOrEqual(1);
  expect(Math.max(0, ...waits)).toBeLessThan(LONGEST_WAIT);
  expect((await pair.a.daemon.instance()).state).toBe('MASTER');
});
