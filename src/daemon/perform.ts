/**
 * Carries out the effects of one instance. Advertisements go out at once; whatever touches the host runs in a queue,
 * strictly in order, so that a release never overtakes the takeover before it. A failing act is told and passed over:
 * the lease's next renewal puts a missing address on again.
 */

import type { InstanceConfig, VirtualAddress } from '../config/config.ts';
import { familyOf } from '../core/ip-address.ts';
import { encodeAdvertisement, VRRP_GROUP, VRRP_GROUP_IPV6 } from '../core/vrrp/packet.ts';
import type { IpAddress, Millis } from '../core/vrrp/parameters.ts';
import type { Effect, Readiness } from '../core/vrrp/state.ts';
import type { HookState } from './hooks.ts';

export interface PerformPorts {
  readonly now: () => Millis;
  /** Sends one VRRP message from the instance's local address; does nothing while there is no socket. */
  readonly send: (message: Uint8Array, destination: IpAddress) => void;
  readonly putAddress: (address: VirtualAddress, lease: Millis | null) => Promise<void>;
  readonly removeAddress: (address: VirtualAddress) => Promise<void>;
  /** One gratuitous ARP or unsolicited neighbour advertisement; throws when it cannot be sent. */
  readonly announce: (address: VirtualAddress) => void;
  readonly proxy: { start(): void; stop(): void; recheck(): void } | null;
  readonly notify: (state: HookState, priority: number) => void;
  readonly onAdvertisementSent: () => void;
  /** From the decision to be MASTER to the last ARP of the first burst. */
  readonly onTakeover: (took: Millis) => void;
  readonly onReadded: (address: VirtualAddress) => void;
  readonly onError: (act: string, error: Error) => void;
}

export interface Performer {
  perform(effects: readonly Effect[], readiness: Readiness): void;
  /** Puts back what `present` lacks of the addresses that should be here. */
  restore(present: (address: VirtualAddress) => boolean): void;
  /** Resolves when all that was asked for until now is done. */
  idle(): Promise<void>;
}

export function createPerformer(config: InstanceConfig, ports: PerformPorts): Performer {
  const { vrrp } = config;
  const addresses = [...config.virtualAddresses, ...config.excludedAddresses];
  const group = familyOf(vrrp.addresses[0]!) === 4 ? VRRP_GROUP : VRRP_GROUP_IPV6;
  const destinations = vrrp.unicastPeers.length > 0 ? vrrp.unicastPeers : [group];
  // What the machine asked for last, and what has been done of it: the queue lies between them.
  let wanted = false;
  let holding = false;
  let takingOverSince: Millis | null = null;
  let queue: Promise<void> = Promise.resolve();

  const enqueue = (act: string, run: () => Promise<void> | void): void => {
    queue = queue.then(run).catch((error: Error) => ports.onError(act, error));
  };

  const sendAdvertisement = (priority: number, source: IpAddress | null): void => {
    if (source === null) return;
    for (const destination of destinations) {
      ports.send(encodeAdvertisement({ ...vrrp, priority }, source, destination), destination);
    }
    ports.onAdvertisementSent();
  };

  const put = (all: readonly VirtualAddress[]): Promise<unknown> =>
    Promise.all(all.map((address) => ports.putAddress(address, vrrp.vipLease)));

  const announce = (all: readonly VirtualAddress[], repeat: number): void => {
    for (let i = 0; i < repeat; i++) for (const address of all) ports.announce(address);
  };

  const carryOut = (effect: Effect, readiness: Readiness, decidedAt: Millis): void => {
    switch (effect.type) {
      case 'sendAdvertisement':
        return sendAdvertisement(effect.priority, readiness.localAddress);
      case 'addAddresses':
        wanted = true;
        return enqueue('put the virtual addresses on', async () => {
          takingOverSince = decidedAt;
          // Until they are on, a snapshot of the interfaces without them says nothing of others taking them away.
          await put(addresses).finally(() => {
            holding = true;
          });
        });
      case 'renewAddresses':
        return enqueue('renew the virtual addresses', async () => {
          if (holding) await put(addresses);
        });
      case 'removeAddresses':
        wanted = false;
        return enqueue('take the virtual addresses away', async () => {
          holding = false;
          await Promise.all(addresses.map((address) => ports.removeAddress(address)));
        });
      case 'gratuitousArp':
        return enqueue('announce the virtual addresses', () => {
          // By now another MASTER may have been heard: a late ARP of ours would draw its clients back.
          if (!wanted) return;
          announce(addresses, effect.repeat);
          if (takingOverSince !== null) ports.onTakeover(ports.now() - takingOverSince);
          takingOverSince = null;
        });
      case 'startProxy':
        return enqueue('start the proxy', () => {
          if (wanted) ports.proxy?.start();
        });
      case 'stopProxy':
        return enqueue('stop the proxy', () => ports.proxy?.stop());
      case 'recheckProxy':
        return ports.proxy?.recheck();
      case 'notify':
        return enqueue('run a hook', () => ports.notify(effect.state, readiness.priority));
      default:
        return effect satisfies never;
    }
  };

  return {
    perform(effects, readiness) {
      const decidedAt = ports.now();
      for (const effect of effects) carryOut(effect, readiness, decidedAt);
    },
    restore(present) {
      if (!holding) return;
      const missing = addresses.filter((address) => !present(address));
      if (missing.length === 0) return;
      enqueue('put a lost virtual address back', async () => {
        if (!holding || !wanted) return;
        await put(missing);
        announce(missing, vrrp.garpMasterRepeat);
        missing.forEach(ports.onReadded);
      });
    },
    idle: () => queue,
  };
}
