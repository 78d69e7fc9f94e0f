/**
 * One configured instance on this host: the pure machine inside, and around it what it needs of the host. Computes
 * what the host is able to do, judges datagrams, and tells its status. Decides nothing about VRRP itself.
 */
import type { Logger } from 'pino';
import type { InstanceConfig, VirtualAddress } from '../config/config.ts';
import { type Claim, gratuitousArp } from '../core/arp-packet.ts';
import { familyOf } from '../core/ip-address.ts';
import { unsolicitedNeighbourAdvertisement } from '../core/neighbour-advertisement.ts';
import { assess, type TrackedStatus } from '../core/track.ts';
import { sourceOf } from '../core/vrrp/datagram.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';
import type { Readiness } from '../core/vrrp/state.ts';
import { handoverTime } from '../core/vrrp/timers.ts';
import { type ReceivedAdvertisement, validateAdvertisement } from '../core/vrrp/validate.ts';
import type { ArpSocket } from '../io/arp-socket.ts';
import type { Clock } from '../io/clock.ts';
import { forwardsIpv6 } from '../io/forwarding.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { Interface } from '../io/network.ts';
import type { User } from '../io/user.ts';
import { putAddress, removeAddress } from '../io/virtual-address.ts';
import { createDefence } from './defence.ts';
import type { History } from './history.ts';
import { createHookRunner } from './hooks.ts';
import { Instance } from './instance.ts';
import type { Links } from './links.ts';
import type { Metrics } from './metrics.ts';
import { observeInstance } from './observe.ts';
import { createPerformer, type PerformPorts } from './perform.ts';
import type { Spoken } from './record.ts';
import type { InstanceStatus } from './status.ts';
import type { Member, SyncGroup } from './sync-group.ts';
import { type TrackedSources, trackedStatuses } from './tracked.ts';

/** What an instance needs of its host. What a reload may change is asked for each time. */
export interface Host extends TrackedSources {
  readonly clock: Clock;
  readonly batch: Pick<IpBatch, 'run'>;
  readonly arp: Pick<ArpSocket, 'send'>;
  readonly links: TrackedSources['links'] & Pick<Links, 'isOwn'>;
  readonly scriptUser: () => User | undefined;
  readonly routerId: () => string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Where transitions are written. */
  readonly fifo: (line: string) => void;
  /** False while the host is drained. */
  readonly candidate: () => boolean;
  /** False until vrrp_startup_delay has passed. */
  readonly begun: () => boolean;
  /** `spoke` of an instance has changed. */
  readonly onStanding: () => void;
  /** The sync group that the instance is a member of. */
  readonly group: (instance: string) => SyncGroup | null;
}

export interface VirtualRouter extends Member {
  readonly config: InstanceConfig;
  /** True while the virtual addresses are to be here: in MASTER, and until a handover has ended. */
  readonly holding: boolean;
  /** Its latest advertisement; null unless it is MASTER. */
  readonly spoke: Spoken | null;
  /** The first thing of all, when the daemon before died as MASTER: that one advertised last at `spokeAt`, or later. */
  restart(spokeAt: Millis): void;
  /** Something that readiness depends on may have changed. */
  reassess(): void;
  /** The kernel's interfaces or addresses changed. */
  networkChanged(): void;
  receive(datagram: Uint8Array): void;
  discardUnknownVrid(from: string): void;
  /** Somebody, perhaps this host, says on the interface with this index that it has an address. */
  claimed(interfaceIndex: number, claim: Claim): void;
  /** Applies what of its configuration can change while it runs; its state stays. The caller reassesses. */
  adjust(next: InstanceConfig): void;
  /** Resigns, and resolves when the addresses are gone; bounded. */
  stop(): Promise<void>;
  /** After `stop`: begins anew, with this configuration. Its history, counters and hooks go on. */
  begin(next: InstanceConfig): void;
  /** Resolves when the hooks have run; bounded. */
  finish(): Promise<void>;
  /** Who is MASTER as far as this host knows; null: nobody is heard. */
  master(): InstanceStatus['master'];
  status(): InstanceStatus;
  readonly history: History;
}

