/**
 * One configured instance on this host: the pure machine inside, and around it what it needs of the host. Computes
 * what the host is able to do, judges datagrams, and tells its status. Decides nothing about VRRP itself.
 */
import type { Logger } from 'pino';
import type { InstanceConfig, VirtualAddress } from '../config/config.ts';
import { gratuitousArp } from '../core/arp-packet.ts';
import { familyOf } from '../core/ip-address.ts';
import { unsolicitedNeighbourAdvertisement } from '../core/neighbour-advertisement.ts';
import { assess, type TrackedStatus } from '../core/track.ts';
import { sourceOf } from '../core/vrrp/datagram.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { handoverTime } from '../core/vrrp/timers.ts';
import { type ReceivedAdvertisement, validateAdvertisement } from '../core/vrrp/validate.ts';
import type { ArpSocket } from '../io/arp-socket.ts';
import type { Clock } from '../io/clock.ts';
import { forwardsIpv6 } from '../io/forwarding.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { Interface } from '../io/network.ts';
import type { User } from '../io/user.ts';
import { putAddress, removeAddress } from '../io/virtual-address.ts';
import { createHookRunner } from './hooks.ts';
import { Instance } from './instance.ts';
import type { Metrics } from './metrics.ts';
import { observeInstance } from './observe.ts';
import { createPerformer } from './perform.ts';
import type { InstanceStatus } from './status.ts';
import type { Member, SyncGroup } from './sync-group.ts';
import { type TrackedSources, trackedStatuses } from './tracked.ts';

/** What an instance needs of its host. */
export interface Host extends TrackedSources {
  readonly clock: Clock;
  readonly batch: IpBatch;
  readonly arp: ArpSocket;
  readonly scriptUser: User | undefined;
  readonly routerId: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Where transitions are written; null: nowhere. */
  readonly fifo: ((line: string) => void) | null;
  /** False while the host is drained. */
  readonly candidate: () => boolean;
  /** False until vrrp_startup_delay has passed. */
  readonly begun: () => boolean;
  /** The sync group that the instance is a member of. */
  readonly group: () => SyncGroup | null;
}

export interface VirtualRouter extends Member {
  /** Something that readiness depends on may have changed. */
  reassess(): void;
  /** The kernel's interfaces or addresses changed. */
  networkChanged(): void;
  receive(datagram: Uint8Array): void;
  discardUnknownVrid(from: string): void;
  /** Resigns, and resolves when the addresses are gone and the hooks have run; bounded. */
  shutdown(): Promise<void>;
  /** Who is MASTER as far as this host knows; null: nobody is heard. */
  master(): InstanceStatus['master'];
  status(): InstanceStatus;
}

export function createVirtualRouter(config: InstanceConfig, host: Host): VirtualRouter {
  const { clock, links } = host;
  const observer = observeInstance(config, host.metrics, host.log);
  let heard: (ReceivedAdvertisement & { readonly at: number }) | null = null;
  let finished: () => void = () => {};

  const hooks = createHookRunner({
    type: 'INSTANCE',
    instance: config.name,
    hooks: config.hooks,
    user: host.scriptUser,
    env: {
      MEMCACHE_HA_ROUTER_ID: host.routerId,
      MEMCACHE_HA_VIPS: config.virtualAddresses.map(({ address }) => address).join(' '),
    },
    onEnd: observer.hookEnded,
    fifo: host.fifo,
  });

  const performer = createPerformer(config, {
    now: clock.now,
    send: (message, destination) => links.socket(config)?.send(message, destination),
    putAddress: (address, lease) => putAddress(host.batch, address, lease),
    removeAddress: (address) => removeAddress(host.batch, address),
    announce(address) {
      const link = links.find(address.dev);
      if (link === undefined) throw new Error(`there is no interface ${address.dev}`);
      host.arp.send(link.index, announcement(link, address.address));
    },
    proxy: host.proxy?.independent === false ? host.proxy : null,
    notify(state, priority) {
      hooks.notify(state, priority);
      host.group()?.notified(config.name, state);
    },
    onAdvertisementSent: observer.advertisementSent,
    onTakeover: observer.tookOver,
    onReadded: observer.readded,
    onError: observer.failed,
  });

  const instance = new Instance(config.vrrp, {
    clock,
    perform: performer.perform,
    observe(observation) {
      observer.stepped(observation);
      const { before, after } = observation;
      // Whoever was MASTER until now is so no more, and need not be alive.
      if (after.name === 'MASTER' && before.name !== 'MASTER') heard = null;
      if (before.name !== after.name) host.group()?.changed(config.name, before.name, after.name);
      if (instance.finished) finished();
    },
  });

  const holds = ({ address, dev }: VirtualAddress): boolean =>
    links.find(dev)?.addresses.some((present) => present.address === address) ?? false;

  const ownStatuses = (): TrackedStatus[] => trackedStatuses(config, host);

  const reassess = (): void => {
    const group = host.group();
    const statuses = group === null ? ownStatuses() : [...ownStatuses(), group.statusFor(config.name)];
    const assessed = assess(config.vrrp.priority, statuses, links.localAddress(config), host.candidate());
    const readiness = { ...assessed, decided: assessed.decided && host.begun() };
    instance.receive({ type: 'readiness', readiness });
  };

  const master = (): InstanceStatus['master'] => {
    const { state, readiness } = instance;
    if (state.name === 'MASTER') {
      return { address: links.localAddress(config) ?? '', priority: readiness.priority, self: true };
    }
    if (heard === null || clock.now() - heard.at > handoverTime(config.vrrp)) return null;
    return { address: heard.source, priority: heard.priority, self: false };
  };

  return {
    name: config.name,
    get state() {
      return instance.state.name;
    },
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
    },
    master,
    discardUnknownVrid: (from) => observer.discarded('vrid', from),
    async shutdown() {
      const done = new Promise<void>((resolve) => {
        finished = resolve;
      });
      instance.receive({ type: 'shutdown' });
      await done;
      await performer.idle();
      await hooks.finish();
    },
    status() {
      const { state, readiness } = instance;
      return {
        name: config.name,
        state: state.name,
        since: observer.history.latest[0]?.at ?? observer.createdAt,
        handing_over: 'handover' in state && state.handover !== null,
        interface: config.interface,
        vmac: config.vmac?.name ?? null,
        virtual_router_id: config.vrrp.virtualRouterId,
        priority: readiness.decided ? readiness.priority : config.vrrp.priority,
        configured_priority: config.vrrp.priority,
        candidate: host.candidate(),
        master: master(),
        virtual_addresses: [...config.virtualAddresses, ...config.excludedAddresses].map((address) => ({
          address: address.address,
          held: holds(address),
        })),
        faults: readiness.faults,
        cold: readiness.cold,
        proxy: config.proxy,
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
