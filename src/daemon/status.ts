/** The truth about this host in one value: what `status`, `/status` and `/healthz` show. The JSON's keys are stable. */
import type { CopyReport, RefillReport } from '../config/bundled-proxy.ts';
import type { Config, Endpoint } from '../config/config.ts';
import { formatEndpoint } from '../config/endpoint.ts';
import type { CheckState } from '../core/track.ts';
import type { Cold, Fault, StateName } from '../core/vrrp/state.ts';
import { describeRecords, type Warmth } from '../core/warmth.ts';
import type { Caches } from './caches/caches.ts';
import type { Comparison } from './checks/warm-memcached.ts';
import type { CheckKind, Health } from './health.ts';
import type { Transition } from './history.ts';
import type { ProbedMemcached } from './memcached-metrics.ts';
import type { Proxies } from './proxies/proxies.ts';

/** An instance. */
export interface InstanceStatus {
  readonly name: string;
  readonly state: StateName;
  /** Since when it has been in this state, ISO 8601. */
  readonly since: string;
  /** True while it has resigned but keeps the addresses until the new master is heard. */
  readonly handing_over: boolean;
  readonly interface: string;
  /** The interface of `use_vmac` that holds the addresses; null: `interface` itself. */
  readonly vmac: string | null;
  readonly virtual_router_id: number;
  readonly priority: number;
  readonly configured_priority: number;
  readonly candidate: boolean;
  /** Who is master as far as this host knows; null: nobody is heard. `self`: this host. */
  readonly master: { readonly address: string; readonly priority: number; readonly self: boolean } | null;
  /** The latest other master that was heard while this host was MASTER; null: none was. */
  readonly other_master: OtherMasterStatus | null;
  readonly virtual_addresses: readonly {
    readonly address: string;
    readonly held: boolean;
    /** Who else claimed it while this host was MASTER; null: nobody did. */
    readonly conflict: ConflictStatus | null;
  }[];
  readonly faults: readonly Fault[];
  /** Not empty: MASTER only while nobody else is. */
  readonly cold: readonly Cold[];
  readonly proxy: string | null;
  /** Names of the memcacheds that it tracks. */
  readonly memcached: readonly string[];
  /** Between two advertisements as MASTER, in seconds. */
  readonly advert_seconds: number;
  /** Newest first. */
  readonly transitions: readonly Transition[];
}

/** Two masters at once. */
export interface OtherMasterStatus {
  readonly address: string;
  readonly priority: number;
  /** Advertisements heard since the start. */
  readonly count: number;
  /** The latest, ISO 8601. */
  readonly at: string;
}

/** Claims to an address by ARP or by neighbour advertisements. */
export interface ConflictStatus {
  /** Who made the latest one. */
  readonly mac: string;
  /** Since the start. */
  readonly count: number;
  /** The latest, ISO 8601. */
  readonly at: string;
}

/** A memcached or a script. */
export interface CheckStatus {
  readonly name: string;
  readonly status: CheckState['status'];
  readonly detail: string;
}

/** A memcached's copy beside its peer's; null where nobody asks for it (`warm`). */
export interface CopyStatus {
  /** `whole`, `cold (generation 3, peer 4)`, `filling` or `unknown`. */
  readonly copy: string | null;
  /** Null: no record, or not known. */
  readonly generation: number | null;
  readonly peer: {
    readonly address: string;
    readonly status: CheckState['status'];
    /** Why it is gone. */
    readonly detail: string;
    readonly generation: number | null;
  } | null;
}

/** What `status` shows of a comparison. */
export function copyStatus(comparison: Comparison | null, peer: Endpoint | null): CopyStatus {
  if (comparison === null || peer === null) return { copy: null, generation: null, peer: null };
  const { warmth } = comparison;
  const { status, detail } = comparison.peer;
  return {
    copy: describeWarmth(warmth),
    generation: warmth.local?.number ?? null,
    peer: { address: formatEndpoint(peer), status, detail, generation: warmth.peer?.number ?? null },
  };
}

/** `whole`, `cold (generation 3, peer 4)`, `filling`, `unknown`. */
export function describeWarmth(warmth: Warmth): string {
  return warmth.state === 'cold' ? `cold (${describeRecords(warmth)})` : warmth.state;
}

