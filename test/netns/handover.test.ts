/**
 * A planned move costs clients nothing: they are answered at the first or second try, and nobody's packet is lost at a
 * host that has just let go, which a client that waits on TCP finds out 200 ms later.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabClient } from '../../src/lab/client.ts';
import type { Host } from '../../src/lab/host.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { measured } from './support/measured.ts';
import { fastPair, type Pair, PROXY, startPair, waitServes } from './support/pair.ts';

/** TCP's shortest retransmission is after 200 ms. */
const RETRANSMISSION = 190;
const CLIENTS = 3;

const peerOf = (host: Host): string => (host.name === 'a' ? '10.9.0.102' : '10.9.0.101');

describe('with the bundled proxy, warm, clients that wait on TCP', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({
      config: (host) =>
        fastPair(host, {
          instance: {
            state: 'BACKUP',
            nopreempt: true,
            unicast_src_ip: host.address,
            unicast_peer: [peerOf(host)],
          },
          sections: {
            proxy: {
              front: {
                listen: PROXY,
                servers: [`${host.address}:11211`],
                backups: [`${peerOf(host)}:11211`],
                run: 'always',
              },
            },
          },
        }),
    });
    await waitServes(pair.a);
  });
  afterAll(() => pair.destroy());

  /** Hands over while clients ask, and tells how it was for them. */
  async function duringMove(what: string, move: () => Promise<unknown>): Promise<void> {
    const clients: LabClient[] = [];
    for (let i = 0; i < CLIENTS; i++) {
      clients.push(await pair.client(PROXY, { giveUp: 0, key: `key${i}`, every: 2 }));
    }
    const began = monotonicNow();
    await move();
    for (const client of clients) await client.waitAnswer(monotonicNow() + 300);
    for (const client of clients) {
      const gap = await client.longestGap(began);
      const { mostTries, wrong, misses } = await client.stop();
      measured(`${what}: the longest gap`, gap);
      expect(gap).toBeLessThan(RETRANSMISSION);
      expect({ wrong, misses }).toEqual({ wrong: 0, misses: 0 });
      expect(mostTries).toBeLessThanOrEqual(2);
    }
  }

  test('drain', async () => {
    const { a, b } = pair;
    await duringMove('drain', async () => {
      await a.daemon.command('drain');
      await b.daemon.waitState('MASTER');
      await pair.waitHolder('b');
    });
    await a.daemon.command('resume');
  });

  test('SIGTERM', async () => {
    const { a, b } = pair;
    await duringMove('SIGTERM', async () => {
      b.daemon.process.kill('SIGTERM');
      await a.daemon.waitState('MASTER');
      await pair.waitHolder('a');
    });
    await b.daemon.process.exited;
  });
});
