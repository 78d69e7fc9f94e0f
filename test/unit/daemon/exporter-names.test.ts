/**
 * The names of prometheus/memcached_exporter (0.16.0, pkg/exporter/exporter.go): what it
 * makes of a plain `stats` is here under the same name; what it asks more commands for is not, on purpose.
 */
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { registerMemcachedMetrics } from '../../../src/daemon/memcached-metrics.ts';
import { parseMetrics } from '../../netns/support/metrics.ts';

/** Exporter's name, and the statistic of `stats` it comes from. */
const SAME: readonly (readonly [name: string, stat: string])[] = [
  ['memcached_uptime_seconds', 'uptime'],
  ['memcached_time_seconds', 'time'],
  ['memcached_extstore_compact_lost_total', 'extstore_compact_lost'],
  ['memcached_extstore_compact_rescued_total', 'extstore_compact_rescues'],
  ['memcached_extstore_compact_skipped_total', 'extstore_compact_skipped'],
  ['memcached_extstore_pages_allocated_total', 'extstore_page_allocs'],
  ['memcached_extstore_pages_evicted_total', 'extstore_page_evictions'],
  ['memcached_extstore_pages_reclaimed_total', 'extstore_page_reclaims'],
  ['memcached_extstore_pages_free', 'extstore_pages_free'],
  ['memcached_extstore_pages_used', 'extstore_pages_used'],
  ['memcached_extstore_objects_evicted_total', 'extstore_objects_evicted'],
  ['memcached_extstore_objects_read_total', 'extstore_objects_read'],
  ['memcached_extstore_objects_written_total', 'extstore_objects_written'],
  ['memcached_extstore_objects_used', 'extstore_objects_used'],
  ['memcached_extstore_bytes_evicted_total', 'extstore_bytes_evicted'],
  ['memcached_extstore_bytes_written_total', 'extstore_bytes_written'],
  ['memcached_extstore_bytes_read_total', 'extstore_bytes_read'],
  ['memcached_extstore_bytes_used', 'extstore_bytes_used'],
  ['memcached_extstore_bytes_fragmented', 'extstore_bytes_fragmented'],
  ['memcached_extstore_bytes_limit', 'extstore_limit_maxbytes'],
  ['memcached_extstore_io_queue_depth', 'extstore_io_queue'],
  ['memcached_proxy_conn_requests_total', 'proxy_conn_requests'],
  ['memcached_proxy_conn_errors_total', 'proxy_conn_errors'],
  ['memcached_proxy_conn_oom_total', 'proxy_conn_oom'],
  ['memcached_proxy_req_active', 'proxy_req_active'],
  ['memcached_proxy_config_reloads_total', 'proxy_config_reloads'],
  ['memcached_proxy_config_reload_fails_total', 'proxy_config_reload_fails'],
  ['memcached_proxy_config_cron_runs_total', 'proxy_config_cron_runs'],
  ['memcached_proxy_config_cron_fails_total', 'proxy_config_cron_fails'],
  ['memcached_proxy_backend_total', 'proxy_backend_total'],
  ['memcached_proxy_backend_marked_bad_total', 'proxy_backend_marked_bad'],
  ['memcached_proxy_backend_failed', 'proxy_backend_failed'],
  ['memcached_proxy_request_failed_depth_total', 'proxy_request_failed_depth'],
  ['memcached_round_robin_fallback_total', 'round_robin_fallback'],
  ['memcached_unexpected_napi_ids_total', 'unexpected_napi_ids'],
  ['memcached_process_user_cpu_seconds_total', 'rusage_user'],
  ['memcached_process_system_cpu_seconds_total', 'rusage_system'],
  ['memcached_current_bytes', 'bytes'],
  ['memcached_limit_bytes', 'limit_maxbytes'],
  ['memcached_current_items', 'curr_items'],
  ['memcached_items_total', 'total_items'],
  ['memcached_read_bytes_total', 'bytes_read'],
  ['memcached_written_bytes_total', 'bytes_written'],
  ['memcached_current_connections', 'curr_connections'],
  ['memcached_connections_total', 'total_connections'],
  ['memcached_connections_rejected_total', 'rejected_connections'],
  ['memcached_connections_yielded_total', 'conn_yields'],
  ['memcached_connections_listener_disabled_total', 'listen_disabled_num'],
  ['memcached_items_evicted_total', 'evictions'],
  ['memcached_items_reclaimed_total', 'reclaimed'],
  ['memcached_item_too_large_total', 'store_too_large'],
  ['memcached_item_no_memory_total', 'store_no_memory'],
  ['memcached_lru_crawler_starts_total', 'lru_crawler_starts'],
  ['memcached_direct_reclaims_total', 'direct_reclaims'],
  ['memcached_lru_crawler_items_checked_total', 'crawler_items_checked'],
  ['memcached_lru_crawler_reclaimed_total', 'crawler_reclaimed'],
  ['memcached_lru_crawler_moves_to_cold_total', 'moves_to_cold'],
  ['memcached_lru_crawler_moves_to_warm_total', 'moves_to_warm'],
  ['memcached_lru_crawler_moves_within_lru_total', 'moves_within_lru'],
  ['memcached_accepting_connections', 'accepting_conns'],
  // Exporter takes it from `stats settings`; `stats` has the same number.
  ['memcached_max_connections', 'max_connections'],
];

