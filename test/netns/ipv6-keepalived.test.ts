/** A pair over IPv6 with one of each, as while one is replaced by the other: both ways round, multicast and unicast. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { startKeepalived } from '../../src/lab/keepalived.ts';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { createLab, type Lab } from '../../src/lab/namespaces.ts';
import { startDaemon } from './support/daemon.ts';
import { keepalivedConf, MASTER_DOWN, ours, PAIR, priorityOf, VIP } from './support/ipv6.ts';
import { measured } from './support/measured.ts';

const MIXED = (['memcache-ha', 'keepalived'] as const).flatMap((higher) =>
  (['multicast', 'unicast'] as const).map((mode) => ({ higher, mode })),
);

describe.each(MIXED)('$higher at the higher priority, $mode', ({ higher, mode }) => {
  let lab: Lab<'a' | 'b'>;
  beforeAll(async () => {
    lab = await createLab({ prefix: 'mhamixsix', ipv6: true });
  });
  afterAll(() => lab.destroy());

  test('the higher is MASTER, its end is heard, and its return preempts', async () => {
    const { a, b } = lab.hosts;
    const start = async (host: Host, ourselves: boolean) => {
      const peer = host === a ? b : a;
      const unicast = { source: host.ipv6!.global, peers: [peer.ipv6!.global] };
      const instance = { ...PAIR, priority: priorityOf(host), ...(mode === 'unicast' ? unicast : {}) };
      if (!ourselves) {
        const keepalived = await startKeepalived(host, keepalivedConf(instance));
        return {
          wait: async (state: 'MASTER' | 'BACKUP') => keepalived.waitState('VI_6', state),
          stop: () => keepalived.stop(),
        };
      }
      const daemon = await startDaemon(host, { vrrp_instance: { VI_6: ours(instance) } });
      return {
        wait: async (state: 'MASTER' | 'BACKUP') => {
          await daemon.waitState(state);
        },
        stop: () => daemon.process.stop(),
      };
    };
    const onA = await start(a, higher === 'memcache-ha');
    const onB = await start(b, higher !== 'memcache-ha');
    const waitHolder = (name: 'a' | 'b') =>
      until(`${name} alone holds the address`, async () => {
        const held = [await a.holds(VIP), await b.holds(VIP)];
        return held[0] === (name === 'a') && held[1] === (name === 'b');
      });
    await onA.wait('MASTER');
    await onB.wait('BACKUP');
    await waitHolder('a');

    const stopped = monotonicNow();
    const ended = onA.stop();
    await onB.wait('MASTER');
    const took = monotonicNow() - stopped;
    measured(`IPv6, ${mode}, from SIGTERM to ${higher} to the other MASTER`, took);
    expect(took).toBeLessThan(MASTER_DOWN + 1000);
    await ended;
    await waitHolder('b');

    const again = await start(a, higher === 'memcache-ha');
    await again.wait('MASTER');
    await onB.wait('BACKUP');
    await waitHolder('a');
  });
});
