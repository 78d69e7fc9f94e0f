/** Probes one memcached; the probe itself is io's. */
import type { MemcachedConfig } from '../../config/config.ts';
import { startMemcachedProbe } from '../../io/memcached-probe.ts';
import type { Report } from './report.ts';

/** Begins at once; returns what ends it. */
export function startMemcached({ address, interval, timeout }: MemcachedConfig, report: Report): () => void {
  const probe = startMemcachedProbe({
    ...address,
    interval,
    timeout,
    onResult(result) {
      const { stats, took } = result;
      report(result, stats === undefined || took === undefined ? {} : { stats, tookSeconds: took / 1000 });
    },
  });
  return probe.stop;
}
