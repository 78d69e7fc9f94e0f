/**
 * Turns what happened into log lines, metrics and history. Only watches: nothing here changes what the daemon does.
 */
import type { Level, Logger } from 'pino';
import type { ProxyReport } from '../config/bundled-proxy.ts';
import type { HooksConfig, InstanceConfig, ProxyConfig, VirtualAddress } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import { encodeGeneration } from '../core/generation.ts';
import { coldReasons } from '../core/track.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { type Readiness, STATE_NAMES, type State, TAKEOVERS } from '../core/vrrp/state.ts';
import { DISCARD_REASONS, type DiscardReason } from '../core/vrrp/validate.ts';
import type { Warmth } from '../core/warmth.ts';
import type { ComparisonChange } from './checks/warm-memcached.ts';
import type { CheckKind, CheckObservation } from './health.ts';
import { createHistory, type History } from './history.ts';
import type { HookOutcome } from './hooks.ts';
import type { Observation } from './instance.ts';
import type { Metrics } from './metrics.ts';
import type { ProxyEvent } from './proxies/runner.ts';
import { type ConflictStatus, describeWarmth, type OtherMasterStatus } from './status.ts';

/** One discarded advertisement in so many ms is logged per reason; all are counted. */
const LOG_EVERY = 10_000;

export interface InstanceObserver {
  readonly history: History;
  /** ISO 8601. */
  readonly createdAt: string;
  stepped(observation: Observation): void;
  discarded(reason: DiscardReason, from: string): void;
  advertisementSent(): void;
  tookOver(milliseconds: number): void;
  vipsHeld(holds: (address: VirtualAddress) => boolean): void;
  readded(address: VirtualAddress, announced: boolean): void;
  /** Others claimed the address so many times, the latest being `mac`. */
  disputed(address: IpAddress, mac: string, claims: number): void;
  defended(address: IpAddress): void;
  readonly otherMaster: OtherMasterStatus | null;
  conflict(address: IpAddress): ConflictStatus | null;
  failed(act: string, error: Error): void;
  hookEnded(outcome: HookOutcome): void;
  /** The instance has these addresses from now on. */
  adjust(config: InstanceConfig): void;
}