/** The process of a memcached that the daemon runs. */
export interface CacheStatus {
  /** Null: it does not run. */
  readonly pid: number | null;
  /** Times that it died and was started again. */
  readonly restarts: number;
  /** It was started by a daemon before this one. */
  readonly adopted: boolean;
  readonly detail: string;
}

export interface ProxyStatus {
  readonly name: string;
  readonly listen: string;
  readonly up: boolean;
  readonly pid: number | null;
  readonly restarts: number;
  readonly detail: string;
  /** The memcacheds as the bundled proxy sees them; empty while it does not run, and for other programs. */
  readonly copies: readonly CopyReport[];
  /** The refill under way; null: none. */
  readonly refill: RefillReport | null;
}

export interface Status {
  readonly version: string;
  /** This host's clock as it said all this, ISO 8601. */
  readonly time: string;
  readonly router_id: string;
  readonly pid: number;
  readonly started: string;
  readonly drained: boolean;
  readonly instances: readonly InstanceStatus[];
  readonly memcached: readonly (CheckStatus &
    CopyStatus & {
      readonly address: string;
      /** Of the latest good answer; null: none yet. */
      readonly probe_seconds: number | null;
      readonly version: string | null;
      /** Null: somebody else runs it. */
      readonly process: CacheStatus | null;
    })[];
  readonly scripts: readonly CheckStatus[];
  readonly processes: readonly CheckStatus[];
  readonly files: readonly CheckStatus[];
  readonly proxies: readonly ProxyStatus[];
}

/** Another host of the pair, as it tells of itself. */
export interface PeerStatus {
  /** Of its metrics listener. */
  readonly address: string;
  readonly reached: boolean;
  /** Why it was not reached; else empty. */
  readonly detail: string;
  /** When it answered, ISO 8601; null: it was not reached. */
  readonly at: string | null;
  /** Null: it was not reached. Of another version perhaps: what that one does not tell is neutral ('', 0, [], null). */
  readonly status: Status | null;
}

/** What the control socket answers: this host, and what its peers say. */
export interface PairStatus extends Status {
  /** In the order of `global_defs.metrics.peers`. */
  readonly peers: readonly PeerStatus[];
}

/** What is known of a memcached beside its check. */
export interface Probed extends ProbedMemcached {
  /** Of the latest good answer. */
  readonly tookSeconds: number | null;
}

/** Where the truth lies. */
export interface StatusSources {
  readonly version: string;
  readonly started: string;
  readonly drained: boolean;
  readonly config: Config;
  readonly routers: ReadonlyMap<string, { status(): InstanceStatus }>;
  readonly health: Health;
  readonly caches: Caches;
  readonly proxies: Proxies;
  readonly probed: ReadonlyMap<string, Probed>;
}

export function composeStatus(sources: StatusSources): Status {
  const { version, started, drained, config, routers, health, caches, proxies, probed } = sources;
  const checks = (kind: CheckKind, entries: readonly { readonly name: string }[]): CheckStatus[] =>
    entries.map(({ name }) => {
      const { status, detail } = health.status(kind, name);
      return { name, status, detail };
    });
  const memcached = checks('memcached', config.memcached);
  return {
    version,
    time: new Date().toISOString(),
    router_id: config.global.routerId,
    pid: process.pid,
    started,
    drained,
    instances: [...routers.values()].map((router) => router.status()),
    memcached: config.memcached.map(({ name, address, peer }, index) => {
      const latest = probed.get(name);
      return {
        ...memcached[index]!,
        address: formatEndpoint(address),
        probe_seconds: latest?.tookSeconds ?? null,
        version: latest?.stats?.get('version') ?? null,
        ...copyStatus(health.comparison(name), peer),
        process: caches.status(name),
      };
    }),
    scripts: checks('script', config.scripts),
    processes: checks('process', config.processes),
    files: checks('file', config.trackFiles),
    proxies: proxies.all.map(({ config: { name, listen }, runner }) => ({
      name,
      listen: formatEndpoint(listen),
      up: runner.listening,
      pid: runner.pid ?? null,
      restarts: runner.restarts,
      detail: runner.fitness.detail,
      copies: runner.report?.copies ?? [],
      refill: runner.report?.refill ?? null,
    })),
  };
}

/** Healthy: there are instances, and each takes part in its election, as MASTER or as BACKUP. */
export function isHealthy({ instances }: Status): boolean {
  return instances.length > 0 && instances.every(({ state }) => state === 'MASTER' || state === 'BACKUP');
}
