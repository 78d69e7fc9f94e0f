/**
 * Carries out the effects of one instance. Advertisements go out at once; whatever touches the host runs in a queue,
 * strictly in order, so that a release never overtakes the takeover before it. A failing act is told and passed over:
 * the lease's next renewal puts a missing address on again.
 *
 * A departure from the order that the machine asks for: a proxy that needs no address is started before the addresses are
 * put on, and the first ARPs of a takeover wait for it, a moment. With a living predecessor nobody meets a host without a
 * proxy then. A dead one's clients wait: the addresses come first, the proxy starts while the kernel puts them on, and
 * nothing waits for it.
 */

import type { InstanceConfig, VirtualAddress } from '../config/config.ts';
import { same } from '../config/diff/same.ts';
import { familyOf } from '../core/ip-address.ts';
import { encodeAdvertisement, VRRP_GROUP, VRRP_GROUP_IPV6 } from '../core/vrrp/packet.ts';
import type { IpAddress, Millis, VrrpParameters } from '../core/vrrp/parameters.ts';
import type { Effect, Readiness } from '../core/vrrp/state.ts';
import type { HookState } from './hooks.ts';

export interface PerformPorts {
  readonly now: () => Millis;
  /** False also while the addresses stay for a handover. */
  readonly isMaster: () => boolean;
  /** Sends one VRRP message from the instance's local address; does nothing while there is no socket. */
  readonly send: (message: Uint8Array, destination: IpAddress) => void;
  readonly putAddress: (address: VirtualAddress, lease: Millis | null) => Promise<void>;
  readonly removeAddress: (address: VirtualAddress) => Promise<void>;
  /** One gratuitous ARP or unsolicited neighbour advertisement; throws when it cannot be sent. */
  readonly announce: (address: VirtualAddress) => void;
  /** The proxy with this name, as far as the election has a say in it. */
  readonly proxy: (name: string) => PerformedProxy | null;
  readonly notify: (state: HookState, priority: number) => void;
  readonly onAdvertisementSent: (priority: number, source: IpAddress) => void;
  /** From the decision to be MASTER to the last ARP of the first burst. */
  readonly onTakeover: (took: Millis) => void;
  readonly onReadded: (address: VirtualAddress, announced: boolean) => void;
  readonly onError: (act: string, error: Error) => void;
}

/** What the election wants of a proxy; proxies/runner.ts has it. */
export interface PerformedProxy {
  startEarly(): void;
  start(): void;
  ready(atMost: Millis): Promise<void>;
  stop(): void;
  ended(atMost: Millis): Promise<void>;
  recheck(): void;
}

/** How long the first ARPs of a takeover wait for a proxy that is about to take clients, in ms. */
const READY: Millis = 20;
/** How long the addresses wait for a proxy that finishes what its clients have asked, in ms. */
const LEAVE: Millis = 300;

export interface Performer {
  /** True while the addresses are asked for. */
  readonly holding: boolean;
  perform(effects: readonly Effect[], readiness: Readiness): void;
  /** Puts back what `present` lacks of the addresses that should be here. */
  restore(present: (address: VirtualAddress) => boolean): void;
  /**
   * The instance is configured so from now on. While it holds its addresses those that are new are put on and announced,
   * those that it has no more are taken away, and another proxy takes the place of the old one.
   */
  adjust(next: InstanceConfig): void;
  /** Resolves when all that was asked for until now is done. */
  idle(): Promise<void>;
}

