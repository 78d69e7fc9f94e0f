/** Turns what happened to a memcached that the daemon runs into log lines and metrics. Only watches. */
import type { Logger } from 'pino';
import { formatEndpoint } from '../../config/endpoint.ts';
import type { Metrics } from '../metrics.ts';
import type { CacheConfig, CacheEvent } from './runner.ts';

/** Watches one; `event` may be the first of it. */
export function observeCache(
  metrics: Metrics,
  parent: Logger,
  { name, address, peer }: CacheConfig,
  event: CacheEvent,
): void {
  const log = parent.child({ memcached: name });
  const at = formatEndpoint(address);
  const up = (value: 0 | 1): void => metrics.memcachedProcessUp.set({ name }, value);
  switch (event.type) {
    case 'started':
      up(event.pid === undefined ? 0 : 1);
      metrics.memcachedRestarts.inc({ name }, 0);
      return log.info({ pid: event.pid, command: event.command }, `memcached ${name} started`);
    case 'adopted': {
      up(1);
      metrics.memcachedRestarts.inc({ name }, 0);
      log.info({ pid: event.pid }, `memcached ${name} runs since before this daemon and goes on`);
      if (event.changed) {
        log.warn(
          { pid: event.pid },
          `memcached ${name} runs with another command than the configuration has now; the new one is for its next start`,
        );
      }
      return;
    }
    case 'taken':
      up(0);
      metrics.memcachedRestarts.inc({ name }, 0);
      return log.error(
        `memcached ${name} is not started: something else listens on ${at}; it is probed as it is, and replaced when it ends`,
      );
    case 'listening':
      return log.info({ ms: Math.round(event.took) }, `memcached ${name} listens on ${at}`);
    case 'slow':
      return log.warn(`memcached ${name} does not listen on ${at} after ${Math.round(event.age / 1000)} s`);
    case 'partner':
      metrics.memcachedPartner.set({ name }, event.partner ? 1 : 0);
      return event.partner
        ? log.info(`memcached ${name} replicates with its partner`)
        : log.warn(`memcached ${name} has no partner: nothing replicates it`);
    case 'stranded':
      return log.error(
        `memcached ${name} serves alone while another host is MASTER; it is started again as the slave of ${peer?.host} until it is that`,
      );
    case 'again':
      return log.warn(
        `memcached ${name} is ended, to be started anew: it did not become a slave, and holds nothing`,
      );
    case 'hidden':
      return log.warn(
        `memcached ${name}: its sockets cannot be seen, nor whether it replicates: ${event.error}`,
      );
    case 'unrecorded':
      return log.error(`memcached ${name}: a later daemon will not know it for its own: ${event.error}`);
    case 'line':
      return log.info(`memcached ${name} says: ${event.line}`);
    case 'forgiven':
      return log.info(`memcached ${name} may be started again`);
    case 'left':
      return log.info({ pid: event.pid }, `memcached ${name} goes on without the daemon, pid ${event.pid}`);
    case 'died': {
      const { action, pause } = event.decision;
      up(0);
      if (action === 'restart') metrics.memcachedRestarts.inc({ name });
      const next =
        action === 'restart' ? `starting it again in ${pause} ms` : `giving it up for ${pause / 1000} s`;
      return log.error(`memcached ${name} died (${event.how}), ${next}`);
    }
    default:
      return event satisfies never;
  }
}
