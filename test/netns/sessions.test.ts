/**
 * PHP's two session handlers ask through the virtual address and keep counting through failovers: pecl-memcache
 * pipelines its requests, php-memcached speaks the binary protocol unless told otherwise.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { bundledPair } from './support/bundled.ts';
import { measured } from './support/measured.ts';
import { type Pair, PROXY, startPair, waitServes } from './support/pair.ts';

const COUNTER = new URL('../proxy/support/session-counter.php', import.meta.url).pathname;

let pair: Pair;
afterEach(() => pair.destroy());

/** One visit: the new count of the session. */
async function visit(handler: string): Promise<number> {
  const path = handler === 'memcache' ? `tcp://${PROXY}` : PROXY;
  const { stdout } = await pair.lab.client.exec(['php', COUNTER, handler, path, `session-${handler}`], {
    deadline: 20_000,
  });
  return Number(stdout);
}

describe.each(['memcache', 'memcached'])('sessions of pecl-%s keep counting', (handler) => {
  test.each([
    ['memcached on the MASTER is killed', ({ a }: Pair) => a.memcached.kill('SIGKILL')],
    ['the MASTER loses its power', ({ a }: Pair) => a.host.powerOff()],
  ] as const)('%s', async (name, fail) => {
    pair = await startPair({ config: (host) => bundledPair(host, { run: 'always' }) });
    await pair.a.proxyPid();
    for (const count of [1, 2, 3]) expect(await visit(handler)).toBe(count);
    await fail(pair);
    await waitServes(pair.b);
    const begun = monotonicNow();
    for (const count of [4, 5]) expect(await visit(handler)).toBe(count);
    measured(`two visits with pecl-${handler} after the failover, ${name}`, monotonicNow() - begun);
  });
});
