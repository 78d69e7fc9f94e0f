/**
 * Keeps what a proxy sent as its host's link went from arriving when the link comes back. The kernel holds packets for a
 * neighbour whose hardware address it must ask for anew, and the reset of a connection only queues up behind them: the
 * other host's memcached would carry out a write of seconds ago, after newer ones of the proxy there. Forgetting such a
 * neighbour drops them, and it is asked for at once when it is needed again.
 */
import { isIP } from 'node:net';
import type { ProxyConfig } from '../config/config.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { Network } from '../io/network.ts';

export interface LateWritesOptions {
  readonly batch: IpBatch;
  readonly proxies: () => readonly Pick<ProxyConfig, 'servers' | 'backups'>[];
  readonly onError: (error: Error) => void;
}

export interface LateWrites {
  /** A proxy has ended, and nothing of it is sent any more but for what waits; or its clients wait for a host that was silent. */
  forget(): void;
  /** The kernel's interfaces as they are now; one that came up may be asked for its neighbours at any moment. */
  update(network: Network): void;
}

/** Knows no interface yet. */
export function createLateWrites({ batch, proxies, onError }: LateWritesOptions): LateWrites {
  let up: ReadonlySet<string> | null = null;

  /** Only neighbours that do not answer: the packets for any other one are on their way. */
  const forget = (): void => {
    const memcacheds = proxies().flatMap(({ servers, backups }) => [...servers, ...backups]);
    for (const host of new Set(memcacheds.map((memcached) => memcached.host))) {
      if (isIP(host) !== 0) batch.run(`neigh flush to ${host} nud incomplete`).catch(onError);
    }
  };

  return {
    forget,
    update(network) {
      const before = up;
      up = new Set([...network.values()].filter((link) => link.up).map(({ name }) => name));
      if (before !== null && [...up].some((name) => !before.has(name))) forget();
    },
  };
}
