/** RFC 3768 §6.4.2 and RFC 9568 §6.4.2: the BACKUP, which listens. */
import type { RunningEvent, Step, TransitionReason } from './state.ts';
import { masterDownInterval, resignationSkew } from './timers.ts';
import {
  becomeMaster,
  type Context,
  cutOff,
  faultReason,
  handOverTo,
  lingering,
  listen,
  notify,
  type Of,
  overdue,
  release,
} from './transitions.ts';
import type { ReceivedAdvertisement } from './validate.ts';

/** One event in BACKUP. */
export function backup(context: Context, state: Of<'BACKUP'>, event: RunningEvent): Step {
  const { readiness, params, now } = context;
  switch (event.type) {
    case 'readiness':
      return readiness.faults.length === 0 ? lingering(context, state, event) : backupUnfit(context, state);
    case 'advertisement':
      return backupHears(context, state, event.advertisement);
    case 'claim':
      return lingering(context, state, event);
    case 'follow':
      if (event.to === 'BACKUP') return { state, effects: [] };
      return becomeMaster(context, 'sync_group', overdue(state));
    case 'timer': {
      if (now < state.masterDownTimer) return lingering(context, state, event);
      if (!readiness.candidate) {
        const waiting = listen(context, params.advertisementInterval, state.handover);
        return lingering(context, waiting, event);
      }
      return becomeMaster(context, takeoverReason(context, state), overdue(state));
    }
  }
}

/** It is preemption only when a lower master was discarded; one that was accepted as master has died. */
function takeoverReason({ params, now }: Context, state: Of<'BACKUP'>): TransitionReason {
  if (state.masterResigned) return 'master_resigned';
  const discarded = state.suffersSince !== null && now >= state.suffersSince + params.preemptDelay;
  return discarded ? 'preempt' : 'master_down';
}

/** keepalived's BACKUP to FAULT; a handover that was still pending goes on, unless nobody can be reached. */
function backupUnfit(context: Context, state: Of<'BACKUP'>): Step {
  const reason = faultReason(context.readiness);
  if (state.handover === null) {
    return { state: { name: 'FAULT', handover: null }, effects: [notify('FAULT')], reason };
  }
  if (cutOff(context.readiness.faults)) {
    return {
      state: { name: 'FAULT', handover: null },
      effects: [...overdue(state), ...release('FAULT')],
      reason,
    };
  }
  return { state: { name: 'FAULT', handover: state.handover }, effects: overdue(state), reason };
}

/** RFC 3768 §6.4.2, an ADVERTISEMENT is received. */
function backupHears(context: Context, before: Of<'BACKUP'>, advert: ReceivedAdvertisement): Step {
  const { params, readiness, now } = context;
  const state: Of<'BACKUP'> = { ...before, handover: handOverTo(context, before.handover, advert) };

  // RFC 3768 §6.4.2: priority 0 sets the timer to Skew_Time; here it can only shorten it.
  if (advert.priority === 0) {
    const skew = resignationSkew(params, readiness.priority, state.masterAdverInterval);
    const masterDownTimer = Math.min(state.masterDownTimer, now + skew);
    return { state: { ...state, masterDownTimer, masterResigned: true, suffersSince: null }, effects: [] };
  }

  const interval = params.version === 3 ? advert.advertisementInterval : params.advertisementInterval;
  const master = { address: advert.source, priority: advert.priority };
  const accepted: Of<'BACKUP'> = {
    ...state,
    masterAdverInterval: interval,
    masterDownTimer: now + masterDownInterval(params, readiness.priority, interval),
    master,
    masterResigned: false,
    suffersSince: null,
  };
  // RFC 3768 §6.4.2: with Preempt_Mode off, or from our own priority up, the timer starts anew.
  if (!params.preempt || !readiness.candidate || advert.priority >= readiness.priority) {
    return { state: accepted, effects: [] };
  }
  // keepalived's preempt_delay: a lower master is accepted until it has been heard for so long.
  const suffersSince = state.suffersSince ?? now;
  if (now < suffersSince + params.preemptDelay) return { state: { ...accepted, suffersSince }, effects: [] };
  // RFC 3768 §6.4.2: else it is discarded, and the timer runs out.
  return { state: { ...state, master, suffersSince }, effects: [] };
}