/** Watches one instance. Its counters exist from the start, at 0. */
export function observeInstance(config: InstanceConfig, metrics: Metrics, parent: Logger): InstanceObserver {
  const instance = config.name;
  const history = createHistory();
  const lastLogged = new Map<string, number>();
  let addresses: readonly VirtualAddress[] = [];

  // No child logger: it would keep the level that its parent had when it was made.
  const tell = (level: Exclude<Level, 'fatal'>, fields: object, text: string): void =>
    parent[level]({ instance, ...fields }, text);

  metrics.advertisementsSent.inc({ instance }, 0);
  metrics.advertisementsReceived.inc({ instance }, 0);
  metrics.addressListMismatches.inc({ instance }, 0);
  for (const reason of DISCARD_REASONS) metrics.advertisementsDiscarded.inc({ instance, reason }, 0);
  // The alert for flapping counts these: the first one of each kind would be no increase to Prometheus.
  for (const [from, reason] of TAKEOVERS)
    metrics.vrrpTransitions.inc({ instance, from, to: 'MASTER', reason }, 0);

  const adjust = (next: InstanceConfig): void => {
    const before = addresses;
    addresses = [...next.virtualAddresses, ...next.excludedAddresses];
    for (const { address } of addresses) {
      metrics.vipReadded.inc({ instance, address }, 0);
      metrics.vipConflicts.inc({ instance, address }, 0);
    }
    countHooks(metrics, instance, next.hooks);
    for (const { address } of before) {
      if (!addresses.some((kept) => kept.address === address)) metrics.vipHeld.remove({ instance, address });
    }
  };
  adjust(config);
  metrics.otherMasters.inc({ instance }, 0);
  let otherMaster: OtherMasterStatus | null = null;
  const conflicts = new Map<IpAddress, ConflictStatus>();

  const showState = (state: State): void => {
    for (const name of STATE_NAMES)
      metrics.vrrpState.set({ instance, state: name }, name === state.name ? 1 : 0);
  };
  showState({ name: 'INIT' });

  /** True once in LOG_EVERY for each key. */
  const seldom = (key: string): boolean => {
    const now = performance.now();
    if (now - (lastLogged.get(key) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY) return false;
    lastLogged.set(key, now);
    return true;
  };

  return {
    history,
    createdAt: new Date().toISOString(),
    stepped({ event, before, after, readiness, reason }) {
      if (event.type === 'advertisement') {
        metrics.advertisementsReceived.inc({ instance });
        if (!event.advertisement.addressListMatches) {
          metrics.addressListMismatches.inc({ instance });
          if (seldom('address list'))
            tell('warn', { from: event.advertisement.source }, 'address list is not ours');
        }
        if (before.name === 'MASTER' && after.name === 'MASTER' && event.advertisement.priority > 0) {
          const { source, priority } = event.advertisement;
          metrics.otherMasters.inc({ instance });
          const count = (otherMaster?.count ?? 0) + 1;
          otherMaster = { address: source, priority, count, at: new Date().toISOString() };
          if (seldom('two masters'))
            tell('warn', { from: source, priority }, 'another master of lower rank is heard');
        }
      }
      if ('readiness' in event) metrics.vrrpPriority.set({ instance }, readiness.priority);
      if (reason === undefined) return;
      const detail = describe(before, after, readiness);
      metrics.vrrpTransitions.inc({ instance, from: before.name, to: after.name, reason });
      showState(after);
      history.add({ at: new Date().toISOString(), from: before.name, to: after.name, reason, detail });
      const level = levelOf(before, after);
      tell(
        level,
        { from: before.name, to: after.name, reason, priority: readiness.priority },
        `${before.name} -> ${after.name}: ${reason}${detail === '' ? '' : `, ${detail}`}`,
      );
    },
    discarded(reason, from) {
      metrics.advertisementsDiscarded.inc({ instance, reason });
      if (seldom(`discard ${reason}`)) tell('warn', { reason, from }, `advertisement discarded: ${reason}`);
    },
    advertisementSent: () => metrics.advertisementsSent.inc({ instance }),
    tookOver(milliseconds) {
      metrics.takeover.observe({ instance }, milliseconds / 1000);
      history.tookOver({ at: new Date().toISOString(), ms: round(milliseconds) });
      tell('info', { ms: round(milliseconds) }, 'virtual addresses are here and announced');
    },
    vipsHeld(holds) {
      for (const address of addresses) {
        metrics.vipHeld.set({ instance, address: address.address }, holds(address) ? 1 : 0);
      }
    },
    readded({ address }, announced) {
      metrics.vipReadded.inc({ instance, address });
      tell(
        'warn',
        { address },
        `virtual address was taken away by somebody else; put back${announced ? ' and announced' : ''}`,
      );
    },
    disputed(address, mac, claims) {
      metrics.vipConflicts.inc({ instance, address }, claims);
      const count = (conflicts.get(address)?.count ?? 0) + claims;
      conflicts.set(address, { mac, count, at: new Date().toISOString() });
      if (seldom(`conflict ${address}`)) {
        tell('warn', { address, mac, count }, `${address} is claimed by another host as well, ${mac}`);
      }
    },
    defended: (address) =>
      tell('info', { address }, `${address} announced once more, against another's claim`),
    get otherMaster() {
      return otherMaster;
    },
    conflict: (address) => conflicts.get(address) ?? null,
    failed(act, error) {
      tell('error', { error: error.message }, `could not ${act}: ${error.message}`);
    },
    hookEnded: (outcome) => observeHook(metrics, parent, instance, outcome),
    adjust,
  };
}

/** An instance that is no more: its gauges go, what was counted stays. */
export function forgetInstance(metrics: Metrics, { name: instance, ...config }: InstanceConfig): void {
  for (const state of STATE_NAMES) metrics.vrrpState.remove({ instance, state });
  metrics.vrrpPriority.remove({ instance });
  for (const { address } of [...config.virtualAddresses, ...config.excludedAddresses]) {
    metrics.vipHeld.remove({ instance, address });
  }
}

/** A host that boots before its memcached or its network is in FAULT for a moment: nothing has failed. */
function levelOf(before: State, after: State): 'info' | 'warn' | 'error' {
  if (after.name !== 'FAULT') return 'info';
  return before.name === 'INIT' ? 'warn' : 'error';
}

/** A line on what led to a transition, beyond its reason. */
function describe(before: State, after: State, { faults, cold }: Readiness): string {
  if (after.name === 'FAULT') {
    return faults.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`).join('; ');
  }
  const coldly = after.name === 'STOP' || cold.length === 0 ? [] : [coldReasons(cold)];
  const master = after.name === 'BACKUP' ? after.master : before.name === 'BACKUP' ? before.master : null;
  if (master === null) return coldly.join();
  const role = after.name === 'BACKUP' ? 'master' : 'last master';
  return [`${role} ${master.address} with priority ${master.priority}`, ...coldly].join('; ');
}

const HOOK_RESULTS = ['success', 'failure', 'timeout', 'not_runnable', 'dropped'] as const;

/** The counters of an instance's or a sync group's hooks exist from the start, at 0: else the first failure is no increase. */
export function countHooks(
  metrics: Metrics,
  instance: string,
  { master, backup, fault, stop, any }: HooksConfig,
): void {
  const hooks = { notify_master: master, notify_backup: backup, notify_fault: fault, notify_stop: stop };
  for (const [hook, command] of Object.entries({ ...hooks, notify: any })) {
    if (command === null) continue;
    for (const result of HOOK_RESULTS) metrics.hookRuns.inc({ instance, hook, result }, 0);
  }
}

/** Watches the results of checks. */
export function observeCheck(metrics: Metrics, log: Logger, observation: CheckObservation): void {
  const { kind, name, before, after, result, tookSeconds } = observation;
  const up = after.status === 'up' ? 1 : 0;
  if (kind === 'memcached') {
    metrics.memcachedUp.set({ name }, up);
    metrics.memcachedProbeFailures.inc({ name }, result.ok ? 0 : 1);
    if (tookSeconds !== undefined) metrics.memcachedProbe.observe({ name }, tookSeconds);
  } else {
    metrics.checkUp.set({ kind, name }, up);
  }
  if (before.status !== after.status) {
    const text = after.status === 'up' ? 'up' : `down: ${after.detail}`;
    // The first result is no failure of what was up.
    const level = after.status === 'up' ? 'info' : before.status === 'unknown' ? 'warn' : 'error';
    log[level]({ [kind]: name, status: after.status }, `${kind} ${name} is ${text}`);
  } else if (!result.ok && after.status === 'up') {
    log.warn({ [kind]: name, failures: after.streak }, `${kind} ${name}: ${result.detail}`);
  }
}

/** A check that is no more. */
export function forgetCheck(metrics: Metrics, kind: CheckKind, name: string): void {
  if (kind !== 'memcached') return metrics.checkUp.remove({ kind, name });
  metrics.memcachedUp.remove({ name });
  metrics.memcachedWhole.remove({ name });
  for (const copy of ['local', 'peer']) metrics.memcachedGeneration.remove({ name, copy });
  metrics.memcachedProcessUp.remove({ name });
  metrics.memcachedPartner.remove({ name });
}

/** Watches how a memcached's copy compares with its peer's, which is at `peer`. */
export function observeComparison(
  metrics: Metrics,
  log: Logger,
  name: string,
  peer: string,
  { before, after }: ComparisonChange,
): void {
  const { warmth } = after;
  if (warmth.state === 'unknown') metrics.memcachedWhole.remove({ name });
  else metrics.memcachedWhole.set({ name }, warmth.state === 'whole' ? 1 : 0);
  for (const copy of ['local', 'peer'] as const) {
    const record = warmth[copy];
    if (record === undefined) metrics.memcachedGeneration.remove({ name, copy });
    else metrics.memcachedGeneration.set({ name, copy }, record?.number ?? 0);
  }
  if (before.peer.status !== after.peer.status) {
    const gone = after.peer.status === 'down';
    const text = gone ? `is gone: ${after.peer.detail}` : 'answers';
    log[gone ? 'warn' : 'info'](
      { memcached: name, peer, status: after.peer.status },
      `memcached ${name}: its peer ${peer} ${text}`,
    );
  }
  const same = before.warmth.state === warmth.state && before.warmth.behind === warmth.behind;
  // That it is not known any more is the check's own news.
  if (same || warmth.state === 'unknown') return;
  const meaning = warmth.behind ? ', so this host is MASTER only while no other is' : '';
  log[warmth.behind ? 'warn' : 'info'](
    { memcached: name, copy: warmth.state, ...generations(warmth) },
    `memcached ${name} is ${describeWarmth(warmth)}${meaning}`,
  );
}

/** The records in a line of the log. */
function generations({ local, peer }: Warmth): { generation: string | null; peer: string | null } {
  const text = (record: Warmth['local']) => (record == null ? null : encodeGeneration(record));
  return { generation: text(local), peer: text(peer) };
}

/** Watches the hooks of an instance or of a sync group. */
export function observeHook(metrics: Metrics, log: Logger, instance: string, outcome: HookOutcome): void {
  const { hook, command, result, how, output, took } = outcome;
  metrics.hookRuns.inc({ instance, hook, result });
  const level = result === 'success' ? 'info' : 'error';
  const said = output === '' ? {} : { output };
  log[level]({ instance, hook, result, ms: round(took), ...said }, `${hook}: ${how}: ${command.join(' ')}`);
}

/** Watches a proxy. */
export function observeProxy(
  metrics: Metrics,
  parent: Logger,
  { name, listen }: ProxyConfig,
  event: ProxyEvent,
): void {
  const log = parent.child({ proxy: name });
  switch (event.type) {
    case 'wanted':
      return metrics.proxyWanted.set({ name }, event.wanted ? 1 : 0);
    case 'started':
      return log.info({ pid: event.pid }, `proxy ${name} started`);
    case 'listening':
      metrics.proxyUp.set({ name }, 1);
      return log.info({ ms: round(event.took) }, `proxy ${name} listens on ${formatEndpoint(listen)}`);
    case 'line':
      return log.info(`proxy ${name} says: ${event.line}`);
    case 'report':
      return showCopies(metrics, name, event.report);
    case 'stopped':
      forgetCopies(metrics, name);
      return log.info(`proxy ${name} stopped`);
    case 'searching':
      return;
    case 'forgiven':
      return log.info(`proxy ${name} may be started again`);
    case 'died': {
      const { action, pause } = event.decision;
      forgetCopies(metrics, name);
      if (action === 'restart') metrics.proxyRestarts.inc({ name });
      const next =
        action === 'restart' ? `starting it again in ${pause} ms` : `giving it up for ${pause / 1000} s`;
      return log[action === 'restart' ? 'warn' : 'error'](`proxy ${name} died (${event.how}), ${next}`);
    }
    default:
      return event satisfies never;
  }
}

/** The copies as the bundled proxy sees them; what it logs of them comes as its own lines. */
function showCopies(metrics: Metrics, name: string, { copies, refill, refilled }: ProxyReport): void {
  metrics.proxyCopies(name, copies);
  metrics.refillDone.set({ name }, refill?.done ?? 0);
  metrics.refillTotal.set({ name }, refill?.total ?? 0);
  metrics.refilled(name, refilled);
}

/** Nobody knows of the copies any more: what was told last is not how they are. */
function forgetCopies(metrics: Metrics, name: string): void {
  metrics.proxyUp.set({ name }, 0);
  metrics.proxyCopies(name, []);
  for (const gauge of [metrics.refillDone, metrics.refillTotal]) gauge.remove({ name });
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
