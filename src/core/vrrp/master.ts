/** RFC 3768 §6.4.3 and RFC 9568 §6.4.3: the MASTER, which speaks and holds the addresses. */
import { compareAddresses } from '../ip-address.ts';
import { backup } from './backup.ts';
import type { Millis } from './parameters.ts';
import type { Effect, RunningEvent, Step, TransitionReason } from './state.ts';
import { leaseRenewal, masterDownInterval } from './timers.ts';
import {
  advertise,
  arps,
  type Context,
  cutOff,
  faultReason,
  listen,
  type Of,
  release,
  resign,
  startHandover,
} from './transitions.ts';
import type { ReceivedAdvertisement } from './validate.ts';

/** One event in MASTER. */
export function master(context: Context, state: Of<'MASTER'>, event: RunningEvent): Step {
  const { readiness } = context;
  if (overslept(context, state)) return wake(context, event);
  switch (event.type) {
    case 'readiness':
      if (readiness.faults.length > 0) return masterUnfit(context, state);
      if (!readiness.candidate) return handOver(context, state, 'drained');
      return masterFit(context, state);
    case 'advertisement':
      return masterHears(context, state, event.advertisement);
    case 'claim':
      return { state, effects: [] }; // address-defence.ts's affair
    case 'follow':
      return event.to === 'MASTER' ? { state, effects: [] } : handOver(context, state, 'sync_group');
    case 'timer':
      return masterTimer(context, state);
  }
}

/** keepalived's MASTER to FAULT: two resignations; the addresses stay for the handover unless nobody can be reached. */
function masterUnfit(context: Context, state: Of<'MASTER'>): Step {
  const reason = faultReason(context.readiness);
  if (cutOff(context.readiness.faults)) {
    return { state: { name: 'FAULT', handover: null }, effects: [...resign(), ...release('FAULT')], reason };
  }
  return { state: { name: 'FAULT', handover: startHandover(context, state) }, effects: resign(), reason };
}

/**
 * It is fit and wanted. When its copy turns cold it hands over once, because a BACKUP with nopreempt would never take
 * over from a lower priority. If it is MASTER again after that, nobody else wants to be.
 */
function masterFit(context: Context, state: Of<'MASTER'>): Step {
  const isCold = context.readiness.cold.length > 0;
  if (isCold && !state.servesCold) return handOverCold(context, state);
  return { state: isCold === state.servesCold ? state : { ...state, servesCold: isCold }, effects: [] };
}

/** RFC 3768 §6.4.3, an ADVERTISEMENT is received. */
function masterHears(context: Context, state: Of<'MASTER'>, advert: ReceivedAdvertisement): Step {
  const { params, readiness } = context;
  // RFC 3768 §6.4.3: priority 0 is answered, so that the resigning host knows who is there.
  // It had been MASTER beside us, or had just handed over: either way the hosts on the LAN may have its MAC.
  if (advert.priority === 0) return answer(context, state, 'resigned');
  const local = readiness.localAddress;
  // Our own words, or a host with our address: an answer would be answered for ever.
  if (advert.source === local) return { state, effects: [] };
  const higherAddress = local !== null && compareAddresses(advert.source, local) > 0;
  if (advert.priority > readiness.priority || (advert.priority === readiness.priority && higherAddress)) {
    const interval = params.version === 3 ? advert.advertisementInterval : params.advertisementInterval;
    const heard = { address: advert.source, priority: advert.priority };
    const listening = { ...listen(context, interval, null), master: heard };
    // keepalived's higher_prio_send_advert: a winner that has never heard us would not know that the hosts on the LAN
    // learnt our MAC, and our last word makes it announce itself once more.
    const last = params.higherPrioSendAdvert ? [advertise(readiness.priority)] : [];
    return { state: listening, effects: [...last, ...release('BACKUP')], reason: 'higher_priority_master' };
  }
  return answer(context, state, 'lower');
}

/**
 * Pause between two answers to other masters, in ms. An answer is an advertisement and a burst of ARPs to everybody:
 * without a pause, whoever can send adverts of priority 1 would have us flood the network.
 */
export const ANSWER_REST: Millis = 100;

/** Tells another master, and whoever learnt its MAC, that we are there; at once, or when the pause since the last time is over. */
function answer(context: Context, before: Of<'MASTER'>, whom: 'resigned' | 'lower'): Staying {
  const { params, now } = context;
  if (now < before.answersFrom) return { state: { ...before, answerTimer: before.answersFrom }, effects: [] };
  const state = { ...before, answersFrom: now + ANSWER_REST, answerTimer: Number.POSITIVE_INFINITY };
  // RFC 9568 §6.4.3: the loser is told at once, unless keepalived's lower_prio_no_advert asks for RFC 3768's silence.
  const silent = whom === 'lower' && params.lowerPrioNoAdvert;
  const again = announceAgain(context, silent ? { state, effects: [] } : speak(context, state));
  if (whom === 'resigned') return again;
  // Before the ARPs bring its clients here.
  return { state: again.state, effects: [{ type: 'recheckProxy' }, ...again.effects] };
}

