/**
 * One configured instance on this host: the pure machine inside, and around it what it needs of the host. Computes
 * what the host is able to do, judges datagrams, and tells its status. Decides nothing about VRRP itself.
 */
import type { Logger } from 'pino';
import type { InstanceConfig, VirtualAddress } from '../config/config.ts';
import { gratuitousArp } from '../core/arp-packet.ts';
import { formatIpv4 } from '../core/ipv4.ts';
import { assess, type CheckState, type TrackedStatus } from '../core/track.ts';
import { handoverTime } from '../core/vrrp/timers.ts';
import { type ReceivedAdvertisement, validateAdvertisement } from '../core/vrrp/validate.ts';
import type { ArpSocket } from '../io/arp-socket.ts';
import type { Clock } from '../io/clock.ts';
import type { IpBatch } from '../io/ip-batch.ts';
import type { User } from '../io/user.ts';
import { putAddress, removeAddress } from '../io/virtual-address.ts';
import type { Health } from './health.ts';
import { createHookRunner } from './hooks.ts';
import { Instance } from './instance.ts';
import type { Links } from './links.ts';
import type { Metrics } from './metrics.ts';
import { observeInstance } from './observe.ts';
import { createPerformer } from './perform.ts';
import type { ProxyRunner } from './proxy.ts';
import type { InstanceStatus } from './status.ts';

/** How long the last hooks may take when the daemon stops, in ms. */
const LAST_HOOKS = 30_000;

/** What an instance needs of its host. */
export interface Host {
  readonly clock: Clock;
  readonly batch: IpBatch;
  readonly arp: ArpSocket;
  readonly links: Links;
  readonly health: Health;
  readonly proxy: ProxyRunner | null;
  readonly scriptUser: User | undefined;
  readonly routerId: string;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** False while the host is drained. */
  readonly candidate: () => boolean;
}

export interface VirtualRouter {
  readonly name: string;
  /** Something that readiness depends on may have changed. */
  reassess(): void;
  /** The kernel's interfaces or addresses changed. */
  networkChanged(): void;
  receive(datagram: Uint8Array): void;
  discardUnknownVrid(from: string): void;
  /** Resigns, and resolves when the addresses are gone and the hooks have run; bounded. */
  shutdown(): Promise<void>;
  status(): InstanceStatus;
}

export function createVirtualRouter(config: InstanceConfig, host: Host): VirtualRouter {
  const { clock, links, health } = host;
  const observer = observeInstance(config, host.metrics, host.log);
  let heard: (ReceivedAdvertisement & { readonly at: number }) | null = null;
  let finished: () => void = () => {};

  const hooks = createHookRunner({
    instance: config.name,
    hooks: config.hooks,
    user: host.scriptUser,
    env: {
      MEMCACHE_HA_ROUTER_ID: host.routerId,
      MEMCACHE_HA_VIPS: config.virtualAddresses.map(({ address }) => address).join(' '),
    },
    onEnd: observer.hookEnded,
  });

  const performer = createPerformer(config, {
    now: clock.now,
    send: (message, destination) => links.socket(config)?.send(message, destination),
    putAddress: (address, lease) => putAddress(host.batch, address, lease),
    removeAddress: (address) => removeAddress(host.batch, address),
    announce(address) {
      const link = links.find(address.dev);
      if (link === undefined) throw new Error(`there is no interface ${address.dev}`);
      host.arp.send(link.index, gratuitousArp(link.mac, address.address));
    },
    proxy: host.proxy?.standby === false ? host.proxy : null,
    notify: hooks.notify,
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
      if (instance.finished) finished();
    },
  });

  const holds = ({ address, dev }: VirtualAddress): boolean =>
    links.find(dev)?.addresses.some((present) => present.address === address) ?? false;

  const tracked = (): TrackedStatus[] => {
    const { proxy } = host;
    return [
      { kind: 'interface', name: config.interface, weight: 0, ...interfaceStatus(links, config.interface) },
      { kind: 'address', name: config.interface, weight: 0, ...addressStatus(links, config) },
      ...config.trackInterfaces.map(
        (entry): TrackedStatus => ({ kind: 'interface', ...entry, ...interfaceStatus(links, entry.name) }),
      ),
      ...config.trackMemcached.map(
        ({ name, weight }): TrackedStatus => ({
          kind: 'memcached',
          name,
          weight,
          ...health.status('memcached', name),
        }),
      ),
      ...config.trackScripts.map(
        (entry): TrackedStatus => ({ kind: 'script', ...entry, ...health.status('script', entry.name) }),
      ),
      ...(proxy === null
        ? []
        : [{ kind: 'proxy' as const, name: config.proxy!, weight: 0, ...proxy.fitness }]),
    ];
  };

  const reassess = (): void => {
    const readiness = assess(config.vrrp.priority, tracked(), links.localAddress(config), host.candidate());
    instance.receive({ type: 'readiness', readiness });
  };

  return {
    name: config.name,
    reassess,
    networkChanged() {
      reassess();
      performer.restore(holds);
      observer.vipsHeld(holds);
    },
    receive(datagram) {
      const verdict = validateAdvertisement(config.vrrp, datagram);
      if (!verdict.ok) return observer.discarded(verdict.reason, formatIpv4(datagram, 12));
      const { advertisement } = verdict;
      heard = advertisement.priority > 0 ? { ...advertisement, at: clock.now() } : null;
      instance.receive({ type: 'advertisement', advertisement });
    },
    discardUnknownVrid: (from) => observer.discarded('vrid', from),
    async shutdown() {
      const done = new Promise<void>((resolve) => {
        finished = resolve;
      });
      instance.receive({ type: 'shutdown' });
      await done;
      await performer.idle();
      const patience = new Promise<void>((resolve) => setTimeout(resolve, LAST_HOOKS).unref());
      await Promise.race([hooks.idle(), patience]);
      hooks.kill();
    },
    status() {
      const { state, readiness } = instance;
      const localAddress = links.localAddress(config);
      const patience = handoverTime(config.vrrp);
      const self = { address: localAddress ?? '', priority: readiness.priority, self: true };
      const other =
        heard === null || clock.now() - heard.at > patience
          ? null
          : { address: heard.source, priority: heard.priority, self: false };
      return {
        name: config.name,
        state: state.name,
        since: observer.history.latest[0]?.at ?? observer.createdAt,
        handing_over: 'handover' in state && state.handover !== null,
        interface: config.interface,
        virtual_router_id: config.vrrp.virtualRouterId,
        priority: readiness.decided ? readiness.priority : config.vrrp.priority,
        configured_priority: config.vrrp.priority,
        candidate: host.candidate(),
        master: state.name === 'MASTER' ? self : other,
        virtual_addresses: [...config.virtualAddresses, ...config.excludedAddresses].map((address) => ({
          address: address.address,
          held: holds(address),
        })),
        faults: readiness.faults,
        proxy: config.proxy,
        transitions: observer.history.latest,
      };
    },
  };
}

const UP: CheckState = { status: 'up', streak: 0, detail: '' };

function down(detail: string): CheckState {
  return { status: 'down', streak: 0, detail };
}

function interfaceStatus(links: Links, name: string): CheckState {
  const link = links.find(name);
  if (link === undefined) return down(`there is no interface ${name}`);
  return link.up ? UP : down(`${name} is down`);
}

function addressStatus(links: Links, config: InstanceConfig): CheckState {
  if (links.localAddress(config) === null) {
    return down(`${config.interface} has no address ${config.sourceAddress ?? 'of its own'}`);
  }
  return links.socket(config) === null ? down('the VRRP socket could not be opened') : UP;
}
