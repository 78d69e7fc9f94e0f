/**
 * The timers of a virtual router whose parameters change while it runs: each begins where it began, and lasts as long
 * as it does now. No RFC speaks of this. Changes no state but its deadlines, and asks for no effect.
 */
import type { Millis, VrrpParameters } from './parameters.ts';
import type { Handover, State } from './state.ts';
import { leaseRenewal, masterDownInterval } from './timers.ts';
import type { Of } from './transitions.ts';

const OFF = Number.POSITIVE_INFINITY;

/** The change of the parameters, and what else a deadline depends on. */
export interface Rebasing {
  readonly before: VrrpParameters;
  readonly after: VrrpParameters;
  /** The effective priority that the timers were set with. */
  readonly priority: number;
  readonly now: Millis;
}

/** The state with its deadlines as the new parameters have them; none of them lies before `now` that did not before. */
export function rebase(change: Rebasing, state: State): State {
  switch (state.name) {
    case 'INIT':
      return state;
    case 'BACKUP':
      return rebaseBackup(change, state);
    case 'MASTER':
      return rebaseMaster(change, state);
    case 'FAULT':
    case 'STOP':
      return { ...state, handover: rebaseHandover(change, state.handover) };
  }
}

function rebaseMaster(change: Rebasing, state: Of<'MASTER'>): Of<'MASTER'> {
  const { before, after, now } = change;
  // The peers still wait for the next advertisement as long as the last one said: it must not come later than it would
  // have. Nor is one that is overdue by the new interval a sign that we have slept.
  const lastSpoke = state.adverTimer - before.advertisementInterval;
  const next = Math.max(now, lastSpoke + after.advertisementInterval);
  return {
    ...state,
    adverTimer: Math.min(state.adverTimer, next),
    leaseTimer: rebaseLease(change, state.leaseTimer),
    garpDelayTimer: rebaseOnce(change, state.garpDelayTimer, 'garpMasterDelay'),
    garpLowerPrioTimer: rebaseOnce(change, state.garpLowerPrioTimer, 'garpLowerPrioDelay'),
    garpRefreshTimer: rebaseRefresh(change, state.garpRefreshTimer),
  };
}

function rebaseBackup(change: Rebasing, state: Of<'BACKUP'>): Of<'BACKUP'> {
  const { before, after, priority, now } = change;
  const handover = rebaseHandover(change, state.handover);
  // RFC 9568 §6.1: in version 3 a master that was heard sets the interval.
  const adopted = after.version === 3 && state.master !== null;
  const masterAdverInterval = adopted ? state.masterAdverInterval : after.advertisementInterval;
  if (state.masterResigned) return { ...state, masterAdverInterval, handover };
  const interval = masterDownInterval(after, priority, masterAdverInterval);
  const longer = interval - masterDownInterval(before, priority, state.masterAdverInterval);
  // With a shorter one the silence so far proves nothing: the master may not have been told of it yet.
  const masterDownTimer =
    longer < 0 ? Math.min(state.masterDownTimer, now + interval) : state.masterDownTimer + longer;
  return { ...state, masterAdverInterval, masterDownTimer, handover };
}

function rebaseHandover(change: Rebasing, handover: Handover | null): Handover | null {
  return handover === null ? null : { ...handover, leaseTimer: rebaseLease(change, handover.leaseTimer) };
}

/** Another lease is told to the kernel at once; the same one no later than it would be. */
function rebaseLease({ before, after, now }: Rebasing, leaseTimer: Millis): Millis {
  if (before.vipLease !== after.vipLease) return now;
  return Math.min(leaseTimer, now + leaseRenewal(after));
}

/** A burst that is still to come. */
function rebaseOnce(
  { before, after, now }: Rebasing,
  timer: Millis,
  delay: 'garpMasterDelay' | 'garpLowerPrioDelay',
): Millis {
  if (timer === OFF || before[delay] === after[delay]) return timer;
  return after[delay] === 0 ? OFF : Math.max(now, timer - before[delay] + after[delay]);
}

function rebaseRefresh({ before, after, now }: Rebasing, timer: Millis): Millis {
  if (before.garpMasterRefresh === after.garpMasterRefresh) return timer;
  if (after.garpMasterRefresh === 0) return OFF;
  return timer === OFF
    ? now + after.garpMasterRefresh
    : Math.max(now, timer - before.garpMasterRefresh + after.garpMasterRefresh);
}