/** It can serve but shall not: it resigns, and the addresses stay until the new master is heard. */
function handOver(context: Context, state: Of<'MASTER'>, reason: TransitionReason): Step {
  const waiting = listen(context, context.params.advertisementInterval, startHandover(context, state));
  return { state: waiting, effects: resign(), reason };
}

/** What nobody has taken by the end of the handover is taken up again, before the addresses would go. */
function handOverCold(context: Context, state: Of<'MASTER'>): Step {
  const handover = startHandover(context, state);
  const waiting = listen(context, context.params.advertisementInterval, handover);
  const masterDownTimer = Math.min(waiting.masterDownTimer, handover.deadline);
  return { state: { ...waiting, masterDownTimer }, effects: resign(), reason: 'memcached_cold' };
}

/**
 * After another host that was MASTER was heard. The ARPs are keepalived's: hosts may have learnt the other's MAC, or
 * learn it in a moment, because a takeover's advertisement goes ahead of its ARPs; hence a second burst later.
 */
function announceAgain({ params, now }: Context, { state, effects }: Staying): Staying {
  if (params.garpLowerPrioRepeat === 0) return { state, effects };
  const off = Number.POSITIVE_INFINITY;
  const second = params.garpLowerPrioDelay === 0 ? off : now + params.garpLowerPrioDelay;
  return {
    state: { ...state, garpLowerPrioTimer: Math.min(state.garpLowerPrioTimer, second) },
    effects: [...effects, arps(params.garpLowerPrioRepeat)],
  };
}

/** True when the others have not heard us for our own Master_Down_Interval, so that one of them speaks by now. */
export function overslept({ params, readiness, now }: Context, state: Of<'MASTER'>): boolean {
  const lastSpoke = state.adverTimer - params.advertisementInterval;
  return now - lastSpoke > masterDownInterval(params, readiness.priority, params.advertisementInterval);
}

/**
 * A MASTER that overslept is a BACKUP for whatever woke it. That is most often the new master's advertisement, because
 * the socket is read before a timer is acted on: it must not be answered as if we had been MASTER all the time. It may
 * be a check that timed out: there is nothing left to resign, and a priority 0 would unsettle whoever is MASTER.
 */
function wake(context: Context, event: RunningEvent): Step {
  if (context.readiness.faults.length > 0) {
    const reason = faultReason(context.readiness);
    return { state: { name: 'FAULT', handover: null }, effects: release('FAULT'), reason };
  }
  const listening = listen(context, context.params.advertisementInterval, null);
  const { state, effects } = backup(context, listening, event);
  return { state, effects: [...release('BACKUP'), ...effects], reason: 'overslept' };
}

/** Whatever is due: advertisement, lease, bursts of gratuitous ARP, an answer. */
function masterTimer(context: Context, before: Of<'MASTER'>): Step {
  const { params, now } = context;
  if (now >= before.answerTimer) {
    const answered = answer(context, before, 'lower');
    const rest = masterTimer(context, answered.state);
    return { ...rest, effects: [...answered.effects, ...rest.effects] };
  }
  const spoken = now >= before.adverTimer ? speak(context, before) : { state: before, effects: [] };
  const renewed = now >= spoken.state.leaseTimer ? renew(context, spoken) : spoken;
  let { state } = renewed;
  const effects = [...renewed.effects];
  if (now >= state.garpDelayTimer) {
    effects.push(arps(params.garpMasterRepeat));
    state = { ...state, garpDelayTimer: Number.POSITIVE_INFINITY };
  }
  if (now >= state.garpLowerPrioTimer) {
    effects.push(arps(params.garpLowerPrioRepeat));
    state = { ...state, garpLowerPrioTimer: Number.POSITIVE_INFINITY };
  }
  if (now >= state.garpRefreshTimer) {
    effects.push(arps(params.garpMasterRefreshRepeat));
    state = { ...state, garpRefreshTimer: now + params.garpMasterRefresh };
  }
  return { state, effects };
}

/** A MASTER that stays one, and what it does. */
interface Staying {
  readonly state: Of<'MASTER'>;
  readonly effects: readonly Effect[];
}

/** An advertisement, and with it the renewal of a lease that cannot wait for the next one. */
function speak(context: Context, before: Of<'MASTER'>): Staying {
  const { params, readiness, now } = context;
  const adverTimer = now + params.advertisementInterval;
  const spoken = { state: { ...before, adverTimer }, effects: [advertise(readiness.priority)] };
  return before.leaseTimer < adverTimer ? renew(context, spoken) : spoken;
}

/** The renewal of the lease, after what is done already. */
function renew({ params, now }: Context, { state, effects }: Staying): Staying {
  return {
    state: { ...state, leaseTimer: now + leaseRenewal(params) },
    effects: [...effects, { type: 'renewAddresses' }],
  };
}