/** A master that is silent for so many of its intervals is late; it is given up after three. */
const LATE = 1.25;

export function createVirtualRouter(initial: InstanceConfig, host: Host): VirtualRouter {
  const { name } = initial;
  const { clock, links } = host;
  const observer = observeInstance(initial, host.metrics, host.log);
  let config = initial;
  let heard: (ReceivedAdvertisement & { readonly at: number }) | null = null;
  let spoke: Spoken | null = null;
  let finished: () => void = () => {};
  let stopped: Promise<void> | null = null;
  let cancelLookOut: () => void = () => {};

  const hooks = createHookRunner({
    type: 'INSTANCE',
    instance: name,
    setting: () => ({
      hooks: config.hooks,
      user: host.scriptUser(),
      env: {
        MEMCACHE_HA_ROUTER_ID: host.routerId(),
        MEMCACHE_HA_VIPS: config.virtualAddresses.map(({ address }) => address).join(' '),
      },
    }),
    onEnd: observer.hookEnded,
    fifo: host.fifo,
  });

  const announce = ({ address, dev }: VirtualAddress): void => {
    const link = links.find(dev);
    if (link === undefined) throw new Error(`there is no interface ${dev}`);
    host.arp.send(link.index, announcement(link, address));
  };

  const addresses = (): VirtualAddress[] => [...config.virtualAddresses, ...config.excludedAddresses];
  const addressAt = (address: IpAddress): VirtualAddress | undefined =>
    addresses().find((one) => one.address === address);
  let masterSince: Millis | null = null;
  const defence = createDefence({
    clock,
    masterSince: () => masterSince,
    announce(address) {
      const ours = addressAt(address);
      if (ours === undefined) return; // it is no more, since a moment ago
      try {
        announce(ours);
        observer.defended(address);
      } catch (error) {
        observer.failed('defend a virtual address', error as Error);
      }
    },
    onConflict: observer.disputed,
  });

  const ports: PerformPorts = {
    now: clock.now,
    send: (message, destination) => links.socket(config)?.send(message, destination),
    putAddress: (address, lease) => putAddress(host.batch, address, lease),
    removeAddress: (address) => removeAddress(host.batch, address),
    announce,
    proxy(proxy) {
      const runner = host.proxies.find(proxy);
      return runner === undefined || runner.independent ? null : runner;
    },
    notify(state, priority) {
      hooks.notify(state, priority);
      host.group(name)?.notified(name, state);
    },
    onAdvertisementSent(priority, source) {
      spoke = { at: clock.now(), priority, source };
      observer.advertisementSent();
      host.onStanding();
    },
    onTakeover: observer.tookOver,
    onReadded: observer.readded,
    isMaster: () => masterSince !== null,
    onError: observer.failed,
  };

  /** The machine, and what carries out its effects; never one without the other. */
  const make = () => {
    const performer = createPerformer(config, ports);
    const instance: Instance = new Instance(config.vrrp, {
      clock,
      perform: performer.perform,
      observe(observation) {
        observer.stepped(observation);
        const { before, after } = observation;
        if (after.name !== 'MASTER') masterSince = null;
        else masterSince ??= observation.at;
        // Whoever was MASTER until now is so no more, and need not be alive.
        if (after.name === 'MASTER' && before.name !== 'MASTER') heard = null;
        if (before.name !== after.name) {
          host.onStanding();
          host.group(name)?.changed(name, before.name, after.name);
        }
        if (instance.finished) finished();
      },
    });
    return { performer, instance };
  };
  let { performer, instance } = make();

  const holds = ({ address, dev }: VirtualAddress): boolean =>
    links.find(dev)?.addresses.some((present) => present.address === address) ?? false;

  const ownStatuses = (): TrackedStatus[] => trackedStatuses(config, host);

  const readiness = (): Readiness => {
    const group = host.group(name);
    const statuses = group === null ? ownStatuses() : [...ownStatuses(), group.statusFor(name)];
    const assessed = assess(config.vrrp.priority, statuses, links.localAddress(config), host.candidate());
    return { ...assessed, decided: assessed.decided && host.begun() };
  };

  const reassess = (): void => instance.receive({ type: 'readiness', readiness: readiness() });

  /** Has the proxy that stands by look out when the next advertisement is late. */
  const awaitNext = (): void => {
    cancelLookOut();
    const { state } = instance;
    if (state.name !== 'BACKUP' || config.proxy === null) return;
    cancelLookOut = clock.at(clock.now() + LATE * state.masterAdverInterval, () => {
      if (instance.state.name === 'BACKUP' && config.proxy !== null)
        host.proxies.find(config.proxy)?.lookOut();
    });
  };

  const stop = async (): Promise<void> => {
    cancelLookOut();
    const done = new Promise<void>((resolve) => {
      finished = resolve;
    });
    instance.receive({ type: 'shutdown' });
    await done;
    await performer.idle();
  };

  const master = (): InstanceStatus['master'] => {
    const { state, readiness: latest } = instance;
    if (state.name === 'MASTER') {
      return { address: links.localAddress(config) ?? '', priority: latest.priority, self: true };
    }
    if (heard === null || clock.now() - heard.at > handoverTime(config.vrrp)) return null;
    return { address: heard.source, priority: heard.priority, self: false };
  };

  return {
    name,
    get config() {
      return config;
    },
    get holding() {
      return performer.holding;
    },
    get state() {
      return instance.state.name;
    },
    get spoke() {
      return instance.state.name === 'MASTER' ? spoke : null;
    },
    restart: (at) => instance.receive({ type: 'restart', spokeAt: at, readiness: readiness() }),
    ownStatuses,
    follow: (to) => instance.receive({ type: 'follow', to }),
    reassess,
    networkChanged() {
      reassess();
      performer.restore(holds);
      observer.vipsHeld(holds);
    },
    receive(datagram) {
      const verdict = validateAdvertisement(config.vrrp, datagram);
      if (!verdict.ok) return observer.discarded(verdict.reason, sourceOf(datagram));
      const { advertisement } = verdict;
      heard = advertisement.priority > 0 ? { ...advertisement, at: clock.now() } : null;
      instance.receive({ type: 'advertisement', advertisement });
      awaitNext();
    },
    master,
    discardUnknownVrid: (from) => observer.discarded('vrid', from),
    claimed(interfaceIndex, { address, mac }) {
      const disputed = addressAt(address);
      if (disputed === undefined || links.find(disputed.dev)?.index !== interfaceIndex) return;
      if (links.isOwn(mac)) return;
      defence.claimed(address, mac);
      const { state } = instance;
      if ('handover' in state && state.handover !== null) instance.receive({ type: 'claim' });
    },
    adjust(next) {
      config = next;
      observer.adjust(next);
      performer.adjust(next);
      instance.adjust(next.vrrp);
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
    begin(next) {
      config = next;
      heard = null;
      stopped = null;
      observer.adjust(next);
      ({ performer, instance } = make());
    },
    finish: hooks.finish,
    history: observer.history,
    status() {
      const { state, readiness: latest } = instance;
      return {
        name,
        state: state.name,
        since: observer.history.latest[0]?.at ?? observer.createdAt,
        handing_over: 'handover' in state && state.handover !== null,
        interface: config.interface,
        vmac: config.vmac?.name ?? null,
        virtual_router_id: config.vrrp.virtualRouterId,
        priority: latest.decided ? latest.priority : config.vrrp.priority,
        configured_priority: config.vrrp.priority,
        candidate: host.candidate(),
        master: master(),
        other_master: observer.otherMaster,
        virtual_addresses: addresses().map((address) => ({
          address: address.address,
          held: holds(address),
          conflict: observer.conflict(address.address),
        })),
        faults: latest.faults,
        cold: latest.cold,
        proxy: config.proxy,
        memcached: config.trackMemcached.map((tracked) => tracked.name),
        advert_seconds: config.vrrp.advertisementInterval / 1000,
        transitions: observer.history.latest,
      };
    },
  };
}

/** The frame that tells the hosts on the link where the address is now. */
function announcement({ name, mac }: Interface, address: IpAddress): Uint8Array {
  if (familyOf(address) === 4) return gratuitousArp(mac, address);
  return unsolicitedNeighbourAdvertisement(mac, address, forwardsIpv6(name));
}
