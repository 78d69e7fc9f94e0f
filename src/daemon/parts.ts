/**
 * The parts of the agent, joined. Data flows one way: the outside (network, checks, proxies, the operator) changes
 * what the host is able to do, each virtual router decides, effects go out, observers tell. None of the parts serves
 * anything yet: which configuration they serve is change.ts's, when agent.ts's.
 */
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import type { Election } from '../core/join.ts';
import { type ArpSocket, openArpSocket } from '../io/arp-socket.ts';
import { sinceBoot } from '../io/boot.ts';
import { type ClaimWatch, createClaimWatch } from '../io/claim-watch.ts';
import { systemClock } from '../io/clock.ts';
import { type IpBatch, openIpBatch } from '../io/ip-batch.ts';
import { openKernelSettings } from '../io/kernel-settings.ts';
import { type Network, type NetworkMonitor, watchNetwork } from '../io/network.ts';
import type { NotifyFifo } from '../io/notify-fifo.ts';
import { openStateFile, type StateFile } from '../io/state-file.ts';
import type { User } from '../io/user.ts';
import { type Caches, createCaches } from './caches/caches.ts';
import { observeCache } from './caches/observe.ts';
import type { ComparisonChange } from './checks/warm-memcached.ts';
import { type CheckObservation, createHealth, type Health } from './health.ts';
import { createHookRunner } from './hooks.ts';
import { createInterfaceStates, type InterfaceStates } from './interface-states.ts';
import { createLateWrites } from './late-writes.ts';
import { createLinks, type Links } from './links.ts';
import type { Metrics } from './metrics.ts';
import { forgetCheck, observeCheck, observeComparison, observeHook, observeProxy } from './observe.ts';
import { createProbeTimes, type ProbeTimes } from './probe-times.ts';
import type { EarlyProxies } from './proxies/early.ts';
import { createProgram } from './proxies/engine.ts';
import { createProxies, type Proxies } from './proxies/proxies.ts';
import { recordFile, writeRecord } from './record.ts';
import { SELF } from './self.ts';
import type { Probed } from './status.ts';
import { createSyncGroups, type SyncGroups } from './sync-groups.ts';
import type { Host, VirtualRouter } from './virtual-router.ts';
import { createVmacs, kernelSettingsFile, type Vmacs } from './vmacs.ts';

/** The record of this run is written no oftener than so many times in the shortest advertisement interval. */
const RECORD_PAUSE = 1 / 20;
/** As if there were an instance with such an interval, in ms: there may be none. */
const SLOWEST = 10_000;

/** A configuration, and what was found out about it on this host. */
export interface Settings {
  readonly config: Config;
  /** Who a script or hook runs as; null: `script_user`. */
  readonly user: (name: string | null) => User | undefined;
}

/** What all parts go by, as it is now. */
export interface Situation {
  settings: Settings;
  /** The latest snapshot. */
  network: Network;
  fifo: NotifyFifo | null;
  drained: boolean;
  /** False until vrrp_startup_delay has passed. */
  begun: boolean;
  /** False while the parts do not agree on what there is: nobody is asked anything. */
  consistent: boolean;
  /** The end has begun: nothing is started any more. */
  stopping: boolean;
}

export interface Parts {
  readonly arp: ArpSocket;
  readonly batch: IpBatch;
  readonly monitor: NetworkMonitor;
  readonly vmacs: Vmacs;
  readonly links: Links;
  readonly claims: ClaimWatch;
  readonly interfaces: InterfaceStates;
  readonly health: Health;
  readonly caches: Caches;
  readonly proxies: Proxies;
  readonly groups: SyncGroups;
  readonly routers: Map<string, VirtualRouter>;
  /** What a virtual router is made with. */
  readonly host: Host;
  /** What the next run finds when this one dies. */
  readonly record: StateFile;
  readonly probed: ReadonlyMap<string, Probed>;
  readonly probeTimes: ReadonlyMap<string, ProbeTimes>;
  /** Something that several instances depend on has changed. */
  reassessAll(): void;
  /** All parts see `situation.network`. */
  lookAround(): void;
  /** Closes sockets and helpers. */
  close(): void;
}

