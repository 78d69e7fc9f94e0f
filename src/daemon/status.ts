/** The truth about this host in one value: what `status`, `/status` and `/healthz` show. The JSON's keys are stable. */
import type { CopyReport, RefillReport } from '../config/bundled-proxy.ts';
import type { CheckState } from '../core/track.ts';
import type { Fault, StateName } from '../core/vrrp/state.ts';
import type { Transition } from './history.ts';

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
  readonly virtual_addresses: readonly { readonly address: string; readonly held: boolean }[];
  readonly faults: readonly Fault[];
  readonly proxy: string | null;
  /** Newest first. */
  readonly transitions: readonly Transition[];
}

/** A memcached or a script. */
export interface CheckStatus {
  readonly name: string;
  readonly status: CheckState['status'];
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
  readonly router_id: string;
  readonly pid: number;
  readonly started: string;
  readonly drained: boolean;
  readonly instances: readonly InstanceStatus[];
  readonly memcached: readonly (CheckStatus & {
    readonly address: string;
    /** Of the latest good answer; null: none yet. */
    readonly probe_seconds: number | null;
    readonly version: string | null;
  })[];
  readonly scripts: readonly CheckStatus[];
  readonly processes: readonly CheckStatus[];
  readonly files: readonly CheckStatus[];
  readonly proxies: readonly ProxyStatus[];
}

/** Healthy: every instance takes part in its election, as MASTER or as BACKUP. */
export function isHealthy(status: Status): boolean {
  return status.instances.every(({ state }) => state === 'MASTER' || state === 'BACKUP');
}
