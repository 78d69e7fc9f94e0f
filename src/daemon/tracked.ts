/** Everything that an instance depends on, with its status as it is now; core/track.ts makes its readiness of it. */
import type { InstanceConfig, Tracked } from '../config/config.ts';
import type { CheckState, TrackedStatus, TrackedWarmth } from '../core/track.ts';
import { describeRecords } from '../core/warmth.ts';
import type { CheckKind, Health } from './health.ts';
import type { InterfaceStates } from './interface-states.ts';
import type { Links } from './links.ts';
import type { Proxies } from './proxies/proxies.ts';

export interface TrackedSources {
  readonly links: Pick<Links, 'find' | 'localAddress' | 'socket'>;
  readonly interfaces: Pick<InterfaceStates, 'status'>;
  readonly health: Pick<Health, 'status' | 'comparison'>;
  readonly proxies: Pick<Proxies, 'find'>;
}

/** The tracked things of one instance; the order is the order in which faults are told. */
export function trackedStatuses(config: InstanceConfig, sources: TrackedSources): TrackedStatus[] {
  const { links, interfaces, health, proxies } = sources;
  const proxy = config.proxy === null ? undefined : proxies.find(config.proxy);
  const fault = (kind: TrackedStatus['kind'], name: string, state: CheckState): TrackedStatus => ({
    kind,
    name,
    weight: 0,
    reverse: false,
    ...state,
  });
  const checks = (kind: CheckKind, entries: readonly Tracked[]): TrackedStatus[] =>
    entries.map(({ name, weight, reverse }) => ({
      kind,
      name,
      weight,
      reverse,
      ...health.status(kind, name),
    }));
  const own = config.interface;

  return [
    ...(config.trackPrimary ? [fault('interface', own, interfaces.status(own))] : []),
    fault('address', own, addressState(links, config)),
    ...config.trackInterfaces.map(
      (entry): TrackedStatus => ({ kind: 'interface', ...entry, ...interfaces.status(entry.name) }),
    ),
    ...config.trackMemcached.map(({ name, weight, reverse, warm }): TrackedStatus => {
      const status = {
        kind: 'memcached',
        name,
        weight,
        reverse,
        ...health.status('memcached', name),
      } as const;
      return warm ? { ...status, warmth: warmthOf(health, name) } : status;
    }),
    ...checks('script', config.trackScripts),
    ...checks('process', config.trackProcesses),
    ...checks('file', config.trackFiles),
    ...(proxy === undefined ? [] : [fault('proxy', config.proxy!, proxy.fitness)]),
  ];
}

/** What the comparison with the peer's copy means for the election. */
function warmthOf(health: TrackedSources['health'], memcached: string): TrackedWarmth {
  const comparison = health.comparison(memcached);
  if (comparison === null) throw new Error(`memcached ${memcached} is not compared`);
  const { warmth } = comparison;
  const cold = warmth.behind ? `${warmth.state}: ${describeRecords(warmth)}` : null;
  return { decided: warmth.state !== 'unknown', cold };
}

/** Without an address and a socket of its own an instance can say nothing. */
function addressState(links: TrackedSources['links'], config: InstanceConfig): CheckState {
  const down = (detail: string): CheckState => ({ status: 'down', streak: 0, detail });
  if (links.localAddress(config) === null) {
    return down(`${config.interface} has no address ${config.sourceAddress ?? 'of its own'}`);
  }
  if (config.vmac !== null && links.find(config.vmac.name) === undefined) {
    return down(`there is no interface ${config.vmac.name}`);
  }
  if (links.socket(config) === null) return down('the VRRP socket could not be opened');
  return { status: 'up', streak: 0, detail: '' };
}
