/** What a drill leaves: the value that is written as JSON, and drawn. Its keys are stable. Pure. */
import type { Gap } from '../../lab/client-ledger.ts';
import type { Expectation, FaultName, Role } from '../faults.ts';
import type { HostLabel } from '../hosts.ts';
import type { Moment } from '../moment.ts';
import type { Change } from '../observation.ts';
import type { Outage } from '../outage.ts';
import type { Verdict } from '../verdict.ts';

/** Times `_ms` are milliseconds after the fault; before it they are negative. */
export interface DrillReport {
  readonly version: string;
  readonly fault: FaultName;
  readonly instance: string;
  readonly role: Role;
  readonly expectation: Expectation;
  readonly outcome: Verdict['outcome'];
  readonly reasons: readonly string[];
  /** When the fault was made, ISO 8601. */
  readonly at: string;
  /** What was done, in words. */
  readonly act: string;
  readonly hosts: readonly {
    readonly label: HostLabel;
    readonly router_id: string;
    readonly address: string;
  }[];
  readonly virtual_addresses: readonly string[];
  readonly target: string;
  readonly outage: {
    /** What is judged; null: it could not be measured. */
    readonly longest_ms: number | null;
    readonly max_ms: number | null;
    /** By the client on this host; 0: none was longer than the threshold. */
    readonly before_ms: number;
    readonly fault_ms: number;
    readonly back_ms: number;
    readonly threshold_ms: number;
    /** How it was measured, and what that leaves out. */
    readonly measured: string;
  };
  readonly client: {
    readonly requests: number;
    readonly answers: number;
    readonly misses: number;
    readonly failures: number;
    readonly p50_ms: number | null;
    readonly p99_ms: number | null;
  } | null;
  readonly undone_ms: number | null;
  readonly from_ms: number;
  readonly to_ms: number;
  readonly states: readonly {
    readonly label: HostLabel;
    readonly changes: readonly { ms: number; state: string }[];
  }[];
  readonly gaps: readonly { readonly from_ms: number; readonly to_ms: number; readonly reason: string }[];
  readonly timeline: readonly {
    readonly ms: number;
    readonly who: string;
    readonly mood: Moment['mood'];
    readonly text: string;
  }[];
}

/** What is known when all is over; times in ms on CLOCK_MONOTONIC. */
export interface Record {
  readonly head: Omit<
    DrillReport,
    'outage' | 'undone_ms' | 'from_ms' | 'to_ms' | 'states' | 'gaps' | 'timeline'
  >;
  readonly zero: number;
  readonly from: number;
  readonly to: number;
  readonly undoneAt: number | null;
  readonly outage: Outage;
  readonly judged: number | null;
  readonly maxOutage: number | null;
  readonly threshold: number;
  readonly measured: string;
  readonly changes: ReadonlyMap<HostLabel, readonly Change[]>;
  readonly gaps: readonly Gap[];
  readonly moments: readonly Moment[];
}

export function composeReport(record: Record): DrillReport {
  const { head, zero, outage, gaps, moments, undoneAt } = record;
  const after = (t: number) => round(t - zero);
  return {
    ...head,
    outage: {
      longest_ms: record.judged === null ? null : round(record.judged),
      max_ms: record.maxOutage,
      before_ms: round(outage.before),
      fault_ms: round(outage.fault),
      back_ms: round(outage.back),
      threshold_ms: record.threshold,
      measured: record.measured,
    },
    undone_ms: undoneAt === null ? null : after(undoneAt),
    from_ms: after(record.from),
    to_ms: after(record.to),
    states: [...record.changes].map(([label, changes]) => ({
      label,
      changes: changes.map(({ t, state }) => ({ ms: after(t), state })),
    })),
    gaps: gaps.map(({ from, to, reason }) => ({ from_ms: after(from), to_ms: after(to), reason })),
    timeline: moments.map(({ t, who, mood, text }) => ({ ms: after(t), who, mood, text })),
  };
}

const round = (milliseconds: number) => Math.round(milliseconds * 10) / 10;
