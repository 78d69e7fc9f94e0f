/** Puts a proxy together: backends, pairs and the state that they share. Opens the backends' connections, no sockets for clients. */

import { authorityOf } from '../core/copies.ts';
import { type Distribution, moduloDistribution } from '../core/distribution.ts';
import { ketamaDistribution } from '../core/ketama.ts';
import { startRefill } from '../sync/refill.ts';
import { backendOut, connectBackend, createBackend, heartbeat } from './backend.ts';
import { newGenerations } from './copies.ts';
import { compare } from './generations.ts';
import type { Address, ProxyOptions } from './options.ts';
import { createRefills, NO_REFILLS } from './refill.ts';
import { NODE_SOCKETS, type Sockets } from './sockets.ts';
import { tickRequester } from './tick.ts';
import type { Backend, Pair, ProxyState } from './types.ts';

const HEARTBEAT_CHECK_MS = 500;

function distribution(options: ProxyOptions, servers: readonly Address[]): Distribution {
  return options.ketama ? ketamaDistribution(servers) : moduloDistribution(Math.max(1, servers.length));
}

/** A proxy for `options`; `log` gets messages for the operator: 0 always, 1 with -v, 2 with -vv. */
export function createProxy(
  options: ProxyOptions,
  log: (message: string) => void,
  sockets: Sockets = NODE_SOCKETS,
): ProxyState {
  const proxy: ProxyState = {
    options,
    sockets,
    backends: [],
    pairs: [],
    onlyPair: null,
    serverOf: distribution(options, options.servers),
    backupOf: options.backups.length === 0 ? () => 0 : distribution(options, options.backups),
    locks: new Map(),
    clients: new Set(),
    dirtyClients: [],
    dirtyBackends: [],
    requestTick: tickRequester(() => proxy),
    verbosity: options.verbosity,
    closing: false,
    startedAt: Date.now(),
    counters: {
      connections: 0,
      totalConnections: 0,
      rejectedConnections: 0,
      requests: 0,
      noCopy: 0,
      blocked: 0,
    },
    generations: newGenerations(),
    held: false,
    recheckDue: false,
    refills: NO_REFILLS,
    onReport: () => {},
    onSearch: () => {},
    log: (level, message) => {
      if (level <= proxy.verbosity) log(message);
    },
  };
  proxy.refills = createRefills(proxy, startRefill);
  const byName = new Map<string, Backend>();
  const backendOf = ({ host, port }: Address): Backend => {
    const name = `${host}:${port}`;
    const known = byName.get(name);
    if (known !== undefined) return known;
    const backend = createBackend(proxy, name, host, port, proxy.backends.length);
    byName.set(name, backend);
    proxy.backends.push(backend);
    return backend;
  };
  const servers = options.servers.map(backendOf);
  const backups = options.backups.map(backendOf);
  for (const server of servers) {
    const partners = backups.length === 0 ? [null] : backups;
    proxy.pairs.push(partners.map((backup) => createPair(server, backup === server ? null : backup)));
  }
  const pairs = proxy.pairs.flat();
  return pairs.length === 1 ? Object.assign(proxy, { onlyPair: pairs[0]! }) : proxy;
}

function createPair(server: Backend, backup: Backend | null): Pair {
  const pair: Pair = { backends: [server, backup], authority: authorityOf(server, backup) };
  server.roles.push({ pair, side: 0 });
  backup?.roles.push({ pair, side: 1 });
  return pair;
}

/** Connects to the backends and keeps an eye on them; answers how to stop. */
export function startBackends(proxy: ProxyState): () => void {
  for (const backend of proxy.backends) connectBackend(backend);
  const timer = setInterval(() => {
    for (const backend of proxy.backends) heartbeat(backend);
    compare(proxy, null);
    const flushIn = (proxy.generations.record?.flushAt ?? Number.POSITIVE_INFINITY) - Date.now();
    // In between, comparing is what carries out a flush that is due.
    if (flushIn > 0 && flushIn < HEARTBEAT_CHECK_MS)
      setTimeout(() => compare(proxy, null), flushIn + 1).unref();
  }, HEARTBEAT_CHECK_MS);
  return () => {
    clearInterval(timer);
    proxy.closing = true;
    for (const backend of proxy.backends) backendOut(backend, 'the proxy stops', performance.now());
  };
}
