/**
 * A live pair of keepalived becomes a pair of memcache-ha, host by host, under a client that asks every millisecond.
 * Side by side with it, in a lab of its own, the same restarts with keepalived alone: the migration costs no more.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../../src/lab/await.ts';
import { startClient } from '../../src/lab/client.ts';
import { createLab } from '../../src/lab/namespaces.ts';
import { ask, startMemcached } from '../../src/lab/programs.ts';
import { MEMCACHE_HA } from './support/daemon.ts';
import { pairInstance, type Setting, VIP } from './support/mixed-pair.ts';
import { createNode, type Program, type VrrpNode } from './support/vrrp-node.ts';

/** A gap longer than this is no slow answer of a busy machine, in ms. */
const THRESHOLD = 20;
/** What the median of the migrations may be longer than that of the restarts, in ms. */
const MARGIN = 100;
const ROUNDS = 3;

const SETTINGS: readonly Setting[] = [
  { name: 'v2 PASS multicast', version: 2, interval: 1, password: '1111', unicast: false },
  { name: 'v3 unicast', version: 3, interval: 0.3, unicast: true },
];

interface Cost {
  /** Time without a right answer, in ms: of all gaps together, and of the longest. */
  readonly total: number;
  readonly longest: number;
  readonly gaps: readonly string[];
}

/** Both hosts begin with keepalived, and go on with `next`: first the BACKUP, then the MASTER. */
async function replaceBoth(setting: Setting, next: Program): Promise<Cost> {
  const lab = await createLab({ prefix: 'mhamigrate' });
  const { a, b } = lab.hosts;
  const onA = { host: a, instance: pairInstance(setting, 'a', { state: 'MASTER', priority: 100 }) };
  const onB = { host: b, instance: pairInstance(setting, 'b', { priority: 99 }) };
  const [oldA, newA] = [createNode({ ...onA, program: 'keepalived' }), createNode({ ...onA, program: next })];
  const [oldB, newB] = [createNode({ ...onB, program: 'keepalived' }), createNode({ ...onB, program: next })];
  const settled = async (master: VrrpNode, backup: VrrpNode) => {
    await until(
      `${master.host.name} is MASTER and ${backup.host.name} BACKUP`,
      () => master.state() === 'MASTER' && backup.state() === 'BACKUP',
    );
    // Longer than the gaps that a change of MASTER leaves behind.
    await sleep(700);
  };
  try {
    for (const host of [a, b]) {
      await startMemcached(host);
      await ask(host, '127.0.0.1:11211', 'set same 0 0 5\r\nvalue');
    }
    await oldA.start();
    await oldB.start();
    await settled(oldA, oldB);
    const client = startClient(lab.client, {
      target: `${VIP}:11211`,
      command: [...MEMCACHE_HA, 'lab-client'],
      ...{ key: 'same', value: 'value', set: false, threshold: THRESHOLD, duration: 120 },
    });
    await client.started;

    await oldB.terminate();
    await newB.start();
    await settled(oldA, newB);
    const term = oldA.terminate();
    await until('b is MASTER', () => newB.state() === 'MASTER');
    await term;
    await newA.start();
    await settled(newA, newB);

    const { gaps, misses, wrong, longestGap } = await client.stop();
    expect({ misses, wrong }).toEqual({ misses: 0, wrong: 0 });
    expect(await a.holds(VIP)).toBe(true);
    expect(await b.holds(VIP)).toBe(false);
    return {
      total: gaps.reduce((sum, { gap }) => sum + gap, 0),
      longest: longestGap,
      gaps: gaps.map(({ gap, reason }) => `${gap.toFixed(0)} (${reason})`),
    };
  } finally {
    await lab.destroy();
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((x, y) => x - y)[Math.floor(values.length / 2)]!;
}

describe.concurrent('keepalived to memcache-ha, BACKUP first, then the MASTER', () => {
  test.each(SETTINGS)(
    '$name: no longer without an answer than the same restarts of keepalived',
    async (setting) => {
      const rounds: Array<Readonly<Record<'restart' | 'migration', Cost>>> = [];
      for (let round = 0; round < ROUNDS; round++) {
        const [restart, migration] = await Promise.all([
          replaceBoth(setting, 'keepalived'),
          replaceBoth(setting, 'memcache-ha'),
        ]);
        rounds.push({ restart, migration });
      }
      for (const what of ['restart', 'migration'] as const) {
        const costs = rounds.map((round) => round[what]);
        const told = costs.map(({ total, gaps }) => `${total.toFixed(0)} = ${gaps.join(' + ') || 'no gap'}`);
        process.stdout.write(`${setting.name}, ${what}, ms without an answer: ${told.join('; ')}\n`);
      }
      const totals = (what: 'restart' | 'migration') => median(rounds.map((round) => round[what].total));
      expect(totals('migration')).toBeLessThanOrEqual(totals('restart') + MARGIN);
    },
  );
});
