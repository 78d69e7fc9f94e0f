/**
 * The segment between the hosts: carries IP datagrams with seeded loss, delay, duplication, reordering and corruption,
 * and can be cut, in both directions or in one. Judges nothing and knows no VRRP beyond the group's address.
 */
import { addressBytes } from '../../src/core/ip-address.ts';
import { VRRP_GROUP, VRRP_PROTOCOL, VRRP_TTL } from '../../src/core/vrrp/packet.ts';
import type { Ipv4, Millis } from '../../src/core/vrrp/parameters.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './virtual-clock.ts';

/** How the network treats a datagram. Probabilities 0..1. */
export interface Weather {
  readonly loss: number;
  readonly minimumDelay: Millis;
  readonly maximumDelay: Millis;
  readonly duplication: number;
  readonly corruption: number;
  /** True: each datagram takes its own time, so that later ones overtake. False: in order from one host to another. */
  readonly reordering: boolean;
}

export const CALM: Weather = {
  loss: 0,
  minimumDelay: 0.1,
  maximumDelay: 1,
  duplication: 0,
  corruption: 0,
  reordering: false,
};

/** A network card: where datagrams arrive. */
export interface Port {
  readonly address: Ipv4;
  readonly linkUp: boolean;
  deliver(datagram: Uint8Array): void;
  /** Somebody else's gratuitous ARP. */
  hearClaim(): void;
}

export interface Network {
  /** Nothing is lost, late or cut just now. */
  readonly clean: boolean;
  /** Nothing is cut. */
  readonly connected: boolean;
  attach(port: Port): void;
  send(from: Port, message: Uint8Array, destination: Ipv4): void;
  /** A gratuitous ARP, to everybody. */
  announce(from: Port): void;
  setWeather(weather: Weather): void;
  /** Nothing gets from one to the other any more. */
  cut(from: Ipv4, to: Ipv4): void;
  mendAll(): void;
}

export function createNetwork(scheduler: Scheduler, prng: Prng): Network {
  const ports: Port[] = [];
  const cuts = new Set<string>();
  const latest = new Map<string, Millis>();
  let weather = CALM;

  /** `arrive` is told whether a bit was turned over on the way. */
  const carry = (from: Port, to: Port, arrive: (corrupted: boolean) => void): void => {
    const way = `${from.address} ${to.address}`;
    if (cuts.has(way) || prng.chance(weather.loss)) return;
    let arrival = scheduler.now + prng.between(weather.minimumDelay, weather.maximumDelay);
    if (!weather.reordering) arrival = Math.max(arrival, latest.get(way) ?? 0);
    latest.set(way, arrival);
    const corrupted = prng.chance(weather.corruption);
    scheduler.at(arrival, () => {
      if (to.linkUp) arrive(corrupted);
    });
    if (prng.chance(weather.duplication)) carry(from, to, arrive);
  };

  return {
    get clean() {
      return weather === CALM && cuts.size === 0;
    },
    get connected() {
      return cuts.size === 0;
    },
    attach: (port) => void ports.push(port),
    send(from, message, destination) {
      if (!from.linkUp) return;
      const datagram = wrap(message, from.address, destination);
      for (const port of ports) {
        if (port !== from && (destination === VRRP_GROUP || destination === port.address)) {
          carry(from, port, (corrupted) => port.deliver(corrupted ? flipped(datagram, prng) : datagram));
        }
      }
    },
    announce(from) {
      if (!from.linkUp) return;
      for (const port of ports) {
        if (port !== from) carry(from, port, (corrupted) => corrupted || port.hearClaim());
      }
    },
    setWeather(next) {
      weather = next;
    },
    cut: (from, to) => void cuts.add(`${from} ${to}`),
    mendAll: () => cuts.clear(),
  };
}

/** The IP header that the kernel writes, as far as a receiver reads it. */
function wrap(message: Uint8Array, source: Ipv4, destination: Ipv4): Uint8Array {
  const datagram = new Uint8Array(20 + message.length);
  datagram[0] = 0x45;
  datagram[2] = datagram.length >> 8;
  datagram[3] = datagram.length & 0xff;
  datagram[8] = VRRP_TTL;
  datagram[9] = VRRP_PROTOCOL;
  datagram.set(addressBytes(source), 12);
  datagram.set(addressBytes(destination), 16);
  datagram.set(message, 20);
  return datagram;
}

/** One bit of the message turned over: the kernel checks its own header. */
function flipped(datagram: Uint8Array, prng: Prng): Uint8Array {
  const bytes = datagram.slice();
  const at = 20 + prng.below(bytes.length - 20);
  bytes[at]! ^= 1 << prng.below(8);
  return bytes;
}
