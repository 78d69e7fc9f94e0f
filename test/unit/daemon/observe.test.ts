/** How loud the log is. */
import type { Logger } from 'pino';
import { expect, test } from 'vitest';
import type { CheckState } from '../../../src/core/track.ts';
import type { Readiness, State } from '../../../src/core/vrrp/state.ts';
import { createMetrics } from '../../../src/daemon/metrics.ts';
import { observeCheck, observeInstance } from '../../../src/daemon/observe.ts';
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