export function createPerformer(initial: InstanceConfig, ports: PerformPorts): Performer {
  let config = initial;
  let addresses = addressesOf(config);
  // What the machine asked for last, and what has been done of it: the queue lies between them.
  let wanted = false;
  /** The addresses that are on, unless somebody else takes them away. */
  let held: readonly VirtualAddress[] = [];
  let takingOverSince: Millis | null = null;
  let waitNoLonger: () => void = () => {};
  let queue: Promise<void> = Promise.resolve();
  /** Acts that are asked for and not done. */
  let undone = 0;

  const enqueue = (act: string, run: () => Promise<void> | void): void => {
    undone++;
    queue = queue
      .then(run)
      .catch((error: Error) => ports.onError(act, error))
      .then(() => {
        undone--;
      });
  };
  /** Begins before this returns when nothing is in its way: while `ip` is at work the daemon tells what has happened. */
  const begin = (act: string, run: () => Promise<void>): void => {
    if (undone > 0) return enqueue(act, run);
    const running = run();
    enqueue(act, () => running);
  };

  const sendAdvertisement = (priority: number, source: IpAddress | null): void => {
    if (source === null) return;
    const { vrrp } = config;
    for (const destination of destinationsOf(vrrp)) {
      ports.send(encodeAdvertisement({ ...vrrp, priority }, source, destination), destination);
    }
    ports.onAdvertisementSent(priority, source);
  };

  const put = (all: readonly VirtualAddress[]): Promise<unknown> =>
    Promise.all(all.map((address) => ports.putAddress(address, config.vrrp.vipLease)));

  const remove = (all: readonly VirtualAddress[]): Promise<unknown> =>
    Promise.all(all.map((address) => ports.removeAddress(address)));

  const announce = (all: readonly VirtualAddress[], repeat: number): void => {
    for (let i = 0; i < repeat; i++) for (const address of all) ports.announce(address);
  };

  const changeAddresses = async (): Promise<void> => {
    if (held.length === 0) return; // released meanwhile
    const wantedNow = addresses;
    const gone = held.filter((address) => !isIn(wantedNow, address));
    const added = wantedNow.filter((address) => !isIn(held, address));
    held = held.filter((address) => isIn(wantedNow, address));
    await remove(gone);
    await put(added).finally(() => {
      held = wantedNow;
    });
    if (wanted) announce(added, config.vrrp.garpMasterRepeat);
  };

  const proxyNow = (): PerformedProxy | null => (config.proxy === null ? null : ports.proxy(config.proxy));
  const startProxy = (): void =>
    enqueue('start the proxy', () => {
      if (wanted) proxyNow()?.start();
    });
  const stopProxy = (name: string | null): void =>
    enqueue('stop the proxy', async () => {
      const proxy = name === null ? null : ports.proxy(name);
      proxy?.stop();
      if (proxy === null || wanted || held.length === 0) return;
      // It can only say goodbye to its clients while the addresses are here.
      const reclaimed = new Promise<void>((resolve) => {
        waitNoLonger = resolve;
      });
      await Promise.race([proxy.ended(LEAVE), reclaimed]);
    });

  /** `urgent`: the master before is dead. */
  const carryOut = (effect: Effect, readiness: Readiness, decidedAt: Millis, urgent: boolean): void => {
    switch (effect.type) {
      case 'sendAdvertisement':
        return sendAdvertisement(effect.priority, readiness.localAddress);
      case 'addAddresses':
        wanted = true;
        waitNoLonger();
        return begin('put the virtual addresses on', async () => {
          takingOverSince = decidedAt;
          if (wanted && !urgent) proxyNow()?.startEarly();
          // Until they are on, a snapshot of the interfaces without them says nothing of others taking them away.
          const all = addresses;
          const putting = put(all).finally(() => {
            held = all;
          });
          if (wanted && urgent) proxyNow()?.startEarly();
          await putting;
        });
      case 'renewAddresses':
        return enqueue('renew the virtual addresses', async () => {
          if (held.length > 0) await put(held);
        });
      case 'removeAddresses':
        wanted = false;
        return enqueue('take the virtual addresses away', async () => {
          const all = [...addresses, ...held.filter((address) => !isIn(addresses, address))];
          held = [];
          await remove(all);
        });
      case 'gratuitousArp':
        return enqueue('announce the virtual addresses', async () => {
          // Until these a living predecessor serves. A dead one's clients wait better here than for nobody.
          if (wanted && takingOverSince !== null && effect.atOnce !== true) await proxyNow()?.ready(READY);
          // By now another MASTER may have been heard: a late ARP of ours would draw its clients back.
          if (!wanted) return;
          announce(addresses, effect.repeat);
          if (takingOverSince !== null) ports.onTakeover(ports.now() - takingOverSince);
          takingOverSince = null;
        });
      case 'startProxy':
        return startProxy();
      case 'stopProxy':
        return stopProxy(config.proxy);
      case 'recheckProxy':
        return proxyNow()?.recheck();
      case 'notify':
        return enqueue('run a hook', () => ports.notify(effect.state, readiness.priority));
      default:
        return effect satisfies never;
    }
  };

  return {
    get holding() {
      return wanted;
    },
    perform(effects, readiness) {
      const decidedAt = ports.now();
      const urgent = effects.some((effect) => effect.type === 'gratuitousArp' && effect.atOnce === true);
      for (const effect of effects) carryOut(effect, readiness, decidedAt, urgent);
    },
    restore(present) {
      const missing = held.filter((address) => !present(address));
      if (missing.length === 0) return;
      enqueue('put a lost virtual address back', async () => {
        const lost = missing.filter((address) => isIn(held, address));
        if (lost.length === 0 || !wanted) return;
        await put(lost);
        // In a handover the next master's announcement must be the last that clients hear.
        const announced = ports.isMaster();
        if (announced) announce(lost, config.vrrp.garpMasterRepeat);
        for (const address of lost) ports.onReadded(address, announced);
      });
    },
    adjust(next) {
      const { proxy } = config;
      config = next;
      addresses = addressesOf(next);
      if (!wanted) return;
      enqueue('change the virtual addresses', changeAddresses);
      if (proxy === config.proxy) return;
      stopProxy(proxy);
      startProxy();
    },
    idle: () => queue,
  };
}

function addressesOf({ virtualAddresses, excludedAddresses }: InstanceConfig): readonly VirtualAddress[] {
  return [...virtualAddresses, ...excludedAddresses];
}

function isIn(list: readonly VirtualAddress[], address: VirtualAddress): boolean {
  return list.some((each) => same(each, address));
}

/** Where advertisements go. */
export function destinationsOf({ unicastPeers, addresses }: VrrpParameters): readonly IpAddress[] {
  if (unicastPeers.length > 0) return unicastPeers;
  return [familyOf(addresses[0]!) === 4 ? VRRP_GROUP : VRRP_GROUP_IPV6];
}
