/**
 * What the proxy of a host sent as its link went: the other host serves by then, and its memcached must not carry that out
 * when the link comes back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { ask } from '../../src/lab/programs.ts';
import { warmProxy } from '../bench/support/tuned-pair.ts';
import { fastPair, type Pair, PROXY, PROXY_PORT, startPair, VIP, waitServes } from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

const MEMCACHED = '127.0.0.1:11211';
/** Until the kernel asks for the neighbour's address once more, and longer than the other host needs to take over. */
const CUT_MS = 1500;

test('a write that the cut-off host still took does not come after newer ones', async () => {
  pair = await startPair({
    config: (host) => fastPair(host, { sections: { proxy: { front: warmProxy(host) } } }),
  });
  const { a, b, lab } = pair;
  await waitServes(a);
  const key = 'key 0 0 3\r\n';
  expect(await ask(lab.client, PROXY, `set ${key}one`)).toBe('STORED');
  // A client beside the proxy: one elsewhere could not reach it any more.
  const near = a.host.spawn([
    ...['bash', '--norc', '-c'],
    `exec 3<>/dev/tcp/${VIP}/${PROXY_PORT} && echo ready && read && printf 'set key 0 0 3\\r\\nold\\r\\n' >&3 && sleep 60`,
  ]);
  await near.stdout.waitFor(/ready/);
  // So that the address stays until the write is there.
  a.daemon.process.kill('SIGSTOP');
  await a.host.linkDown();
  const cut = Date.now();
  near.stdin.write('\n');
  await until('A has the old write', async () => (await ask(a.host, MEMCACHED, 'get key')).includes('old'));
  a.daemon.process.kill('SIGCONT');
  await b.daemon.waitState('MASTER');
  await until(
    'B stores the new one',
    async () => (await ask(lab.client, PROXY, `set ${key}new`).catch(() => '')) === 'STORED',
  );
  await sleep(Math.max(0, CUT_MS - (Date.now() - cut)));
  await a.host.linkUp();
  await a.daemon.waitState('MASTER');
  await pair.waitHolder('a');
  // The kernel asks for the neighbour once a second.
  await sleep(1000);
  for (const { host } of [a, b]) expect(await ask(host, MEMCACHED, 'get key'), host.name).toContain('new');
  expect(await ask(lab.client, PROXY, 'get key')).toContain('new');
});
