/**
 * The parts of the agent, joined. Data flows one way: the outside (network, checks, proxies, the operator) changes
 * what the host is able to do, each virtual router decides, effects go out, observers tell.
 */
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Config, ProxyConfig } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import type { Election } from '../core/join.ts';
import { openArpSocket } from '../io/arp-socket.ts';
import { systemClock } from '../io/clock.ts';
import { openIpBatch } from '../io/ip-batch.ts';
import { openKernelSettings } from '../io/kernel-settings.ts';
import { type Network, watchNetwork } from '../io/network.ts';
import { openNotifyFifo } from '../io/notify-fifo.ts';
import type { User } from '../io/user.ts';
import { removeAddress } from '../io/virtual-address.ts';
import { createCaches } from './caches/caches.ts';
import { observeCache } from './caches/observe.ts';
import type { ComparisonChange } from './checks/warm-memcached.ts';
import { type CheckKind, type CheckObservation, startHealth } from './health.ts';
import { createHookRunner } from './hooks.ts';
import { createInterfaceStates } from './interface-states.ts';
import { createLinks } from './links.ts';
import type { ProbedMemcached } from './memcached-metrics.ts';
import type { Metrics } from './metrics.ts';
import { observeCheck, observeComparison, observeHook, observeProxy } from './observe.ts';
import type { Self } from './proxies/bundled.ts';
import { createProgram } from './proxies/engine.ts';
import { createProxyRunner, type ProxyRunner } from './proxies/runner.ts';
import { type CheckStatus, copyStatus, type Status } from './status.ts';
import { createSyncGroup } from './sync-group.ts';
import { createVirtualRouter, type VirtualRouter } from './virtual-router.ts';
import { createVmacs, kernelSettingsFile, type Vmacs } from './vmacs.ts';

const SELF: Self = { runtime: [process.execPath, ...process.execArgv], program: [process.argv[1]!] };

