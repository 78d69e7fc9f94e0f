/** The agent's life: from what a predecessor has left, through changes of its configuration, to the last hook. */
import type { Logger } from 'pino';
import type { Millis } from '../core/vrrp/parameters.ts';
import { sinceBoot } from '../io/boot.ts';
import { systemClock } from '../io/clock.ts';
import { readStateFile } from '../io/state-file.ts';
import { removeAddress } from '../io/virtual-address.ts';
import { type PreparedChange, prepareChange } from './change.ts';
import { composeHistory, type HostHistory } from './host-history.ts';
import type { Metrics } from './metrics.ts';
import { createParts, type Settings, type Situation } from './parts.ts';
import type { EarlyProxies } from './proxies/early.ts';
import { asRecord, type Inheritance, inherit, recordFile } from './record.ts';
import { rehearseTakeover } from './rehearsal.ts';
import { composeStatus, type Probed, type Status } from './status.ts';

/** After the start there is first what has to be done. */
const REHEARSAL: Millis = 500;

export interface AgentOptions {
  readonly settings: Settings;
  /** What was advertised already in the place of a predecessor: when, by instance, in ms since the boot. */
  readonly spoken: ReadonlyMap<string, Millis>;
  /** The proxies that were started first of all. */
  readonly early: EarlyProxies;
  readonly version: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Agent {
  /** What is in effect. */
  readonly settings: Settings;
  status(): Status;
  /** What has happened on this host, for the page. */
  history(): HostHistory;
  /** What the latest probes said, for the metrics. */
  probed(): ReadonlyMap<string, Probed>;
  /** Hands over whatever is held here and stays out until resumed. */
  drain(): void;
  /** Back into the elections; a proxy that was given up may try again. */
  resume(): void;
  /** Makes ready what other settings need; throws with what this host has against them. One change at a time. */
  prepare(next: Settings): Pick<PreparedChange, 'discard'> & { apply(): Promise<void> };
  /** Hands over, runs the last hooks, stops everything; bounded. */
  shutdown(): Promise<void>;
}

/** Starts all parts. Rejects when the kernel refuses a socket or `ip`, leaving nothing behind. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { settings, spoken, early, version, metrics, log } = options;
  const started = new Date().toISOString();
  const { config } = settings;
  const situation: Situation = {
    settings,
    network: new Map(),
    fifo: null,
    drained: false,
    begun: config.global.startupDelay === 0,
    consistent: false,
    stopping: false,
  };
  const parts = createParts(situation, { metrics, log, early });
  const { routers, health, caches, proxies, groups, vmacs, links, record, probed, probeTimes } = parts;

  /** Before any election: what the daemon before has left, and of its addresses only those that stay. */
  const takeOver = async (): Promise<Inheritance> => {
    situation.network = await parts.monitor.refresh();
    const found = asRecord(readStateFile(recordFile(config.global.control)));
    const inherited = inherit(found, config, situation.network, spoken);
    situation.drained = inherited.drained;
    if (inherited.drained) log.info('drained, as the daemon was that ran before');
    health.inherit(inherited.checks);
    const leftovers = config.instances
      .filter(({ name }) => !inherited.masters.has(name))
      .flatMap(({ virtualAddresses, excludedAddresses }) => [...virtualAddresses, ...excludedAddresses]);
    for (const address of leftovers) await removeAddress(parts.batch, address);
    return inherited;
  };

  let first: PreparedChange | null = null;
  try {
    const { masters } = await takeOver();
    const kept = config.instances.filter(({ name }) => masters.has(name));
    first = prepareChange(parts, situation, null, settings);
    await first.apply({
      keepVmacs: new Set(kept.flatMap(({ vmac }) => (vmac === null ? [] : [vmac.name]))),
      onTrouble(error) {
        throw error;
      },
      beforeBegin() {
        for (const [name, spokeAt] of masters) {
          routers.get(name)!.restart(systemClock.now() - (sinceBoot() - spokeAt));
        }
      },
    });
  } catch (error) {
    first?.discard();
    await proxies.retire(new Set());
    await vmacs.remove();
    parts.close();
    throw error;
  }
  const beginning = setTimeout(() => {
    situation.begun = true;
    parts.reassessAll();
  }, config.global.startupDelay);

  const rehearsal = setTimeout(() => {
    const waiting = [...routers.values()].filter(({ state }) => state === 'BACKUP' || state === 'FAULT');
    const able = waiting.find(({ config: instance }) => links.localAddress(instance) !== null);
    if (able === undefined) return;
    rehearseTakeover(able.config, parts.host).catch((error: Error) => log.warn(error.message));
  }, REHEARSAL);

  const setDrained = (drained: boolean): void => {
    situation.drained = drained;
    log.info(drained ? 'drained: handing over and staying out' : 'resumed');
    record.changed();
    parts.reassessAll();
  };

  return {
    get settings() {
      return situation.settings;
    },
    probed: () => probed,
    drain: () => setDrained(true),
    resume() {
      for (const { runner } of proxies.all) runner.forgive();
      caches.forgive();
      setDrained(false);
    },
    prepare(next) {
      const { apply, discard } = prepareChange(parts, situation, situation.settings, next);
      return { discard, apply: () => apply({ onTrouble: (error) => log.error(error.message) }) };
    },
    async shutdown() {
      situation.stopping = true;
      clearTimeout(beginning);
      clearTimeout(rehearsal);
      await Promise.all(
        [...routers.values()].map(async (router) => {
          await router.stop();
          await router.finish();
        }),
      );
      await groups.finish();
      health.stop();
      caches.leave();
      await proxies.retire(new Set());
      links.close();
      await vmacs.remove();
      await record.remove();
      parts.close();
    },
    history: () => composeHistory(routers, probeTimes),
    status: () =>
      composeStatus({
        ...{ version, started, drained: situation.drained, config: situation.settings.config },
        ...{ routers, health, caches, proxies, probed },
      }),
  };
}
