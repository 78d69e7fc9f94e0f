/** The proxy's counters, for `stats` and for /metrics. */
import type { Backend, ProxyState } from './types.ts';

/** Name and value of each statistic, in the order that they are shown. */
export function statLines(proxy: ProxyState): [string, string | number][] {
  const { counters } = proxy;
  const lines: [string, string | number][] = [
    ['pid', process.pid],
    ['uptime', Math.floor((Date.now() - proxy.startedAt) / 1000)],
    ['time', Math.floor(Date.now() / 1000)],
    ['version', proxy.backends.find((backend) => backend.version !== '')?.version ?? 'unknown'],
    ['pointer_size', 64],
    ['curr_connections', counters.connections],
    ['total_connections', counters.totalConnections],
    ['rejected_connections', counters.rejectedConnections],
    ['max_connections', proxy.options.maxConnections],
    ['proxy_requests', counters.requests],
    ['proxy_requests_without_copy', counters.noCopy],
    ['proxy_requests_blocked', counters.blocked],
    ['proxy_locked_keys', proxy.locks.size],
    ['proxy_refilled_items', proxy.refills.stored()],
    ...refillLines(proxy),
  ];
  for (const backend of proxy.backends) {
    const name = `backend_${backend.index + 1}`;
    lines.push([`${name}_address`, backend.name]);
    for (const [key, value] of backendValues(backend)) lines.push([`${name}_${key}`, value]);
  }
  return lines;
}

/** The refill under way, if there is one. */
function refillLines(proxy: ProxyState): [string, string | number][] {
  const refill = proxy.refills.report();
  if (refill === null) return [];
  const { target, source, pass, waiting, done, total, stored, rate, left } = refill;
  const values = {
    target,
    source,
    pass,
    waiting: waiting ? 1 : 0,
    done,
    total,
    stored,
    items_per_second: rate,
    seconds_left: left ?? -1,
  };
  return Object.entries(values).map(([name, value]) => [`refill_${name}`, value]);
}

/** What is known of one backend, as numbers. */
export function backendValues(backend: Backend): [string, number][] {
  const { counters } = backend;
  return [
    ['up', backend.up ? 1 : 0],
    ['whole', backend.whole ? 1 : 0],
    ['generation', backend.generation?.number ?? 0],
    ['pending', backend.pending],
    ['requests', counters.requests],
    ['moved_requests', counters.moved],
    ['outs', counters.outs],
    ['returns', counters.backs],
    ['repairs', counters.repairs],
    ['bytes_read', counters.bytesIn],
    ['bytes_written', counters.bytesOut],
  ];
}

const HELP: Record<string, string> = {
  up: 'Whether the backend takes requests.',
  whole: 'Whether the backend has seen every write of its pairs.',
  generation: 'The generation of the copy, raised when the proxy goes on without another one; 0: none.',
  pending: 'Requests that the backend has not answered yet.',
  requests: 'Requests sent to the backend.',
  moved_requests: 'Requests that had to be taken back from the backend.',
  outs: 'Times that the backend was put out.',
  returns: 'Times that the backend came back.',
  repairs: 'Keys set right after one copy refused to store what the other one did.',
  bytes_read: 'Bytes read from the backend.',
  bytes_written: 'Bytes written to the backend.',
};
const GAUGES = new Set(['up', 'whole', 'generation', 'pending']);

/** The same as Prometheus' text format, version 0.0.4. */
export function metricsText(proxy: ProxyState): string {
  const lines: string[] = [];
  const add = (name: string, help: string, type: string, samples: readonly string[]) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples);
  };
  const { counters } = proxy;
  const refill = proxy.refills.report();
  const prefix = 'memcache_ha_proxy';
  const plain: [string, string, string, number][] = [
    ['connections', 'Client connections now.', 'gauge', counters.connections],
    ['connections_total', 'Client connections accepted.', 'counter', counters.totalConnections],
    [
      'connections_rejected_total',
      'Client connections beyond the limit.',
      'counter',
      counters.rejectedConnections,
    ],
    ['requests_total', 'Requests of clients.', 'counter', counters.requests],
    ['requests_without_copy_total', 'Requests that no copy could answer.', 'counter', counters.noCopy],
    ['requests_blocked_total', 'Requests that waited for a key to be decided.', 'counter', counters.blocked],
    ['refilled_items_total', 'Items stored in copies that were refilled.', 'counter', proxy.refills.stored()],
    ['refill_items', 'Items that the refill under way has dealt with.', 'gauge', refill?.done ?? 0],
    ['refill_items_expected', 'Items that the refill under way will deal with.', 'gauge', refill?.total ?? 0],
  ];
  for (const [name, help, type, value] of plain) {
    add(`${prefix}_${name}`, help, type, [`${prefix}_${name} ${value}`]);
  }
  const all = proxy.backends.map((backend) => ({ backend, values: new Map(backendValues(backend)) }));
  for (const [key, help] of Object.entries(HELP)) {
    const gauge = GAUGES.has(key);
    const name = `${prefix}_backend_${key}${gauge ? '' : '_total'}`;
    const samples = all.map(({ backend, values }) => `${name}{backend="${backend.name}"} ${values.get(key)}`);
    add(name, help, gauge ? 'gauge' : 'counter', samples);
  }
  return `${lines.join('\n')}\n`;
}
