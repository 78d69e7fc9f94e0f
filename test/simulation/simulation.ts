/** One run: builds the hosts of a scenario, lets its faults happen, and lets the checkers watch. */
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import { allCheckers } from './checkers/all.ts';
import type { Checker, View } from './checkers/checker.ts';
import { createSimulatedCopies, type SimulatedCopies } from './copies.ts';
import type { Warm } from './daemon.ts';
import type { Defect } from './defects.ts';
import { createHost, type Host, type HostWatcher } from './host.ts';
import { CALM, createNetwork, type Network } from './network.ts';
import { createPrng } from './prng.ts';
import type { Fault, Scenario } from './scenario.ts';
import { createTrace } from './trace.ts';
import { Violation } from './violation.ts';
import { createScheduler } from './virtual-clock.ts';

/** Lines of the trace that a report shows. */
const TRACE_LENGTH = 400;
/** A monotonic clock's origin is anywhere; fractions are the rule. */
const ORIGIN: Millis = 1_000_000.25;
/** The chance of a failing act while acts fail. */
const FAILURE = 0.5;

export interface Outcome {
  /** Null: everything held. */
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  /** Events that the instances took, all together. */
  readonly events: number;
  /** How often somebody became MASTER. */
  readonly takeovers: number;
  /** How often a MASTER handed over because its copy was cold. */
  readonly coldHandovers: number;
}

/** Runs a scenario to its end or to its first violation. `defect` breaks all its hosts. */
export function simulate(scenario: Scenario, defect: Defect | null = null): Outcome {
  const scheduler = createScheduler(ORIGIN);
  const prng = createPrng(scenario.seed ^ 0x5eed);
  const network = createNetwork(scheduler, prng.fork());
  const trace = createTrace(TRACE_LENGTH, ORIGIN);
  const checkers: Checker[] = [];
  const hosts: Host[] = [];
  let believed: Host | null = null;
  let events = 0;
  let takeovers = 0;
  let coldHandovers = 0;

  const watcher: HostWatcher = {
    observed(host, observation) {
      events++;
      if (observation.reason !== undefined && observation.after.name === 'MASTER') takeovers++;
      if (observation.reason === 'memcached_cold') coldHandovers++;
      trace.add(scheduler.now, host.name, observation);
      for (const checker of checkers) checker.observed?.(host, observation);
    },
    sent(host, priority) {
      trace.add(scheduler.now, host.name, `sends priority ${priority}`);
      for (const checker of checkers) checker.sent?.(host, priority);
    },
    announced(host) {
      trace.add(scheduler.now, host.name, 'gratuitous ARP');
      if (host.linkUp) believed = host;
      for (const checker of checkers) checker.announced?.(host);
    },
    addressChanged(host, what) {
      trace.add(scheduler.now, host.name, `virtual address ${what}`);
      for (const checker of checkers) checker.addressChanged?.(host, what);
    },
    failed(host, act) {
      trace.add(scheduler.now, host.name, `could not ${act}`);
      for (const checker of checkers) checker.failed?.(host);
    },
    disturbed(host, what) {
      trace.add(scheduler.now, host.name, what);
      if (copies !== null && /^memcached/.test(what)) {
        if (what !== 'memcached up') copies.lose(hosts.indexOf(host));
        for (const each of hosts) if (each.linkUp || each === host) each.connectionBroke();
      }
      for (const checker of checkers) checker.disturbed?.(host, what);
    },
  };
  const copies: SimulatedCopies | null =
    scenario.warm === null
      ? null
      : createSimulatedCopies({
          scheduler,
          prng: createPrng(scenario.seed ^ 0xca4e),
          pace: scenario.warm.proxyPace,
          up: (i) => hosts[i]?.memcachedUp ?? true,
          connected: () => network.connected && hosts.every(({ linkUp }) => linkUp),
        });
  /** The memcached of host `i` as `from` sees it. */
  const memcachedOf = (i: number, from: number) => () => {
    const reachable = i === from || (network.connected && hosts.every(({ linkUp }) => linkUp));
    return { reachable, copy: hosts[i]!.memcachedUp ? { record: copies!.record(i) } : null };
  };
  const warmOf = (i: number): Warm | null =>
    scenario.warm && { ...scenario.warm, local: memcachedOf(i, i), peer: memcachedOf(1 - i, i) };
  scenario.params.forEach((params, i) => {
    const host = createHost(
      {
        name: String.fromCharCode(65 + i),
        address: scenario.addresses[i]!,
        params,
        weight: scenario.weights[i]!,
        warm: warmOf(i),
        slowestAct: scenario.slowestAct,
        defect,
      },
      scheduler,
      prng.fork(),
      network,
      watcher,
    );
    network.attach(host);
    hosts.push(host);
    scheduler.at(ORIGIN + scenario.starts[i]!, host.start);
  });

  const view: View = {
    scenario,
    hosts,
    origin: ORIGIN,
    get now() {
      return scheduler.now;
    },
    get networkClean() {
      return network.clean;
    },
    get believed() {
      return believed;
    },
    at: (time, action) => void scheduler.at(time, action),
  };
  checkers.push(...allCheckers(view));
  for (const fault of scenario.faults) {
    scheduler.at(ORIGIN + fault.at, () => {
      begin(fault, hosts, network);
      if (!network.connected) copies?.part();
    });
    scheduler.at(ORIGIN + fault.until, () => end(fault, hosts, network));
  }
  scheduler.at(ORIGIN + scenario.healedAt, () => {
    trace.add(scheduler.now, '-', 'healed');
    heal(hosts, network);
  });

  const afterEach = (): void => {
    for (const checker of checkers) checker.changed?.();
  };
  let violation: Violation | null = null;
  try {
    scheduler.run(ORIGIN + scenario.endsAt, afterEach);
  } catch (error) {
    violation = error instanceof Violation ? error : new Violation('crash', (error as Error).stack ?? '');
  }
  return { violation, trace: trace.lines(), events, takeovers, coldHandovers };
}

