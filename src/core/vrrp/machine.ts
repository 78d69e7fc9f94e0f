/**
 * The virtual router of RFC 3768 §6.4 and RFC 9568 §6.4 as one pure function, with keepalived's FAULT, STOP and
 * preempt_delay. Decides only: it is given the time and the events, and returns the next state and what to do.
 *
 * Departures, each on purpose:
 * - A host that can still serve resigns before it lets go (make before break): see Handover.
 * - Priority 0 goes out twice, and shortens a BACKUP's deadline but never postpones it.
 * - A MASTER that yields to a higher one speaks once more, so that the winner knows of it and announces itself.
 * - A host whose copy of the cache is cold has priority 1 and resigns once: see Readiness.cold and master.ts.
 * - A MASTER that overslept its own Master_Down_Interval listens before it speaks: its peer has taken over by then.
 * - A daemon that died as MASTER and is started again before anybody can have missed it goes on as MASTER.
 */
import { backup } from './backup.ts';
import { master, overslept } from './master.ts';
import type { Millis, VrrpParameters } from './parameters.ts';
import type { Event, Readiness, RunningEvent, State, Step, TransitionReason } from './state.ts';
import {
  becomeMaster,
  type Context,
  faultReason,
  lingering,
  listen,
  notify,
  type Of,
  OWNER_PRIORITY,
  overdue,
  release,
  resign,
  startHandover,
} from './transitions.ts';

/** Before the first check's result. */
export const INITIAL_STATE: State = { name: 'INIT' };

/**
 * One step. `readiness` is the host's ability as it is now: with a readiness event, the new one.
 * Times are monotonic ms; `now` never goes back. Throws only on a broken invariant.
 */
export function step(
  params: VrrpParameters,
  readiness: Readiness,
  state: State,
  event: Event,
  now: Millis,
): Step {
  const context: Context = { params, readiness, now };
  if (event.type === 'shutdown') return shutdown(context, state);
  if (event.type === 'restart') return restart(context, state, event.spokeAt);
  switch (state.name) {
    case 'INIT':
      return initialize(context, state);
    case 'BACKUP':
      return backup(context, state, event);
    case 'MASTER':
      return master(context, state, event);
    case 'FAULT':
      return fault(context, state, event);
    case 'STOP':
      return lingering(context, state, event);
  }
}

/** RFC 3768 §6.4.1 Initialize. */
function initialize(context: Context, state: Of<'INIT'>): Step {
  const { readiness } = context;
  if (!readiness.decided) return { state, effects: [] };
  if (readiness.faults.length > 0) {
    return {
      state: { name: 'FAULT', handover: null },
      effects: [notify('FAULT')],
      reason: faultReason(readiness),
    };
  }
  return begin(context, state, 'startup');
}

/**
 * Restart in place. Until the intervals of Master_Down_Interval have passed since the last advertisement nobody can have
 * taken over, whatever Skew_Time is, and the hosts on the link still send to this one; later somebody may have, whom we
 * could not hear. Then, or when this host cannot serve, the addresses go and the start is any other start.
 */
function restart(context: Context, state: State, spokeAt: Millis): Step {
  if (state.name !== 'INIT') throw new Error(`a restart in place in ${state.name}`);
  const { params, readiness, now } = context;
  const missed = now - spokeAt >= params.downTimerAdverts * params.advertisementInterval;
  const able = readiness.faults.length === 0 && readiness.candidate && readiness.localAddress !== null;
  if (missed || !able) return { state, effects: [{ type: 'removeAddresses' }] };
  return becomeMaster(context, 'restart', []);
}

/** Startup of a fit host: the owner is MASTER at once, anybody else listens first (RFC 3768 §6.4.1). */
function begin(context: Context, before: Of<'INIT' | 'FAULT'>, reason: TransitionReason): Step {
  const { params, readiness } = context;
  const handover = before.name === 'FAULT' ? before.handover : null;
  const overdueHooks = before.name === 'FAULT' ? overdue(before) : [];
  if (readiness.priority === OWNER_PRIORITY && readiness.candidate && readiness.cold.length === 0) {
    return becomeMaster(context, 'address_owner', overdueHooks);
  }
  const state = listen(context, params.advertisementInterval, handover);
  return { state, effects: handover === null ? [notify('BACKUP')] : overdueHooks, reason };
}

/** keepalived's FAULT: the host cannot serve; it neither speaks nor counts the master's silence. */
function fault(context: Context, state: Of<'FAULT'>, event: RunningEvent): Step {
  if (event.type === 'readiness' && context.readiness.faults.length === 0) {
    return begin(context, state, 'recovered');
  }
  return lingering(context, state, event);
}

/** RFC 3768 §6.4.2 and §6.4.3, the Shutdown event. */
function shutdown(context: Context, state: State): Step {
  switch (state.name) {
    case 'STOP':
      return { state, effects: [] };
    case 'MASTER':
      // Somebody else is MASTER by then: there is nothing to resign.
      if (overslept(context, state)) {
        const stopped: Of<'STOP'> = { name: 'STOP', handover: null };
        return { state: stopped, effects: release('STOP'), reason: 'shutdown' };
      }
      return {
        state: { name: 'STOP', handover: startHandover(context, state) },
        effects: resign(),
        reason: 'shutdown',
      };
    case 'BACKUP':
    case 'FAULT': {
      const { handover } = state;
      const effects = handover === null ? [notify('STOP')] : overdue(state);
      return { state: { name: 'STOP', handover }, effects, reason: 'shutdown' };
    }
    case 'INIT':
      return { state: { name: 'STOP', handover: null }, effects: [notify('STOP')], reason: 'shutdown' };
  }
}
