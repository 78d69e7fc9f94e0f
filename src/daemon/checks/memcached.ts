/** Probes one memcached; the probe itself is io's. */
import type { MemcachedConfig } from '../../config/config.ts';
import { STATS, startMemcachedProbe } from '../../io/memcached-probe.ts';
import type { Report } from './report.ts';

/** Begins at once; returns what ends it. */
export function startMemcached({ address, interval, timeout }: MemcachedConfig, report: Report): () => void {
  const probe = startMemcachedProbe({
    ...address,
    interval,
    timeout,
    question: STATS,
    onResult(result) {
      report(result, result.ok ? { stats: result.answer.stats, tookSeconds: result.took / 1000 } : {});
    },
  });
  return probe.stop;
}