/** Exporter's commands_total: command, status, statistic. */
const COMMANDS: readonly (readonly [command: string, status: string, stat: string])[] = [
  ['get', 'hit', 'get_hits'],
  ['get', 'miss', 'get_misses'],
  ['delete', 'hit', 'delete_hits'],
  ['delete', 'miss', 'delete_misses'],
  ['incr', 'hit', 'incr_hits'],
  ['incr', 'miss', 'incr_misses'],
  ['decr', 'hit', 'decr_hits'],
  ['decr', 'miss', 'decr_misses'],
  ['cas', 'hit', 'cas_hits'],
  ['cas', 'miss', 'cas_misses'],
  ['touch', 'hit', 'touch_hits'],
  ['touch', 'miss', 'touch_misses'],
  ['cas', 'badval', 'cas_badval'],
  ['flush', 'hit', 'cmd_flush'],
];

/** What is left out: our probe is one `stats`, and it asks for nothing else. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'stats settings': [
    'memcached_lru_crawler_enabled',
    'memcached_lru_crawler_sleep',
    'memcached_lru_crawler_to_crawl',
    'memcached_lru_crawler_maintainer_thread',
    'memcached_lru_crawler_hot_percent',
    'memcached_lru_crawler_warm_percent',
    'memcached_lru_crawler_hot_max_factor',
    'memcached_lru_crawler_warm_max_factor',
  ],
  'stats slabs and stats items': [
    'memcached_malloced_bytes',
    'memcached_slab_current_items',
    'memcached_slab_items_age_seconds',
    'memcached_slab_items_crawler_reclaimed_total',
    'memcached_slab_items_evicted_total',
    'memcached_slab_items_evicted_nonzero_total',
    'memcached_slab_items_evicted_time_seconds',
    'memcached_slab_items_evicted_unfetched_total',
    'memcached_slab_items_expired_unfetched_total',
    'memcached_slab_items_outofmemory_total',
    'memcached_slab_items_reclaimed_total',
    'memcached_slab_items_tailrepairs_total',
    'memcached_slab_items_moves_to_cold',
    'memcached_slab_items_moves_to_warm',
    'memcached_slab_items_moves_within_lru',
    'memcached_slab_hot_items',
    'memcached_slab_warm_items',
    'memcached_slab_cold_items',
    'memcached_slab_temporary_items',
    'memcached_slab_hot_age_seconds',
    'memcached_slab_warm_age_seconds',
    'memcached_slab_lru_hits_total',
    'memcached_slab_chunk_size_bytes',
    'memcached_slab_chunks_per_page',
    'memcached_slab_current_pages',
    'memcached_slab_current_chunks',
    'memcached_slab_chunks_used',
    'memcached_slab_chunks_free',
    'memcached_slab_chunks_free_end',
    'memcached_slab_mem_requested_bytes',
    'memcached_slab_commands_total',
  ],
};

/** Every statistic with a value of its own; `time`, `uptime` and the rest are numbers like any other here. */
const statistics = [...new Set([...SAME.map(([, stat]) => stat), ...COMMANDS.map(([, , stat]) => stat)])];
const stats = new Map([
  ...statistics.map((stat, index) => [stat, String(index + 1)] as const),
  ['version', '1.6.18'] as const,
  ['cmd_set', '1000'] as const,
]);
const statistic = (stat: string): number => Number(stats.get(stat));

async function scrape(up = true) {
  const registry = new Registry();
  registerMemcachedMetrics(registry, () => new Map([['local', { up, stats }]]));
  return parseMetrics(await registry.metrics());
}

test.each(SAME)('%s', async (name, stat) => {
  expect((await scrape()).value(name, { name: 'local' })).toBe(statistic(stat));
});

test.each(COMMANDS)('memcached_commands_total of %s, %s', async (command, status, stat) => {
  expect((await scrape()).value('memcached_commands_total', { command, status })).toBe(statistic(stat));
});

test('memcached counts a cas among the sets, exporter does not', async () => {
  const cas = statistic('cas_hits') + statistic('cas_misses') + statistic('cas_badval');
  const labels = { command: 'set', status: 'hit' };
  expect((await scrape()).value('memcached_commands_total', labels)).toBe(1000 - cas);
});

test('memcached_version and memcached_up', async () => {
  const found = await scrape();
  expect(found.value('memcached_version', { version: '1.6.18' })).toBe(1);
  expect(found.value('memcached_up')).toBe(1);
  expect([...(await scrape(false)).names]).toEqual(['memcached_up']);
});

test('nothing else: no name of our own, and none that is left out', async () => {
  const known = new Set([
    ...SAME.map(([name]) => name),
    ...['memcached_commands_total', 'memcached_version', 'memcached_up'],
  ]);
  expect(new Set((await scrape()).names)).toEqual(known);
  for (const names of Object.values(LEFT_OUT)) {
    expect(names.filter((name) => known.has(name))).toEqual([]);
  }
});
