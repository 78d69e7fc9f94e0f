/**
 * From one configuration to another: what can fail is made ready first, then it takes effect at once. The start is the
 * change from nothing. What is the same in both goes on undisturbed; the parts see to that themselves.
 */
import type { Config } from '../config/config.ts';
import { compareInstances } from '../config/diff/instances.ts';
import { same } from '../config/diff/same.ts';
import { openNotifyFifo } from '../io/notify-fifo.ts';
import { hurry } from './hurry.ts';
import { countHooks, forgetInstance } from './observe.ts';
import type { Parts, Settings, Situation } from './parts.ts';
import { createVirtualRouter } from './virtual-router.ts';

/** A change that nothing on this host stands against. */
export interface PreparedChange {
  /** Resolves when it is in effect, and what is no more has come to its end; bounded. */
  apply(options: ApplyOptions): Promise<void>;
  /** Lets go of what was made ready; nothing has changed. */
  discard(): void;
}

export interface ApplyOptions {
  /** Interfaces of use_vmac that a daemon which died has left in good order. */
  readonly keepVmacs?: ReadonlySet<string>;
  /** What the kernel refused: throws when it is in the way, else the parts try again later. */
  readonly onTrouble: (error: Error) => void;
  /** Everybody agrees on what there is, and nobody has begun. */
  readonly beforeBegin?: () => void;
}

/** `from` is null at the start. Throws with what this host has against `next`, and then nothing has changed. */
export function prepareChange(
  parts: Parts,
  situation: Situation,
  from: Settings | null,
  next: Settings,
): PreparedChange {
  const { links, claims, interfaces, health, caches, proxies, groups, routers, vmacs, monitor, host } = parts;
  const { config } = next;
  vmacs.check(config.instances);
  const fifo = prepareFifo(situation, from?.config ?? null, config);
  let readyProxies: ReturnType<typeof proxies.prepare>;
  try {
    readyProxies = proxies.prepare(config.proxies);
  } catch (error) {
    fifo.discard();
    throw error;
  }

  const serveInstances = (): void => {
    for (const instance of config.instances) {
      const router = routers.get(instance.name);
      if (router === undefined) routers.set(instance.name, createVirtualRouter(instance, host));
      else if (router.state === 'STOP') router.begin(instance);
      else if (!same(router.config, instance)) router.adjust(instance);
    }
  };

  const settleProxies = (): void => {
    const inUse = new Set([...routers.values()].map((router) => router.holding && router.config.proxy));
    for (const { config: proxy, runner } of proxies.all) {
      if (runner.independent) runner.start();
      else if (!inUse.has(proxy.name)) runner.stop();
    }
  };

  return {
    discard() {
      fifo.discard();
      readyProxies.discard();
    },
    async apply({ keepVmacs, onTrouble, beforeBegin }) {
      const { removed, remade } = compareInstances(from?.config.instances ?? [], config.instances);
      const leaving = [...removed, ...remade].map((name) => routers.get(name)!);
      await Promise.all(leaving.map((router) => router.stop()));
      await proxies.retire(new Set(config.proxies.map(({ name }) => name)));
      await vmacs.serve(config.instances, keepVmacs).catch(onTrouble);
      await monitor.refresh().then((network) => {
        situation.network = network;
      }, onTrouble);

      if (situation.stopping) return;

      // From here to the end in one go: no event comes in between.
      situation.consistent = false;
      situation.settings = next;
      const before = from?.config.global.realTimePriority ?? 0;
      if (config.global.realTimePriority !== before) hurry(config.global.realTimePriority, host.log);
      fifo.commit();
      readyProxies.commit();
      caches.serve(config.memcached);
      health.serve(config, next.user);
      interfaces.setDelays(config.interfaceDelays);
      links.serve(config.instances);
      claims.watch(
        config.instances.flatMap(({ virtualAddresses, excludedAddresses }) =>
          [...virtualAddresses, ...excludedAddresses].map(({ address }) => address),
        ),
      );
      groups.serve(config.syncGroups);
      for (const { name, hooks } of config.syncGroups) countHooks(host.metrics, name, hooks);
      const gone = leaving.filter(({ name }) => removed.includes(name));
      for (const { name, config: old } of gone) {
        routers.delete(name);
        forgetInstance(host.metrics, old);
      }
      serveInstances();
      settleProxies();
      links.update(situation.network);
      interfaces.update(situation.network);
      situation.consistent = true;
      beforeBegin?.();
      parts.lookAround();
      parts.record.changed();

      await Promise.all(gone.map((router) => router.finish()));
    },
  };
}

/** The notify FIFO is opened anew only when its path is another. */
function prepareFifo(situation: Situation, from: Config | null, to: Config) {
  const path = to.global.notifyFifo;
  if (from !== null && from.global.notifyFifo === path) return { commit() {}, discard() {} };
  const opened = path === null ? null : openNotifyFifo(path);
  return {
    commit() {
      situation.fifo?.close();
      situation.fifo = opened;
    },
    discard: () => opened?.close(),
  };
}
