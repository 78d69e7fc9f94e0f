/**
 * The statistics of each memcached under the names of prometheus/memcached_exporter, so that its dashboards and alerts
 * keep working. Made from the latest answer to our own probe: a scrape never asks memcached. A label `name` is ours.
 */
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Stats } from '../core/memcached-stats.ts';
import { type Kind, MODULES } from './memcached-module-metrics.ts';

/** Exporter's name, kind, help, and the statistic it comes from. */
const PLAIN: readonly (readonly [name: string, kind: Kind, help: string, stat: string])[] = [
  ['uptime_seconds', 'counter', 'Seconds since the server started', 'uptime'],
  ['time_seconds', 'gauge', 'UNIX time according to the server', 'time'],
  ['process_user_cpu_seconds_total', 'counter', 'User time of the process', 'rusage_user'],
  ['process_system_cpu_seconds_total', 'counter', 'System time of the process', 'rusage_system'],
  ['read_bytes_total', 'counter', 'Bytes read from the network', 'bytes_read'],
  ['written_bytes_total', 'counter', 'Bytes sent to the network', 'bytes_written'],
  ['current_connections', 'gauge', 'Open connections', 'curr_connections'],
  ['max_connections', 'gauge', 'Most connections allowed', 'max_connections'],
  ['connections_total', 'counter', 'Connections opened since the start', 'total_connections'],
  ['connections_rejected_total', 'counter', 'Connections rejected at the limit', 'rejected_connections'],
  ['connections_yielded_total', 'counter', 'Connections that yielded at the request limit', 'conn_yields'],
  [
    'connections_listener_disabled_total',
    'counter',
    'Times the listener was disabled',
    'listen_disabled_num',
  ],
  ['accepting_connections', 'gauge', 'The server accepts connections', 'accepting_conns'],
  ['current_bytes', 'gauge', 'Bytes used by items', 'bytes'],
  ['limit_bytes', 'gauge', 'Bytes allowed for items', 'limit_maxbytes'],
  ['current_items', 'gauge', 'Items stored', 'curr_items'],
  ['items_total', 'counter', 'Items stored since the start', 'total_items'],
  ['items_evicted_total', 'counter', 'Valid items removed to free memory', 'evictions'],
  ['items_reclaimed_total', 'counter', 'Items stored in the memory of an expired one', 'reclaimed'],
  ['item_too_large_total', 'counter', 'Items that were too large to store', 'store_too_large'],
  ['item_no_memory_total', 'counter', 'Items not stored for lack of memory', 'store_no_memory'],
  ['direct_reclaims_total', 'counter', 'Times a worker had to reclaim or evict directly', 'direct_reclaims'],
  ['lru_crawler_starts_total', 'counter', 'Times an LRU crawler was started', 'lru_crawler_starts'],
  ['lru_crawler_reclaimed_total', 'counter', 'Items freed by the LRU crawler', 'crawler_reclaimed'],
  [
    'lru_crawler_items_checked_total',
    'counter',
    'Items examined by the LRU crawler',
    'crawler_items_checked',
  ],
  ['lru_crawler_moves_to_cold_total', 'counter', 'Items moved to the COLD LRU', 'moves_to_cold'],
  ['lru_crawler_moves_to_warm_total', 'counter', 'Items moved to the WARM LRU', 'moves_to_warm'],
  ['lru_crawler_moves_within_lru_total', 'counter', 'Items moved within their LRU', 'moves_within_lru'],
];

/** commands_total: command, status, and the statistic. */
const COMMANDS: readonly (readonly [command: string, status: string, stat: string])[] = [
  ...['get', 'delete', 'incr', 'decr', 'cas', 'touch'].flatMap((command) => [
    [command, 'hit', `${command}_hits`] as const,
    [command, 'miss', `${command}_misses`] as const,
  ]),
  ['cas', 'badval', 'cas_badval'],
  ['flush', 'hit', 'cmd_flush'],
];

/** What is known of one memcached at the time of a scrape. */
export interface ProbedMemcached {
  readonly up: boolean;
  /** Latest answer; null: none yet. */
  readonly stats: Stats | null;
}

/** Registers the metrics; `current` is asked at every scrape. */
export function registerMemcachedMetrics(
  registry: Registry,
  current: () => ReadonlyMap<string, ProbedMemcached>,
): void {
  const registers = [registry];
  /** A metric whose samples are made anew at every scrape, from each memcached that is up. */
  const scraped = (
    kind: Kind,
    name: string,
    help: string,
    labels: readonly string[],
    samples: (
      stats: Stats,
    ) => readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[],
  ): void => {
    const collect = (put: (labels: Record<string, string>, value: number) => void): void => {
      for (const [memcached, { up, stats }] of current()) {
        if (!up || stats === null) continue;
        for (const [own, value] of samples(stats)) {
          if (Number.isFinite(value)) put({ name: memcached, ...own }, value);
        }
      }
    };
    const base = { name: `memcached_${name}`, help, labelNames: ['name', ...labels], registers };
    if (kind === 'gauge') {
      new Gauge({
        ...base,
        collect() {
          this.reset();
          collect((sampleLabels, value) => this.set(sampleLabels, value));
        },
      });
    } else {
      new Counter({
        ...base,
        collect() {
          this.reset();
          collect((sampleLabels, value) => this.inc(sampleLabels, value));
        },
      });
    }
  };

  new Gauge({
    name: 'memcached_up',
    help: 'Could the memcached server be reached',
    labelNames: ['name'],
    registers,
    collect() {
      for (const [name, { up }] of current()) this.set({ name }, up ? 1 : 0);
    },
  });
  for (const [name, kind, help, stat] of [...PLAIN, ...MODULES]) {
    scraped(kind, name, help, [], (stats) => [[{}, number(stats, stat)]]);
  }
  scraped('gauge', 'version', 'Version of the server; always 1', ['version'], (stats) => [
    [{ version: stats.get('version') ?? '' }, 1],
  ]);
  scraped('counter', 'commands_total', 'Requests by command and status', ['command', 'status'], (stats) => [
    ...COMMANDS.map(([command, status, stat]) => [{ command, status }, number(stats, stat)] as const),
    [{ command: 'set', status: 'hit' }, sets(stats)],
  ]);
}

function number(stats: Stats, name: string): number {
  const value = stats.get(name);
  return value === undefined ? Number.NaN : Number(value);
}

/** memcached counts a cas among the sets too. */
function sets(stats: Stats): number {
  return (
    number(stats, 'cmd_set') -
    number(stats, 'cas_hits') -
    number(stats, 'cas_misses') -
    number(stats, 'cas_badval')
  );
}
