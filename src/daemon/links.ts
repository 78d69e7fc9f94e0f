/**
 * From the kernel's interfaces to what each instance speaks through: its link status, its local address, and a VRRP
 * socket that instances with the same interface and source share. Sockets follow the interface: one that is made anew
 * gets a new one. An instance with a virtual MAC hears on its own interface and speaks through the other's.
 */
import type { InstanceConfig } from '../config/config.ts';
import { familyOf, isLinkLocal } from '../core/ip-address.ts';
import { sourceOf } from '../core/vrrp/datagram.ts';
import type { IpAddress } from '../core/vrrp/parameters.ts';
import { virtualRouterIdOf } from '../core/vrrp/validate.ts';
import type { Interface, Network } from '../io/network.ts';
import { openVrrpSocket, type VrrpSocket } from '../io/vrrp-socket.ts';

/** Pause before a socket that failed is opened again, in ms. */
const REOPEN_PAUSE = 1_000;

export interface LinksOptions {
  /** A datagram with the instance's VRID that came in on its socket. */
  readonly onDatagram: (instance: InstanceConfig, datagram: Uint8Array) => void;
  /** A datagram came in on the instance's socket whose VRID is nobody's there. */
  readonly onUnknownVrid: (instance: InstanceConfig, from: IpAddress) => void;
  readonly onSendError: (interfaceName: string, error: Error) => void;
  readonly onSocketError: (interfaceName: string, error: Error) => void;
  /** After a socket came or went: statuses may have changed. */
  readonly onChange: () => void;
}

export interface Links {
  /** These are the instances from now on. A socket that is still what one of them needs stays open. */
  serve(instances: readonly InstanceConfig[]): void;
  /** Takes over a new snapshot of the kernel's interfaces. */
  update(network: Network): void;
  /** The address that the instance's advertisements come from, or why there is none. */
  localAddress(instance: InstanceConfig): IpAddress | null;
  /** What the instance speaks through; null while it cannot speak or cannot hear. */
  socket(instance: InstanceConfig): VrrpSocket | null;
  /** The interface as the latest snapshot has it. */
  find(interfaceName: string): Interface | undefined;
  /** Is it the hardware address of one of this host's interfaces? */
  isOwn(mac: Uint8Array): boolean;
  close(): void;
}

/** One socket and who listens on it; `socket` null: opening failed, to be tried again. */
interface Opened {
  socket: VrrpSocket | null;
  readonly listeners: readonly InstanceConfig[];
  readonly byVrid: ReadonlyMap<number, InstanceConfig>;
}

/** The socket of an instance that speaks from a virtual MAC. */
interface Speaking {
  readonly key: string;
  socket: VrrpSocket | null;
}

