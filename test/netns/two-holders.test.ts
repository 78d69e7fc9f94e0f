/**
 * A MASTER whose daemon is killed or stopped, and nobody starts it again, with adverts so short that the peer takes over
 * before the shortest lease is over: two hosts have the address until then, and no longer. (With adverts of a second the
 * lease is over first: tutorials.test.ts.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startCapture } from '../../src/lab/capture.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { watchHolding } from './support/holding.ts';
import { measured } from './support/measured.ts';
import { fastPair, type Pair, startPair, VIP } from './support/pair.ts';

let pair: Pair;
afterEach(() => pair.destroy());

/** The lease of 1 s, and how late the kernel ends it at most (0.4 s), and what a busy machine adds to what is seen of it. */
const LONGEST = 1000 + 400 + 200;

test.each(['SIGKILL', 'SIGSTOP'] as const)(
  '%s: two holders for the lease and 0.4 s at most; one that wakes steps back without a word',
  async (signal) => {
    pair = await startPair({
      config: (host) => fastPair(host, { instance: { state: 'BACKUP', advert_int: 0.1, nopreempt: true } }),
    });
    const { a, b } = pair;
    const [onA, onB] = [await watchHolding(a.host, VIP), await watchHolding(b.host, VIP)];
    await until('A renews its lease', () => onA.now());
    const struck = monotonicNow();
    a.daemon.process.kill(signal);
    await b.daemon.waitState('MASTER');
    await until('A has lost the address', () => !onA.now(), { timeout: 5000 });
    const lost = onA.changes.at(-1)!.t;
    const taken = onB.changes[0]!.t;
    measured(`${signal} to the daemon, adverts each 100 ms: two holders for`, lost - taken);
    expect(lost - struck).toBeLessThan(LONGEST);
    if (signal === 'SIGKILL') return;

    const capture = await startCapture(b.host, { filter: `ether src ${a.host.mac} and ip proto 112` });
    const woken = monotonicNow();
    a.daemon.process.kill('SIGCONT');
    const back = await a.daemon.waitLog(/MASTER -> BACKUP: overslept/, { after: woken });
    measured('SIGCONT: until it is BACKUP', back.t - woken);
    await sleep(1000);
    expect(await capture.frames()).toEqual([]);
    expect(await pair.holders()).toEqual(['b']);
    expect(onB.changes).toHaveLength(1);
  },
);
