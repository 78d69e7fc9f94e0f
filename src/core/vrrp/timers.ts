/** The derived times of RFC 3768 §6.1 / RFC 9568 §6.1 and the one deadline that a state waits for. */
import type { Millis, VrrpParameters } from './parameters.ts';
import type { State } from './state.ts';

/**
 * Skew_Time. v2: (256 - Priority) / 256 seconds, whatever the interval (RFC 3768 §6.1);
 * v3: ((256 - Priority) * Master_Adver_Interval) / 256 (RFC 9568 §6.1).
 */
export function skewTime(params: VrrpParameters, priority: number, masterAdverInterval: Millis): Millis {
  return ((256 - priority) * (params.version === 2 ? 1000 : masterAdverInterval)) / 256;
}

/**
 * Master_Down_Interval: 3 intervals of the master plus Skew_Time (RFC 3768 §6.1, RFC 9568 §6.1); keepalived's
 * `down_timer_adverts` in place of the 3.
 */
export function masterDownInterval(
  params: VrrpParameters,
  priority: number,
  masterAdverInterval: Millis,
): Millis {
  return params.downTimerAdverts * masterAdverInterval + skewTime(params, priority, masterAdverInterval);
}

/**
 * How long a BACKUP waits after the master resigned with priority 0: Skew_Time (RFC 3768 §6.4.2). With exactly one
 * unicast peer nobody else can be taking over, so there is nobody to be polite to and it is 0.
 */
export function resignationSkew(
  params: VrrpParameters,
  priority: number,
  masterAdverInterval: Millis,
): Millis {
  return params.unicastPeers.length === 1 ? 0 : skewTime(params, priority, masterAdverInterval);
}

/** How long the addresses stay after a voluntary resignation when no new master is heard. */
export function handoverTime(params: VrrpParameters): Millis {
  return params.downTimerAdverts * params.advertisementInterval + 1000;
}

/**
 * How long a handover goes on after the new master's first advertisement, when its ARPs are not heard. It speaks before
 * it announces itself, and until then clients' packets still come here.
 */
export const CLAIM_WAIT: Millis = 100;

/** How long it goes on after the ARPs, for packets and requests that were under way. */
export const SETTLE: Millis = 15;

/**
 * Pause between two renewals of the address lease: three in each, but no more than there are advertisements, unless
 * the lease is shorter than two intervals. A renewal after the last advertisement would keep the addresses on a host
 * that died past the Master_Down_Interval of its peers, who count from the advertisement.
 */
export function leaseRenewal({ vipLease, advertisementInterval }: VrrpParameters): Millis {
  if (vipLease === null) return Number.POSITIVE_INFINITY;
  return Math.max(vipLease / 3, Math.min(advertisementInterval, vipLease / 2));
}

/** True when the kernel has taken the addresses away, because the renewal that was due at `leaseTimer` never came. */
export function leaseRanOut(params: VrrpParameters, leaseTimer: Millis, now: Millis): boolean {
  return params.vipLease !== null && now >= leaseTimer - leaseRenewal(params) + params.vipLease;
}

/** The sooner of the state's deadlines, or null when it waits for no time. Infinity stands for a timer that is off. */
export function nextDeadline(state: State): Millis | null {
  const deadline = Math.min(...deadlines(state));
  return deadline === Number.POSITIVE_INFINITY ? null : deadline;
}

function deadlines(state: State): Millis[] {
  switch (state.name) {
    case 'INIT':
      return [];
    case 'BACKUP':
      return [state.masterDownTimer, ...handoverDeadlines(state)];
    case 'MASTER':
      return [
        state.adverTimer,
        state.leaseTimer,
        state.garpDelayTimer,
        state.garpLowerPrioTimer,
        state.garpRefreshTimer,
        state.answerTimer,
      ];
    case 'FAULT':
    case 'STOP':
      return handoverDeadlines(state);
  }
}

function handoverDeadlines(state: Extract<State, { handover: unknown }>): Millis[] {
  return state.handover === null ? [] : [state.handover.deadline, state.handover.leaseTimer];
}
