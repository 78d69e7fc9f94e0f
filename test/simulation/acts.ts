/**
 * What daemon/perform.ts does with the effects of an instance, in virtual time: advertisements at once, whatever touches
 * the host in a queue, in order, each act with its duration and its chance to fail. A failed act is passed over.
 */
import { encodeAdvertisement, VRRP_GROUP } from '../../src/core/vrrp/packet.ts';
import type { Ipv4, Millis, VrrpParameters } from '../../src/core/vrrp/parameters.ts';
import type { Effect, Readiness } from '../../src/core/vrrp/state.ts';
import type { EventLoop } from './event-loop.ts';
import type { Prng } from './prng.ts';
import type { VirtualAddress } from './virtual-address.ts';
import type { Scheduler } from './virtual-clock.ts';

export interface ActsPorts {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly loop: EventLoop;
  readonly vip: VirtualAddress;
  readonly params: VrrpParameters;
  readonly send: (message: Uint8Array, destination: Ipv4, priority: number) => void;
  readonly announce: () => void;
  readonly failed: (act: string) => void;
  /** How long putting an address on or taking it away takes at most. */
  readonly slowest: Millis;
  /** The chance that this act fails, just now. */
  readonly failure: () => number;
  /** False for a deliberately broken host. */
  readonly renews: boolean;
  readonly removes: boolean;
}

export interface Acts {
  perform(effects: readonly Effect[], readiness: Readiness): void;
  /** Puts the address back when it should be here and is not. */
  restore(): void;
  /** True when nothing is waiting or at work. */
  readonly idle: boolean;
  kill(): void;
}

interface Act {
  readonly name: string;
  /** Before it starts, in the daemon; false: there is nothing to do. */
  readonly begin: () => boolean;
  /** In the kernel, at its end; null: an act that takes no time. */
  readonly change: (() => void) | null;
  readonly after?: () => void;
}

export function createActs(ports: ActsPorts): Acts {
  const { scheduler, prng, loop, vip, params } = ports;
  const destinations = params.unicastPeers.length > 0 ? params.unicastPeers : [VRRP_GROUP];
  const queue: Act[] = [];
  let wanted = false;
  let holding = false;
  let busy = false;
  let dead = false;

  const put = (): void => vip.put(params.vipLease);
  const announce = (): boolean => {
    if (wanted) ports.announce();
    return false;
  };

  const work = (): void => {
    while (!busy) {
      const act = queue.shift();
      if (act === undefined) return;
      if (!act.begin()) continue;
      busy = true;
      const fails = prng.chance(ports.failure());
      scheduler.at(scheduler.now + prng.between(0.1, ports.slowest), () => {
        // The daemon died meanwhile: the helper that carries it out may have done so or not.
        if (dead && prng.chance(0.5)) return;
        if (!fails) act.change?.();
        loop.told(() => {
          busy = false;
          if (fails) ports.failed(act.name);
          else act.after?.();
          work();
        });
      });
    }
  };
  const enqueue = (act: Act): void => {
    queue.push(act);
    work();
  };

  const sendAdvertisement = (priority: number, source: Ipv4 | null): void => {
    if (source === null) return;
    for (const destination of destinations) {
      ports.send(encodeAdvertisement({ ...params, priority }, source, destination), destination, priority);
    }
  };

  const carryOut = (effect: Effect, readiness: Readiness): void => {
    switch (effect.type) {
      case 'sendAdvertisement':
        return sendAdvertisement(effect.priority, readiness.localAddress);
      case 'addAddresses': {
        wanted = true;
        const begin = (): boolean => {
          holding = true;
          return true;
        };
        return enqueue({ name: 'add', begin, change: put });
      }
      case 'renewAddresses':
        return enqueue({ name: 'renew', begin: () => holding && ports.renews, change: put });
      case 'removeAddresses': {
        wanted = false;
        const begin = (): boolean => {
          holding = false;
          return true;
        };
        return enqueue({ name: 'remove', begin, change: () => ports.removes && vip.remove() });
      }
      case 'gratuitousArp':
        return enqueue({ name: 'announce', begin: announce, change: null });
      case 'startProxy':
      case 'stopProxy':
      case 'recheckProxy':
      case 'notify':
        return; // neither waits for anything: they are of no consequence to the election
      default:
        return effect satisfies never;
    }
  };

  return {
    perform(effects, readiness) {
      for (const effect of effects) carryOut(effect, readiness);
    },
    restore() {
      if (!holding || vip.held) return;
      enqueue({ name: 'restore', begin: () => holding && wanted, change: put, after: ports.announce });
    },
    get idle() {
      return !busy && queue.length === 0;
    },
    kill() {
      dead = true;
      queue.length = 0;
    },
  };
}
