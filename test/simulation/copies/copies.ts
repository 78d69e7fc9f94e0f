/**
 * The memcacheds of both hosts, with everything that they carry out written into the history. Several faults may hold one
 * down at once; it comes back when the last of them is over.
 */
import { GENERATION_KEY } from '../../../src/core/generation.ts';
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import { type Defect, tamperingFor } from './defects.ts';
import { type History, HOSTS, type Host } from './history.ts';
import { createStore, type Item, type Store } from './memcached/store.ts';
import { createMemcached, type Memcached } from './memcached.ts';
import type { Network } from './network.ts';
import type { Reach } from './reach.ts';
import { type Version, versionOf } from './values.ts';

export interface Copies {
  readonly store: (host: Host) => Store | null;
  startAll(): void;
  kill(host: Host, silently: boolean): void;
  revive(host: Host): void;
  stop(host: Host): void;
  resume(host: Host): void;
}

export interface CopiesWorld {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly history: History;
  readonly reach: Reach;
  readonly trace: ((who: string, what: string) => void) | null;
}

const RESURRECTION_MS = 1000;

export function createCopies(
  world: CopiesWorld,
  prng: Prng,
  capacity: number,
  defect: Defect | null,
): Copies {
  const { scheduler, network, history, reach, trace } = world;
  const all = new Map<Host, Memcached>();
  const deaths: Record<Host, number> = { A: 0, B: 0 };
  const stops: Record<Host, number> = { A: 0, B: 0 };
  const lives: Record<Host, number> = { A: 0, B: 0 };
  const values: Record<Host, Map<string, Item>> = { A: new Map(), B: new Map() };
  const storeOf = (host: Host): Store | null => all.get(host)!.store;
  const shared = createStore(
    () => 0,
    Number.POSITIVE_INFINITY,
    () => {},
  );

  const changed = (host: Host, key: string, item: Item | null, late: boolean): void => {
    if (trace !== null) trace(`copy ${host}`, `${key} is ${describe(item)}${late ? ' (late)' : ''}`);
    if (key === GENERATION_KEY) return;
    const { epochs, records } = history.copies[host];
    const version = item === null ? null : versionOf(item.value);
    const known = records.get(key);
    const record = { at: scheduler.now, epoch: epochs.length - 1, version, late };
    if (known === undefined) records.set(key, [record]);
    else known.push(record);
    if (late) noteLate(key, version);
    if (defect === 'resurrects') resurrect(host, key, item);
    if (defect === 'appends twice' && item !== null)
      item.value = item.value.replace(/^(v\d+x*)(\+\d+)$/, '$1$2$2');
  };

  /** Requests whose command a copy has carried out only now, for a connection that is over. */
  const noteLate = (key: string, version: Version | null): void => {
    for (const operation of history.operations) {
      if (operation.key !== key && operation.kind !== 'flush_all') continue;
      const isIt =
        version === null
          ? operation.kind === 'delete' || operation.kind === 'flush_all'
          : operation.kind === 'incr'
            ? version.count > 0
            : version.base === operation.id || version.added.includes(operation.id);
      if (isIt) operation.lateAt = scheduler.now;
    }
  };

  const resurrect = (host: Host, key: string, item: Item | null): void => {
    const own = storeOf(host);
    const before = values[host].get(key);
    if (item !== null) values[host].set(key, item);
    else if (before !== undefined && own !== null && prng.chance(0.2)) {
      values[host].delete(key);
      scheduler.at(scheduler.now + RESURRECTION_MS, () => {
        if (storeOf(host) === own && own.find(key, false) === null)
          own.link(key, before.value, before.flags, before.exptime);
      });
    }
  };

  for (const host of HOSTS) {
    const watcher = {
      changed: (key: string, item: Item | null, late: boolean) => changed(host, key, item, late),
      flushed: (late: boolean) => {
        trace?.(`copy ${host}`, `is flushed${late ? ' (late)' : ''}`);
        history.copies[host].epochs.push({ at: scheduler.now, life: lives[host], late });
        if (late) noteLate('', null);
      },
    };
    const tampering = tamperingFor(defect, host, prng.fork(), storeOf, shared);
    all.set(host, createMemcached(scheduler, prng.fork(), network, host, capacity, watcher, tampering));
  }

  const block = (host: Host): void => {
    for (const proxy of HOSTS) reach.block(proxy, host, scheduler.now);
  };
  const unblock = (host: Host): void => {
    for (const proxy of HOSTS) reach.unblock(proxy, host, scheduler.now);
  };
  const start = (host: Host): void => {
    lives[host]++;
    history.copies[host].epochs.push({ at: scheduler.now, life: lives[host], late: false });
    all.get(host)!.start();
    trace?.(`copy ${host}`, 'starts');
  };

  if (defect === 'loses keys') {
    const lose = (): void => {
      const key = `cold%${prng.below(10)}`;
      for (const host of HOSTS) storeOf(host)?.unlink(key);
      scheduler.at(scheduler.now + 300, lose);
    };
    scheduler.at(scheduler.now + 300, lose);
  }

  return {
    store: storeOf,
    startAll() {
      for (const host of HOSTS) start(host);
    },
    kill(host, silently) {
      block(host);
      if (deaths[host]++ > 0) return;
      trace?.(`copy ${host}`, 'is killed');
      history.copies[host].deaths.push(scheduler.now);
      all.get(host)!.kill(silently);
    },
    revive(host) {
      unblock(host);
      if (--deaths[host] === 0) start(host);
    },
    stop(host) {
      block(host);
      stops[host]++;
      trace?.(`copy ${host}`, 'is stopped');
      all.get(host)!.stop();
    },
    resume(host) {
      unblock(host);
      if (--stops[host] > 0) return;
      trace?.(`copy ${host}`, 'goes on');
      all.get(host)!.resume();
    },
  };
}

function describe(item: Item | null): string {
  return item === null ? 'gone' : JSON.stringify(item.value.slice(0, 50));
}
