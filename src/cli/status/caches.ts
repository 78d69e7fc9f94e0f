/** A host's memcacheds, proxies and other checks as lines of `status`. */
import type { CopyReport, RefillReport } from '../../config/bundled-proxy.ts';
import type { CacheStatus, CheckStatus, ProxyStatus, Status } from '../../daemon/status.ts';
import { times } from './durations.ts';
import type { Paint } from './paint.ts';

export function describeCaches(status: Status, paint: Paint): string[] {
  const checks = [
    ['script', status.scripts],
    ['process', status.processes],
    ['file', status.files],
  ] as const;
  return [
    ...status.memcached.flatMap((memcached) => describeMemcached(memcached, paint)),
    ...checks.flatMap(([kind, entries]) =>
      entries.map(({ name, detail, ...check }) => `${kind} ${name}  ${health(check, paint)}  ${detail}`),
    ),
    ...status.proxies.flatMap((proxy) => describeProxy(proxy, paint)),
  ];
}

function health({ status }: Pick<CheckStatus, 'status'>, paint: Paint): string {
  return status === 'up' ? paint.good(status) : status === 'down' ? paint.bad(status) : paint.warning(status);
}

function describeMemcached(memcached: Status['memcached'][number], paint: Paint): string[] {
  const { name, status, address, detail, version, probe_seconds, copy, peer, process } = memcached;
  const probe = probe_seconds === null ? '' : `, answered in ${(probe_seconds * 1000).toFixed(1)} ms`;
  const compared = copy === null ? '' : `${copy === 'whole' ? paint.good(copy) : paint.warning(copy)}  `;
  const good = `${compared}version ${version}${probe}`;
  const running = process === null ? '' : describeProcess(process);
  const line = `memcached ${name}  ${address}  ${health(memcached, paint)}  ${status === 'up' ? good : detail}${running}`;
  if (peer === null) return [line];
  const generation = peer.generation === null ? 'no generation' : `generation ${peer.generation}`;
  return [
    line,
    `  peer ${peer.address}  ${health(peer, paint)}  ${peer.status === 'up' ? generation : peer.detail}`,
  ];
}

function describeProcess({ pid, restarts, detail }: CacheStatus): string {
  return [
    pid === null ? ', not running' : `, pid ${pid}`,
    restarts > 0 ? `, restarted ${times(restarts)}` : '',
    detail === '' ? '' : `, ${detail}`,
  ].join('');
}

function describeProxy({ name, listen, up, pid, restarts, ...proxy }: ProxyStatus, paint: Paint): string[] {
  const running = up ? `${paint.good('listens')}, pid ${pid}` : proxy.detail || 'not running';
  return [
    `proxy ${name}  ${listen}  ${running}${restarts > 0 ? `, restarted ${times(restarts)}` : ''}`,
    ...proxy.copies.map((copy) => describeCopy(copy, paint)),
    ...(proxy.refill === null ? [] : [describeRefill(proxy.refill)]),
  ];
}

function describeCopy({ name, up, whole, generation }: CopyReport, paint: Paint): string {
  const what = !up
    ? paint.bad('out')
    : whole
      ? paint.good('whole')
      : `${paint.warning('not whole')}, not read`;
  return `  copy ${name}  ${what}, generation ${generation}`;
}

function describeRefill({ target, source, pass, waiting, done, total, rate, left }: RefillReport): string {
  if (waiting) return `  refilling ${target} waits: ${source} lists its keys for somebody else`;
  const soon = left === null ? '' : `, ${left} s left`;
  return `  refilling ${target} from ${source}: ${pass}, ${done} of ${total} items, ${rate}/s${soon}`;
}