export interface AgentOptions {
  readonly config: Config;
  readonly version: string;
  /** Who a script or hook runs as; null: `script_user`. */
  readonly user: (name: string | null) => User | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Agent {
  status(): Status;
  /** What the latest probes said, for the metrics. */
  probed(): ReadonlyMap<string, ProbedMemcached>;
  /** Hands over whatever is held here and stays out until resumed. */
  drain(): void;
  /** Back into the elections; a proxy that was given up may try again. */
  resume(): void;
  /** Hands over, runs the last hooks, stops everything; bounded. */
  shutdown(): Promise<void>;
}

interface Probed extends ProbedMemcached {
  readonly tookSeconds: number | null;
}

/** Starts all parts. Rejects when the kernel refuses a socket or `ip`, leaving nothing behind. */
export async function startAgent({ config, version, user, metrics, log }: AgentOptions): Promise<Agent> {
  const started = new Date().toISOString();
  const routers = new Map<string, VirtualRouter>();
  const probed = new Map<string, Probed>();
  let drained = false;
  let begun = config.global.startupDelay === 0;

  const reassessAll = (): void => {
    for (const router of routers.values()) router.reassess();
  };

  const checked = (observation: CheckObservation): void => {
    const { kind, name, before, after, result, stats, tookSeconds, comparison } = observation;
    observeCheck(metrics, log, observation);
    if (comparison !== undefined) observeComparison(metrics, log, name, peerOf(name), comparison);
    if (kind === 'memcached') {
      if (!result.ok) caches.look(name);
      const last = probed.get(name);
      probed.set(name, {
        up: after.status === 'up',
        stats: stats ?? last?.stats ?? null,
        tookSeconds: tookSeconds ?? last?.tookSeconds ?? null,
      });
    }
    const compared = comparison !== undefined && comparison.before.warmth !== comparison.after.warmth;
    if (before.status !== after.status || before.value !== after.value || compared) reassessAll();
  };

  const peerOf = (memcached: string): string => {
    const peer = config.memcached.find(({ name }) => name === memcached)?.peer;
    return peer == null ? '' : formatEndpoint(peer);
  };
  const peerChecked = (memcached: string, change: ComparisonChange): void => {
    observeComparison(metrics, log, memcached, peerOf(memcached), change);
    if (change.before.warmth !== change.after.warmth) reassessAll();
  };

  /** One instance that is MASTER is enough: clients write to this host. */
  const electionOf = (memcached: string): Election => {
    const masters = config.instances
      .filter(({ trackMemcached }) => trackMemcached.some(({ name }) => name === memcached))
      .flatMap(({ name }) => routers.get(name)?.master() ?? []);
    if (masters.length === 0) return 'nobody';
    return masters.some(({ self }) => self) ? 'self' : 'other';
  };
  const caches = createCaches({
    directory: dirname(config.global.control),
    clock: systemClock,
    election: electionOf,
    onEvent(cache, event) {
      observeCache(metrics, log, cache, event);
      // Its successor may be up before the probe would see that it was gone: with nothing in it.
      if (event.type === 'died') health.fail('memcached', cache.name, `its process died: ${event.how}`);
    },
    onFitness: reassessAll,
  });

  const makeProxy = (proxy: ProxyConfig): ProxyRunner => {
    const { name } = proxy;
    metrics.proxyUp.set({ name }, 0);
    metrics.proxyRestarts.inc({ name }, 0);
    const program = createProgram(proxy, {
      self: SELF,
      directory: dirname(config.global.control),
      onLine: (line) => observeProxy(metrics, log, proxy, { type: 'line', line }),
    });
    return createProxyRunner({
      config: proxy,
      program,
      clock: systemClock,
      onEvent: (event) => observeProxy(metrics, log, proxy, event),
      onFitness: reassessAll,
    });
  };

  const fifo = config.global.notifyFifo === null ? null : openNotifyFifo(config.global.notifyFifo);
  const arp = openArpSocket();
  const batch = openIpBatch();
  const links = createLinks({
    instances: config.instances,
    onDatagram: ({ name }, datagram) => routers.get(name)?.receive(datagram),
    onUnknownVrid: ({ name }, from) => routers.get(name)?.discardUnknownVrid(from),
    onSendError: (name, error) => log.debug({ interface: name }, `cannot send on ${name}: ${error.message}`),
    onSocketError: (name, error) =>
      log.error({ interface: name }, `VRRP socket on ${name}: ${error.message}`),
    onChange: reassessAll,
  });
  const interfaces = createInterfaceStates(config.interfaceDelays, reassessAll);
  let vmacs: Vmacs | null = null;
  const networkChanged = (network: Network): void => {
    if (vmacs === null) return; // still clearing away what was left: a newer snapshot follows
    vmacs.update(network);
    links.update(network);
    interfaces.update(network);
    for (const router of routers.values()) router.networkChanged();
  };
  const monitor = watchNetwork({
    batch,
    onChange: networkChanged,
    onError: (error) => log.error(`network monitor: ${error.message}`),
  });
  const stop = (): void => {
    monitor.close();
    interfaces.close();
    links.close();
    batch.close();
    arp.close();
  };

  const made = createVmacs({
    instances: config.instances,
    batch,
    settings: openKernelSettings(kernelSettingsFile(config.global.control)),
    onError: (error) => log.error(`use_vmac: ${error.message}`),
  });
  let network: Network;
  const proxies = new Map<string, ProxyRunner>();
  try {
    await made.clear();
    // A virtual address that is here before any election is a leftover of somebody who died.
    for (const { virtualAddresses, excludedAddresses } of config.instances) {
      for (const address of [...virtualAddresses, ...excludedAddresses]) await removeAddress(batch, address);
    }
    await made.make(await monitor.refresh());
    network = await monitor.refresh();
    for (const proxy of config.proxies) proxies.set(proxy.name, makeProxy(proxy));
    vmacs = made;
  } catch (error) {
    await Promise.all([...proxies.values()].map((proxy) => proxy.end()));
    await made.remove();
    stop();
    throw error;
  }

  caches.serve(config.memcached);
  const health = startHealth({ config, user, caches, onResult: checked, onPeer: peerChecked });
  const groups = config.syncGroups.map((group) => {
    const hooks = createHookRunner({
      type: 'GROUP',
      instance: group.name,
      hooks: group.hooks,
      user: user(null),
      env: { MEMCACHE_HA_ROUTER_ID: config.global.routerId },
      onEnd: (outcome) => observeHook(metrics, log, group.name, outcome),
      fifo: fifo?.write ?? null,
    });
    return { ...group, hooks, sync: createSyncGroup(group, (member) => routers.get(member)!, hooks) };
  });
  for (const instance of config.instances) {
    const router = createVirtualRouter(instance, {
      clock: systemClock,
      batch,
      arp,
      links,
      interfaces,
      health,
      proxy: instance.proxy === null ? null : proxies.get(instance.proxy)!,
      scriptUser: user(null),
      routerId: config.global.routerId,
      metrics,
      log,
      fifo: fifo?.write ?? null,
      candidate: () => !drained,
      begun: () => begun,
      group: () => groups.find(({ members }) => members.includes(instance.name))?.sync ?? null,
    });
    routers.set(instance.name, router);
  }
  for (const proxy of proxies.values()) if (proxy.independent) proxy.start();
  networkChanged(network);
  const beginning = setTimeout(() => {
    begun = true;
    reassessAll();
  }, config.global.startupDelay);

  const checkStatus = (kind: CheckKind, name: string): CheckStatus => {
    const { status, detail } = health.status(kind, name);
    return { name, status, detail };
  };

  return {
    probed: () => probed,
    drain() {
      drained = true;
      log.info('drained: handing over and staying out');
      reassessAll();
    },
    resume() {
      drained = false;
      for (const proxy of proxies.values()) proxy.forgive();
      caches.forgive();
      log.info('resumed');
      reassessAll();
    },
    async shutdown() {
      clearTimeout(beginning);
      await Promise.all([...routers.values()].map((router) => router.shutdown()));
      await Promise.all(groups.map(({ hooks }) => hooks.finish()));
      fifo?.close();
      health.stop();
      caches.leave();
      await Promise.all([...proxies.values()].map((proxy) => proxy.end()));
      links.close();
      await made.remove();
      stop();
    },
    status: () => ({
      version,
      router_id: config.global.routerId,
      pid: process.pid,
      started,
      drained,
      instances: [...routers.values()].map((router) => router.status()),
      memcached: config.memcached.map(({ name, address, peer }) => {
        const { status, detail } = health.status('memcached', name);
        const latest = probed.get(name);
        return {
          name,
          status,
          detail,
          address: formatEndpoint(address),
          probe_seconds: latest?.tookSeconds ?? null,
          version: latest?.stats?.get('version') ?? null,
          ...copyStatus(health.comparison(name), peer),
          process: caches.status(name),
        };
      }),
      scripts: config.scripts.map(({ name }) => checkStatus('script', name)),
      processes: config.processes.map(({ name }) => checkStatus('process', name)),
      files: config.trackFiles.map(({ name }) => checkStatus('file', name)),
      proxies: config.proxies.map(({ name, listen }) => {
        const proxy = proxies.get(name)!;
        return {
          name,
          listen: formatEndpoint(listen),
          up: proxy.listening,
          pid: proxy.pid ?? null,
          restarts: proxy.restarts,
          detail: proxy.fitness.detail,
          copies: proxy.report?.copies ?? [],
          refill: proxy.report?.refill ?? null,
        };
      }),
    }),
  };
}
