/**
 * From single check results to what the host is able to do: fall and rise per check, then weights and faults per
 * instance, as keepalived's vrrp_script and track_* have them. Decides only; running the checks is io's.
 */
import type { IpAddress } from './vrrp/parameters.ts';
import type { Cold, Fault, Readiness } from './vrrp/state.ts';
import { OWNER_PRIORITY } from './vrrp/transitions.ts';

/** One result of a check. `final`: no repetition is needed to believe it (a refused connection). */
export type CheckResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly final: boolean; readonly detail: string };

/** Results in a row that change a check's status; each at least 1. */
export interface Limits {
  readonly fall: number;
  readonly rise: number;
}

/** Where a check stands. `streak` counts results in a row that contradict `status`. */
export interface CheckState {
  readonly status: 'unknown' | 'up' | 'down';
  readonly streak: number;
  /** Why it is down, or the latest failure while it is still up; empty when all is well. */
  readonly detail: string;
}

export const UNCHECKED: CheckState = { status: 'unknown', streak: 0, detail: 'not checked yet' };

/** The next state of a check. The first result alone decides, as with keepalived. */
export function judge(limits: Limits, state: CheckState, result: CheckResult): CheckState {
  if (result.ok) {
    if (state.status !== 'down') return { status: 'up', streak: 0, detail: '' };
    const streak = state.streak + 1;
    return streak >= limits.rise ? { status: 'up', streak: 0, detail: '' } : { ...state, streak };
  }
  const { detail } = result;
  if (state.status !== 'up' || result.final) return { status: 'down', streak: 0, detail };
  const streak = state.streak + 1;
  return streak >= limits.fall ? { status: 'down', streak: 0, detail } : { status: 'up', streak, detail };
}

/** One thing that an instance tracks, with its status. Weight 0: its failure is a fault; else it moves the priority. */
export interface TrackedStatus extends CheckState {
  readonly kind: Fault['kind'];
  readonly name: string;
  readonly weight: number;
  /** keepalived's `reverse`: success is a fault, and the priority moves the other way. */
  readonly reverse: boolean;
  /** A track_file's number: the weight counts so many times, whatever the status. */
  readonly value?: number;
  /** How the copy compares with its peer's; left out for what is not compared (`warm`). Independent of the weight. */
  readonly warmth?: TrackedWarmth;
}

/** What a comparison of two copies means for the election. */
export interface TrackedWarmth {
  /** False until both have been asked. */
  readonly decided: boolean;
  /** Why the host lets others go first; null: it does not. */
  readonly cold: string | null;
}

/** keepalived: a track_file that lowers the priority further than this is a fault. */
const LOWEST_POINTS = -253;

/** The lowest priority that there is: every host that can serve goes before one that is cold. */
const COLD_PRIORITY = 1;

/**
 * What the host is able to do. keepalived's arithmetic: a positive weight counts while the check is up, a negative
 * one while it is down; the sum is clamped to 1..254, and the address owner's 255 is never touched. A cold copy is no
 * fault: a host that refused to serve could leave the pair without a MASTER when the other one does not want to be.
 */
export function assess(
  priority: number,
  tracked: readonly TrackedStatus[],
  localAddress: IpAddress | null,
  candidate: boolean,
): Readiness {
  const cold = coldCopies(tracked);
  const weighted = tracked.reduce((sum, each) => sum + points(each), priority);
  const effective = cold.length > 0 ? COLD_PRIORITY : weighted;
  return {
    decided: tracked.every((each) => !isUndecided(each)),
    priority: priority === OWNER_PRIORITY ? OWNER_PRIORITY : Math.min(254, Math.max(1, effective)),
    faults: tracked.filter(isFault).map(({ kind, name, detail, reverse, status }) => ({
      kind,
      name,
      detail: reverse && status === 'up' ? 'is up, and tracked in reverse' : detail,
    })),
    cold,
    candidate,
    localAddress,
  };
}

/** By how much a tracked thing moves the priority now. */
function points({ weight, reverse, status, value }: TrackedStatus): number {
  const direction = reverse ? -1 : 1;
  if (value !== undefined) return weight * value * direction;
  const counts = weight > 0 ? status === 'up' : status === 'down';
  return counts ? weight * direction : 0;
}

/** True when this alone keeps the host from being MASTER. */
export function isFault(tracked: TrackedStatus): boolean {
  if (tracked.weight === 0) return tracked.status === (tracked.reverse ? 'up' : 'down');
  return tracked.value !== undefined && points(tracked) < LOWEST_POINTS;
}

/** What makes the host let others go first. A memcached that is down has no copy to compare. */
export function coldCopies(tracked: readonly TrackedStatus[]): Cold[] {
  return tracked.flatMap(({ kind, name, status, warmth }) =>
    warmth === undefined || warmth.cold === null || status === 'down'
      ? []
      : [{ kind, name, detail: warmth.cold }],
  );
}

/** For people: `memcached local is cold: generation 3, peer 4`. */
export function coldReasons(cold: readonly Cold[]): string {
  return cold.map(({ kind, name, detail }) => `${kind} ${name} is ${detail}`).join('; ');
}

/** True while this could turn out to be a fault, or cold. */
export function isUndecided({ weight, status, warmth }: TrackedStatus): boolean {
  if (warmth !== undefined && !warmth.decided && status !== 'down') return true;
  return weight === 0 && status === 'unknown';
}
