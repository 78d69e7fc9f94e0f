/**
 * What a memcached with extstore or with its own proxy tells beside the rest, under the names of
 * prometheus/memcached_exporter. Without those modules there are no such samples.
 */

export type Kind = 'gauge' | 'counter';

/** Exporter's name, kind, help, and the statistic it comes from. */
export const MODULES: readonly (readonly [name: string, kind: Kind, help: string, stat: string])[] = [
  ['extstore_compact_lost_total', 'counter', 'Items lost because they were locked', 'extstore_compact_lost'],
  [
    'extstore_compact_rescued_total',
    'counter',
    'Items that compaction moved to a new page',
    'extstore_compact_rescues',
  ],
  ['extstore_compact_skipped_total', 'counter', 'Idle items that it dropped', 'extstore_compact_skipped'],
  ['extstore_pages_allocated_total', 'counter', 'Pages allocated', 'extstore_page_allocs'],
  ['extstore_pages_evicted_total', 'counter', 'Pages evicted', 'extstore_page_evictions'],
  ['extstore_pages_reclaimed_total', 'counter', 'Empty pages freed', 'extstore_page_reclaims'],
  ['extstore_pages_free', 'gauge', 'Pages without an item', 'extstore_pages_free'],
  ['extstore_pages_used', 'gauge', 'Pages with an item', 'extstore_pages_used'],
  ['extstore_objects_evicted_total', 'counter', 'Items evicted', 'extstore_objects_evicted'],
  ['extstore_objects_read_total', 'counter', 'Items read', 'extstore_objects_read'],
  ['extstore_objects_written_total', 'counter', 'Items written', 'extstore_objects_written'],
  ['extstore_objects_used', 'gauge', 'Items stored', 'extstore_objects_used'],
  ['extstore_bytes_evicted_total', 'counter', 'Bytes evicted', 'extstore_bytes_evicted'],
  ['extstore_bytes_written_total', 'counter', 'Bytes written', 'extstore_bytes_written'],
  ['extstore_bytes_read_total', 'counter', 'Bytes read', 'extstore_bytes_read'],
  ['extstore_bytes_used', 'gauge', 'Bytes used by items', 'extstore_bytes_used'],
  ['extstore_bytes_fragmented', 'gauge', 'Bytes in pages that hold no item', 'extstore_bytes_fragmented'],
  ['extstore_bytes_limit', 'gauge', 'Bytes allowed for items', 'extstore_limit_maxbytes'],
  ['extstore_io_queue_depth', 'gauge', 'Items that wait for input or output', 'extstore_io_queue'],
  ['proxy_conn_requests_total', 'counter', 'Connections to backends opened', 'proxy_conn_requests'],
  ['proxy_conn_errors_total', 'counter', 'Errors of connections to backends', 'proxy_conn_errors'],
  ['proxy_conn_oom_total', 'counter', 'Connections refused for lack of memory', 'proxy_conn_oom'],
  ['proxy_req_active', 'gauge', 'Requests under way', 'proxy_req_active'],
  ['proxy_config_reloads_total', 'counter', 'Reloads of its configuration', 'proxy_config_reloads'],
  ['proxy_config_reload_fails_total', 'counter', 'Reloads that failed', 'proxy_config_reload_fails'],
  ['proxy_config_cron_runs_total', 'counter', 'Runs of its Lua cron hooks', 'proxy_config_cron_runs'],
  ['proxy_config_cron_fails_total', 'counter', 'Runs of those that failed', 'proxy_config_cron_fails'],
  ['proxy_backend_total', 'gauge', 'Backends configured', 'proxy_backend_total'],
  ['proxy_backend_marked_bad_total', 'counter', 'Times a backend was marked bad', 'proxy_backend_marked_bad'],
  ['proxy_backend_failed', 'gauge', 'Backends that are out', 'proxy_backend_failed'],
  [
    'proxy_request_failed_depth_total',
    'counter',
    'Requests refused at the limit of a backend',
    'proxy_request_failed_depth',
  ],
  [
    'round_robin_fallback_total',
    'counter',
    'Connections that went to the next thread',
    'round_robin_fallback',
  ],
  ['unexpected_napi_ids_total', 'counter', 'NAPI ids without a thread', 'unexpected_napi_ids'],
];
