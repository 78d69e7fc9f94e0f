/**
 * How long a client is without a right answer when something fails on the MASTER: the bundled proxy on both hosts, warm,
 * one request per millisecond through the virtual address. Two clients: one gives up after 20 ms and connects anew, one
 * waits for TCP. RUNS of each, each on a fresh pair; medians are printed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import {
  type Config,
  firstTutorial,
  type Pair,
  PROXY,
  startPair,
  waitServes,
} from '../netns/support/pair.ts';

const RUNS = Number(process.env.RUNS ?? 3);

const proxy = (host: Host, peer: string): Config => ({
  front: { listen: PROXY, servers: [`${host.address}:11211`], backups: [`${peer}:11211`], run: 'always' },
});
const peerOf = (host: Host): string => (host.name === 'a' ? '10.9.0.102' : '10.9.0.101');

/** The first tutorial's numbers, and a pair tuned by somebody who means it. */
const SETTINGS: Readonly<Record<string, (host: Host) => Config>> = {
  "first tutorial's numbers": (host) =>
    firstTutorial(host, { sections: { proxy: proxy(host, peerOf(host)) } }),
  'v3, 0.1 s, unicast': (host) =>
    firstTutorial(host, {
      instance: {
        version: 3,
        advert_int: 0.1,
        priority: host.name === 'a' ? 254 : 253,
        authentication: undefined,
        unicast_src_ip: host.address,
        unicast_peer: [peerOf(host)],
      },
      sections: {
        memcached: { local: { address: `${host.address}:11211`, interval: 0.1, timeout: 0.1, fall: 2 } },
        proxy: proxy(host, peerOf(host)),
      },
    }),
};

/** Does it, and resolves when the pair serves again. */
const FAULTS: Readonly<Record<string, (pair: Pair) => Promise<unknown>>> = {
  'kill -9 memcached': async ({ a, b }) => {
    a.memcached.kill('SIGKILL');
    await waitServes(b);
  },
  'memcached hangs (SIGSTOP)': async ({ a, b }) => {
    a.memcached.kill('SIGSTOP');
    await waitServes(b);
  },
  'kill -9 the proxy': async ({ a }) => {
    process.kill(await a.proxyPid(), 'SIGKILL');
    await sleep(1000);
    await waitServes(a);
  },
  'SIGTERM to the daemon': async ({ a, b }) => {
    a.daemon.process.kill('SIGTERM');
    await waitServes(b);
  },
  'power off': async ({ a, b }) => {
    await a.host.powerOff();
    await waitServes(b);
  },
  'kill -9 the daemon': async ({ a, b }) => {
    a.daemon.process.kill('SIGKILL');
    await waitServes(b);
  },
};

async function outage(
  config: (host: Host) => Config,
  fault: (pair: Pair) => Promise<unknown>,
  giveUp: number,
) {
  const pair = await startPair({ config });
  try {
    await waitServes(pair.a);
    const client = await pair.client(PROXY, { expectAny: false, giveUp });
    await sleep(1500); // the spare is ready, and what the start cost is over
    const since = monotonicNow();
    await fault(pair);
    await client.waitAnswer(monotonicNow() + 300, 30_000);
    const gap = await client.longestGap(since);
    await client.stop();
    return gap;
  } finally {
    await pair.destroy();
  }
}

const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[values.length >> 1]!;

test.each(Object.entries(SETTINGS))('longest time without a right answer: %s', async (_title, config) => {
  const table: Record<string, Record<string, number>> = {};
  for (const [name, fault] of Object.entries(FAULTS)) {
    const row: Record<string, number> = {};
    for (const [client, giveUp] of [
      ['gives up after 20 ms', 20],
      ['waits on TCP', 0],
    ] as const) {
      const gaps: number[] = [];
      for (let run = 0; run < RUNS; run++) gaps.push(await outage(config, fault, giveUp));
      row[`${client}: median, ms`] = Math.round(median(gaps));
      row[`${client}: worst`] = Math.round(Math.max(...gaps));
    }
    table[name] = row;
    expect(row['gives up after 20 ms: median, ms']).toBeLessThan(10_000);
  }
  console.table(table);
});