function begin(fault: Fault, hosts: readonly Host[], network: Network): void {
  switch (fault.kind) {
    case 'crash':
      return hosts[fault.host]!.crash();
    case 'pause':
      return hosts[fault.host]!.pause();
    case 'link':
      return hosts[fault.host]!.setLink(false);
    case 'memcached':
      return hosts[fault.host]!.setMemcached(false);
    case 'restart':
      return hosts[fault.host]!.restartMemcached();
    case 'script':
      return hosts[fault.host]!.setWeight(false);
    case 'drain':
      return hosts[fault.host]!.setCandidate(false);
    case 'shutdown':
      return hosts[fault.host]!.shutdown();
    case 'lost address':
      return hosts[fault.host]!.loseAddress();
    case 'failing acts':
      hosts[fault.host]!.failure = FAILURE;
      return;
    case 'weather':
      return network.setWeather(fault.weather);
    case 'one-way partition':
      return network.cut(hosts[fault.from]!.address, hosts[fault.to]!.address);
    case 'partition':
      hosts.forEach((a, i) => {
        hosts.forEach((b, j) => {
          if (fault.side.includes(i) !== fault.side.includes(j)) network.cut(a.address, b.address);
        });
      });
      return;
    default:
      return fault satisfies never;
  }
}

function end(fault: Fault, hosts: readonly Host[], network: Network): void {
  switch (fault.kind) {
    case 'crash':
    case 'shutdown':
      return hosts[fault.host]!.start();
    case 'pause':
      return hosts[fault.host]!.resume();
    case 'link':
      return hosts[fault.host]!.setLink(true);
    case 'memcached':
      return hosts[fault.host]!.setMemcached(true);
    case 'script':
      return hosts[fault.host]!.setWeight(true);
    case 'drain':
      return hosts[fault.host]!.setCandidate(true);
    case 'lost address':
    case 'restart':
      return;
    case 'failing acts':
      hosts[fault.host]!.failure = 0;
      return;
    case 'weather':
      return network.setWeather(CALM);
    case 'one-way partition':
    case 'partition':
      return network.mendAll();
    default:
      return fault satisfies never;
  }
}

/** Whoever can serve again does, whatever overlapping faults left behind; who is off stays off. */
function heal(hosts: readonly Host[], network: Network): void {
  network.mendAll();
  network.setWeather(CALM);
  for (const host of hosts) {
    host.failure = 0;
    host.resume();
  }
}
