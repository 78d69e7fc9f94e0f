/** How loud the log is, and what is measured of what does not run any more. */
import type { Logger } from 'pino';
import { expect, test } from 'vitest';
import type { ProxyConfig } from '../../../src/config/config.ts';
import type { CheckState } from '../../../src/core/track.ts';
import type { Readiness, State } from '../../../src/core/vrrp/state.ts';
import { createMetrics } from '../../../src/daemon/metrics.ts';
import { observeCheck, observeInstance, observeProxy } from '../../../src/daemon/observe.ts';
import type { ProxyEvent } from '../../../src/daemon/proxies/runner.ts';
import { configOf, MINIMAL } from '../config/sample.ts';

function recorder() {
  const lines: string[] = [];
  const say = (level: string) => (_: object, text: string) => void lines.push(`${level} ${text}`);
  const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, say(level)]));
  return { lines, log: log as unknown as Logger };
}

const DETAIL = 'connection refused';
const readiness: Readiness = {
  ...{ decided: true, priority: 100, cold: [], candidate: true, localAddress: '10.0.0.1' },
  faults: [{ kind: 'memcached', name: 'local', detail: DETAIL }],
};

test.each([
  // A host that boots before its memcached is an ordinary boot.
  [{ name: 'INIT' }, `warn INIT -> FAULT: memcached_down, memcached local: ${DETAIL}`],
  [{ name: 'MASTER' }, `error MASTER -> FAULT: memcached_down, memcached local: ${DETAIL}`],
])('a transition from %j to FAULT is told as %s', (before, line) => {
  const { lines, log } = recorder();
  const observer = observeInstance(configOf(MINIMAL).instances[0]!, createMetrics('1'), log);
  observer.stepped({
    at: 0,
    event: { type: 'readiness', readiness },
    before: before as State,
    after: { name: 'FAULT' } as State,
    readiness,
    reason: 'memcached_down',
  });
  expect(lines).toEqual([line]);
});

test.each(['unknown', 'up'] as const)('a check that was %s and is down', (status) => {
  const { lines, log } = recorder();
  const down: CheckState = { status: 'down', streak: 0, detail: DETAIL };
  observeCheck(createMetrics('1'), log, {
    ...{ kind: 'memcached', name: 'local', before: { ...down, status }, after: down },
    result: { ok: false, final: true, detail: DETAIL },
  });
  const level = status === 'unknown' ? 'warn' : 'error';
  expect(lines).toEqual([`${level} memcached local is down: ${DETAIL}`]);
});

test.each<ProxyEvent>([
  { type: 'stopped' },
  {
    ...{ type: 'died', how: 'SIGKILL' },
    decision: { action: 'restart', pause: 0, supervision: { deaths: [], faults: 0, startsAt: 0 } },
  },
])('what a proxy said of its copies goes with it: $type', async (end) => {
  const metrics = createMetrics('1');
  const { log } = recorder();
  const parent = { ...log, child: () => log } as unknown as Logger;
  const proxy = { name: 'front', listen: { host: '10.0.0.5', port: 12000 } } as ProxyConfig;
  const copy = { name: '10.0.0.1:11211', up: true, whole: false, generation: 3 };
  const refill = {
    ...{ source: 'b', target: 'a', pass: 'first', waiting: false },
    ...{ stored: 1, rate: 1, left: 9 },
  };
  const report = { copies: [copy], refill: { ...refill, done: 1, total: 10 }, refilled: 1 };
  observeProxy(metrics, parent, proxy, { type: 'report', report });
  const told = async () =>
    (await metrics.registry.metrics())
      .split('\n')
      .filter((line) => /^memcache_ha_(proxy_copy|sync_items_)/.test(line));
  expect(await told()).toEqual([
    'memcache_ha_proxy_copy_up{name="front",copy="10.0.0.1:11211"} 1',
    'memcache_ha_proxy_copy_whole{name="front",copy="10.0.0.1:11211"} 0',
    'memcache_ha_sync_items_done{name="front"} 1',
    'memcache_ha_sync_items_expected{name="front"} 10',
    'memcache_ha_sync_items_total{name="front"} 1',
  ]);
  observeProxy(metrics, parent, proxy, end);
  expect(await told()).toEqual(['memcache_ha_sync_items_total{name="front"} 1']);
});