/** Serves nobody yet. */
export function createLinks(options: LinksOptions): Links {
  const { onChange } = options;
  let instances: readonly InstanceConfig[] = [];
  let virtual: ReadonlySet<IpAddress> = new Set();
  let network: Network = new Map();
  let opened = new Map<string, Opened>();
  // By name: an instance whose configuration changes is still the same.
  let keys = new Map<string, string | null>();
  let speaking = new Map<string, Speaking>();
  let reopening: NodeJS.Timeout | undefined;
  let closed = false;

  const localAddress = ({ interface: name, sourceAddress, vrrp }: InstanceConfig): IpAddress | null => {
    const addresses = network.get(name)?.addresses.map(({ address }) => address) ?? [];
    if (sourceAddress !== null) return addresses.includes(sourceAddress) ? sourceAddress : null;
    // RFC 9568 §5.1.2.1: the primary address over IPv6 is the interface's link-local one.
    const isPrimary = familyOf(vrrp.addresses[0]!) === 4 ? isIpv4 : isLinkLocal;
    return addresses.find((address) => isPrimary(address) && !virtual.has(address)) ?? null;
  };

  /** What a socket depends on; equal keys share one. Null: the instance can have none now. */
  const socketKey = (instance: InstanceConfig, device: string): string | null => {
    const local = localAddress(instance);
    const link = network.get(device);
    if (local === null || link === undefined) return null;
    return [link.name, link.index, local, isUnicast(instance) ? 'unicast' : 'multicast'].join(' ');
  };

  /** Opens a socket on `name`, an interface that is there; `socketOf` is where it is kept. */
  const open = (
    name: string,
    instance: InstanceConfig,
    socketOf: () => { socket: VrrpSocket | null } | undefined,
    onDatagram: ((datagram: Uint8Array) => void) | null,
  ): VrrpSocket | null => {
    try {
      return openVrrpSocket({
        interface: name,
        interfaceIndex: network.get(name)!.index,
        localAddress: localAddress(instance)!,
        unicast: isUnicast(instance),
        sendOnly: onDatagram === null,
        onDatagram: (datagram) => onDatagram?.(datagram),
        onSendError: (error) => options.onSendError(name, error),
        onClosed: (error) => {
          const lost = socketOf();
          if (lost !== undefined) lost.socket = null;
          failed(name, error);
          onChange();
        },
      });
    } catch (error) {
      failed(name, error as Error);
      return null;
    }
  };

  const failed = (name: string, error: Error): void => {
    options.onSocketError(name, error);
    reopening ??= setTimeout(() => {
      reopening = undefined;
      reconcile();
      onChange();
    }, REOPEN_PAUSE);
  };

  const deliver = (key: string, datagram: Uint8Array): void => {
    const { byVrid, listeners } = opened.get(key)!;
    const vrid = virtualRouterIdOf(datagram);
    const addressed = vrid === null ? undefined : byVrid.get(vrid);
    if (addressed !== undefined) options.onDatagram(addressed, datagram);
    // Too short to say whose it is: each listener judges it, and counts it as what it is.
    else if (vrid === null) for (const instance of listeners) options.onDatagram(instance, datagram);
    else for (const instance of listeners) options.onUnknownVrid(instance, sourceOf(datagram));
  };

  const reconcile = (): void => {
    if (closed) return;
    keys = new Map(instances.map((instance) => [instance.name, socketKey(instance, instance.interface)]));
    const before = opened;
    opened = new Map();
    for (const key of new Set(keys.values())) {
      if (key === null) continue;
      const listeners = instances.filter(({ name }) => keys.get(name) === key);
      // One VRID on one interface is one instance: the configuration forbids a second.
      const byVrid = new Map(listeners.map((instance) => [instance.vrrp.virtualRouterId, instance]));
      opened.set(key, { socket: before.get(key)?.socket ?? null, listeners, byVrid });
    }
    for (const [key, { socket }] of before) if (!opened.has(key)) socket?.close();
    for (const [key, entry] of opened) {
      const instance = entry.listeners[0]!;
      const deliverTo = (datagram: Uint8Array): void => deliver(key, datagram);
      entry.socket ??= open(instance.interface, instance, () => opened.get(key), deliverTo);
    }
    reconcileSpeaking();
  };

  const reconcileSpeaking = (): void => {
    const before = speaking;
    speaking = new Map();
    for (const instance of instances) {
      const device = speaksFrom(instance);
      const key = device === null ? null : socketKey(instance, device);
      if (device === null || key === null) continue;
      const known = before.get(instance.name);
      const entry: Speaking = known?.key === key ? known : { key, socket: null };
      entry.socket ??= open(device, instance, () => entry, null);
      speaking.set(instance.name, entry);
    }
    for (const [name, { key, socket }] of before) {
      if (speaking.get(name)?.key !== key) socket?.close();
    }
  };

  return {
    serve(next) {
      instances = next;
      virtual = new Set(
        instances.flatMap(({ virtualAddresses, excludedAddresses }) =>
          [...virtualAddresses, ...excludedAddresses].map(({ address }) => address),
        ),
      );
      reconcile();
    },
    update(next) {
      network = next;
      reconcile();
    },
    localAddress,
    socket(instance) {
      const key = keys.get(instance.name) ?? null;
      const hearing = key === null ? null : (opened.get(key)?.socket ?? null);
      if (hearing === null || speaksFrom(instance) === null) return hearing;
      return speaking.get(instance.name)?.socket ?? null;
    },
    find: (name) => network.get(name),
    isOwn: (mac) => [...network.values()].some((link) => sameBytes(link.mac, mac)),
    close() {
      closed = true;
      clearTimeout(reopening);
      for (const { socket } of [...opened.values(), ...speaking.values()]) socket?.close();
    },
  };
}

/** The interface with a virtual MAC that advertisements go out from; null: they go out where they come in. */
function speaksFrom({ vmac }: InstanceConfig): string | null {
  return vmac === null || vmac.transmitBase ? null : vmac.name;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function isIpv4(address: IpAddress): boolean {
  return familyOf(address) === 4;
}

function isUnicast({ vrrp }: InstanceConfig): boolean {
  return vrrp.unicastPeers.length > 0;
}
