/** Why a state was left, in words; the codes are those of the log and of the metrics. */

const WORDS: Readonly<Record<string, string>> = {
  startup: 'it started',
  restart: 'restarted in place',
  address_owner: 'it owns the address',
  master_down: 'the master fell silent',
  master_resigned: 'the master resigned',
  preempt: 'it outranks the master',
  higher_priority_master: 'a master of higher priority',
  interface_down: 'the interface is down',
  no_address: 'the interface has no address',
  memcached_down: 'memcached is down',
  memcached_cold: 'its copy is cold',
  script_failed: 'a script failed',
  process_failed: 'a process is missing',
  file_failed: 'a file says so',
  sync_group: 'its sync group',
  proxy_failed: 'the proxy failed',
  recovered: 'it recovered',
  drained: 'drained by hand',
  overslept: 'it was stalled',
  shutdown: 'shut down',
};

export function reasonInWords(reason: string): string {
  return Object.hasOwn(WORDS, reason) ? WORDS[reason]! : reason;
}
