/** The Prometheus metrics: their names, labels and help. Who sets them is observe.ts. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CopyReport } from '../config/bundled-proxy.ts';
import { DISCARD_REASONS } from '../core/vrrp/validate.ts';

/** What can come of a reload; the value of the metric's `result` label. */
export const RELOAD_RESULTS = ['applied', 'unchanged', 'refused'] as const;

const PREFIX = 'memcache_ha_';

export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own with every metric of the daemon. */
export function createMetrics(version: string) {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: number[],
  ) => new Histogram({ name: PREFIX + name, help, labelNames, buckets, registers });

  gauge('build_info', 'Version of the daemon and of Node.js; always 1', ['version', 'node']).set(
    { version, node: process.versions.node },
    1,
  );
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the process since the Unix epoch in seconds',
    registers,
  }).set(Math.round(performance.timeOrigin) / 1000);

  return {
    registry,
    vrrpState: gauge('vrrp_state', 'The VRRP state that the instance is in: 1, all others: 0', [
      'instance',
      'state',
    ]),
    vrrpTransitions: counter('vrrp_transitions_total', 'Changes of the VRRP state', [
      'instance',
      'from',
      'to',
      'reason',
    ]),
    vrrpPriority: gauge('vrrp_priority', 'Effective priority', ['instance']),
    advertisementsSent: counter('vrrp_advertisements_sent_total', 'VRRP advertisements sent', ['instance']),
    advertisementsReceived: counter(
      'vrrp_advertisements_received_total',
      'VRRP advertisements received and accepted',
      ['instance'],
    ),
    advertisementsDiscarded: counter(
      'vrrp_advertisements_discarded_total',
      `VRRP advertisements received and discarded, by reason: ${DISCARD_REASONS.join(', ')}`,
      ['instance', 'reason'],
    ),
    addressListMismatches: counter(
      'vrrp_address_list_mismatches_total',
      'Accepted VRRP advertisements whose address list is not ours',
      ['instance'],
    ),
    takeover: histogram(
      'vrrp_takeover_seconds',
      'From the decision to be MASTER to the end of the first burst of gratuitous ARP',
      ['instance'],
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
    ),
    vipHeld: gauge('vip_held', 'The virtual address is on this host: 1, it is not: 0', [
      'instance',
      'address',
    ]),
    vipReadded: counter('vip_readded_total', 'Virtual addresses that others removed and we put back', [
      'instance',
      'address',
    ]),
    vipConflicts: counter(
      'vip_conflicts_total',
      'Claims of others to a virtual address, by ARP or neighbour advertisement, while we are MASTER',
      ['instance', 'address'],
    ),
    otherMasters: counter(
      'vrrp_other_masters_total',
      'VRRP advertisements of masters of lower rank that were heard while we are MASTER',
      ['instance'],
    ),
    memcachedUp: gauge('memcached_up', 'The memcached passes its check: 1, it does not: 0', ['name']),
    memcachedProbe: histogram(
      'memcached_probe_seconds',
      'How long memcached took to answer stats',
      ['name'],
      [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
    ),
    memcachedProbeFailures: counter('memcached_probe_failures_total', 'Probes without a good answer', [
      'name',
    ]),
    memcachedWhole: gauge(
      'memcached_whole',
      "The copy is whole: 1, it is cold or being filled: 0; with `warm`, while it and its peer's were compared",
      ['name'],
    ),
    memcachedGeneration: gauge(
      'memcached_generation',
      "Generation of the local copy and of the peer's, 0 without a record; while it is known",
      ['name', 'copy'],
    ),
    memcachedProcessUp: gauge(
      'memcached_process_up',
      'The memcached that the daemon runs runs: 1, it does not: 0',
      ['name'],
    ),
    memcachedRestarts: counter('memcached_restarts_total', 'Restarts of a memcached that died', ['name']),
    memcachedPartner: gauge(
      'memcached_partner',
      'The repcached replicates with its partner: 1, it is alone: 0',
      ['name'],
    ),
    checkUp: gauge('check_up', 'The script, process or file passes its check: 1, it does not: 0', [
      'kind',
      'name',
    ]),
    proxyUp: gauge('proxy_up', 'The proxy runs and listens: 1, it does not: 0', ['name']),
    proxyWanted: gauge(
      'proxy_wanted',
      'The proxy is to run here, as where its instance is MASTER: 1, it is not: 0',
      ['name'],
    ),
    proxyRestarts: counter('proxy_restarts_total', 'Restarts of a proxy that died', ['name']),
    proxyCopies: ofCopies(
      gauge('proxy_copy_up', 'The memcached takes the requests of the bundled proxy: 1, it does not: 0', [
        'name',
        'copy',
      ]),
      gauge(
        'proxy_copy_whole',
        'The memcached has seen every write of its pair, and may be read: 1, it is being refilled or away: 0',
        ['name', 'copy'],
      ),
    ),
    refillDone: gauge('sync_items_done', 'Items that the refill under way has dealt with', ['name']),
    refillTotal: gauge(
      'sync_items_expected',
      'Items that the refill under way will deal with; 0: none runs',
      ['name'],
    ),
    refilled: growing(counter('sync_items_total', 'Items stored by refills of an empty copy', ['name'])),
    configReloads: counter('config_reloads_total', `Reloads by result: ${RELOAD_RESULTS.join(', ')}`, [
      'result',
    ]),
    configGood: gauge(
      'config_last_reload_successful',
      'The latest reload was applied: 1, it was refused: 0',
      [],
    ),
    hookRuns: counter(
      'hook_runs_total',
      'Notify hooks by result: success, failure, timeout, not_runnable, dropped',
      ['instance', 'hook', 'result'],
    ),
  };
}

/** What is measured of a proxy's copies: told those that it sees now, all of them. None: it does not run. */
function ofCopies(copyUp: Gauge<'name' | 'copy'>, copyWhole: Gauge<'name' | 'copy'>) {
  const shown = new Map<string, readonly string[]>();
  return (name: string, copies: readonly CopyReport[]): void => {
    for (const copy of shown.get(name) ?? []) {
      copyUp.remove({ name, copy });
      copyWhole.remove({ name, copy });
    }
    for (const { name: copy, up, whole } of copies) {
      copyUp.set({ name, copy }, up ? 1 : 0);
      copyWhole.set({ name, copy }, up && whole ? 1 : 0);
    }
    shown.set(
      name,
      copies.map((copy) => copy.name),
    );
  };
}

/** A counter of what a process counts from its own start: told the count, it grows by what is new. */
function growing(total: Counter<'name'>): (name: string, count: number) => void {
  const last = new Map<string, number>();
  return (name, count) => {
    const before = last.get(name) ?? 0;
    total.inc({ name }, count >= before ? count - before : count);
    last.set(name, count);
  };
}