/** Makes all parts; throws when the kernel refuses a socket. */
export function createParts(
  situation: Situation,
  { metrics, log, early }: { readonly metrics: Metrics; readonly log: Logger; readonly early: EarlyProxies },
): Parts {
  const { control } = situation.settings.config.global;
  const clock = systemClock;
  const routers = new Map<string, VirtualRouter>();
  const probed = new Map<string, Probed>();
  const probeTimes = new Map<string, ProbeTimes>();

  const reassessAll = (): void => {
    if (!situation.consistent) return;
    for (const router of routers.values()) router.reassess();
  };

  const checked = (observation: CheckObservation): void => {
    const { kind, name, before, after, result, stats, tookSeconds, comparison } = observation;
    observeCheck(metrics, log, observation);
    if (comparison !== undefined) observeComparison(metrics, log, name, peerOf(name), comparison);
    if (kind === 'memcached') {
      if (!result.ok) caches.look(name);
      const times = probeTimes.get(name) ?? createProbeTimes();
      probeTimes.set(name, times);
      if (!result.ok) times.add(Date.now(), null);
      else if (tookSeconds !== undefined) times.add(Date.now(), tookSeconds * 1000);
      const last = probed.get(name);
      probed.set(name, {
        up: after.status === 'up',
        stats: stats ?? last?.stats ?? null,
        tookSeconds: tookSeconds ?? last?.tookSeconds ?? null,
      });
    }
    const compared = comparison !== undefined && comparison.before.warmth !== comparison.after.warmth;
    const changed = before.status !== after.status || before.value !== after.value || compared;
    // What is told of a fault is told as it is now.
    if (!changed && (after.status !== 'down' || before.detail === after.detail)) return;
    if (changed) record.changed();
    reassessAll();
  };

  const peerOf = (memcached: string): string => {
    const peer = situation.settings.config.memcached.find(({ name }) => name === memcached)?.peer;
    return peer == null ? '' : formatEndpoint(peer);
  };
  const peerChecked = (memcached: string, change: ComparisonChange): void => {
    observeComparison(metrics, log, memcached, peerOf(memcached), change);
    if (change.before.warmth !== change.after.warmth) reassessAll();
  };

  /** One instance that is MASTER is enough: clients write to this host. */
  const electionOf = (memcached: string): Election => {
    const masters = situation.settings.config.instances
      .filter(({ trackMemcached }) => trackMemcached.some(({ name }) => name === memcached))
      .flatMap(({ name }) => routers.get(name)?.master() ?? []);
    if (masters.length === 0) return 'nobody';
    return masters.some(({ self }) => self) ? 'self' : 'other';
  };
  const caches = createCaches({
    directory: dirname(control),
    clock,
    election: electionOf,
    onEvent(cache, event) {
      observeCache(metrics, log, cache, event);
      // Its successor may be up before the probe would see that it was gone: with nothing in it.
      if (event.type === 'died') health.fail('memcached', cache.name, `its process died: ${event.how}`);
    },
    onFitness: reassessAll,
  });

  const arp = openArpSocket();
  const batch = openIpBatch();
  const lateWrites = createLateWrites({
    batch,
    proxies: () => situation.settings.config.proxies,
    onError: (error) => log.warn(`what a proxy sent may arrive late: ${error.message}`),
  });
  const proxies = createProxies({
    clock,
    createProgram(proxy) {
      const onLine = (line: string): void => observeProxy(metrics, log, proxy, { type: 'line', line });
      return (
        early.take(proxy, onLine) ?? createProgram(proxy, { self: SELF, directory: dirname(control), onLine })
      );
    },
    onAdded({ name }) {
      metrics.proxyUp.set({ name }, 0);
      metrics.proxyWanted.set({ name }, 0);
      metrics.proxyRestarts.inc({ name }, 0);
    },
    onGone({ name }) {
      metrics.proxyUp.remove({ name });
      metrics.proxyWanted.remove({ name });
    },
    onEvent(proxy, event) {
      observeProxy(metrics, log, proxy, event);
      if (['stopped', 'died', 'searching'].includes(event.type)) lateWrites.forget();
    },
    onFitness: reassessAll,
  });
  const links = createLinks({
    onDatagram: ({ name }, datagram) => routers.get(name)?.receive(datagram),
    onUnknownVrid: ({ name }, from) => routers.get(name)?.discardUnknownVrid(from),
    onSendError: (name, error) => log.debug({ interface: name }, `cannot send on ${name}: ${error.message}`),
    onSocketError: (name, error) =>
      log.error({ interface: name }, `VRRP socket on ${name}: ${error.message}`),
    onChange: reassessAll,
  });
  const claims = createClaimWatch({
    onClaim(interfaceIndex, claim) {
      for (const router of routers.values()) router.claimed(interfaceIndex, claim);
    },
    onError: (error) => log.error(`other claims to the virtual addresses are not heard: ${error.message}`),
  });
  const interfaces = createInterfaceStates(reassessAll);
  const lookAround = (): void => {
    lateWrites.update(situation.network);
    links.update(situation.network);
    interfaces.update(situation.network);
    for (const router of routers.values()) router.networkChanged();
  };
  const monitor = watchNetwork({
    batch,
    onChange(network) {
      situation.network = network;
      if (!situation.consistent) return;
      vmacs.update(network);
      lookAround();
    },
    onError: (error) => log.error(`network monitor: ${error.message}`),
  });
  const vmacs = createVmacs({
    batch,
    settings: openKernelSettings(kernelSettingsFile(control)),
    look: monitor.refresh,
    onError: (error) => log.error(`use_vmac: ${error.message}`),
  });
  const health = createHealth({
    caches,
    onResult: checked,
    onPeer: peerChecked,
    onGone(kind, name) {
      probed.delete(name);
      if (kind === 'memcached') probeTimes.delete(name);
      forgetCheck(metrics, kind, name);
    },
  });
  const record = openStateFile({
    path: recordFile(control),
    content: () =>
      writeRecord(situation.drained, health.standings, situation.settings.config, (name) => {
        const spoke = routers.get(name)?.spoke ?? null;
        return spoke === null ? null : { ...spoke, at: sinceBoot() - (clock.now() - spoke.at) };
      }),
    pause() {
      const { instances } = situation.settings.config;
      return Math.min(SLOWEST, ...instances.map(({ vrrp }) => vrrp.advertisementInterval)) * RECORD_PAUSE;
    },
    onError: (error) => log.warn(`a restart in place is not possible: ${error.message}`),
  });
  const common = {
    scriptUser: () => situation.settings.user(null),
    routerId: () => situation.settings.config.global.routerId,
    fifo: (line: string) => situation.fifo?.write(line),
  };
  const groups = createSyncGroups(
    (member) => routers.get(member)!,
    (name, group) =>
      createHookRunner({
        type: 'GROUP',
        instance: name,
        setting: () => ({
          hooks: group().hooks,
          user: common.scriptUser(),
          env: { MEMCACHE_HA_ROUTER_ID: common.routerId() },
        }),
        onEnd: (outcome) => observeHook(metrics, log, name, outcome),
        fifo: common.fifo,
      }),
  );

  return {
    ...{
      arp,
      batch,
      monitor,
      vmacs,
      links,
      claims,
      interfaces,
      health,
      caches,
      proxies,
      groups,
      routers,
      record,
      probed,
      probeTimes,
    },
    host: {
      ...{ clock, batch, arp, links, interfaces, health, proxies, metrics, log, ...common },
      candidate: () => !situation.drained,
      begun: () => situation.begun,
      group: groups.of,
      onStanding: record.changed,
    },
    reassessAll,
    lookAround,
    close() {
      claims.close();
      monitor.close();
      interfaces.close();
      links.close();
      batch.close();
      arp.close();
      situation.fifo?.close();
    },
  };
}
