/**
 * The moves that several states share: starting to listen, becoming MASTER, handing over, letting go.
 * Each returns what machine.ts, backup.ts and master.ts then hand on; nothing here looks at an event but lingering.
 */
import type { Millis, VrrpParameters } from './parameters.ts';
import type { Effect, Event, Fault, Handover, Readiness, State, Step, TransitionReason } from './state.ts';
import { CLAIM_WAIT, handoverTime, leaseRanOut, leaseRenewal, masterDownInterval, SETTLE } from './timers.ts';
import type { ReceivedAdvertisement } from './validate.ts';

/** The state with this name. */
export type Of<Name extends State['name']> = Extract<State, { name: Name }>;

/** What every decision needs beside the state: the constants, what the host can do, and the time. */
export interface Context {
  readonly params: VrrpParameters;
  readonly readiness: Readiness;
  readonly now: Millis;
}

/** Priority of the address owner (RFC 3768 §5.3.4). */
export const OWNER_PRIORITY = 255;

/** The start of a BACKUP: a master that there may be gets one Master_Down_Interval to speak. */
export function listen(context: Context, interval: Millis, handover: Handover | null): Of<'BACKUP'> {
  const { params, readiness, now } = context;
  return {
    name: 'BACKUP',
    masterDownTimer: now + masterDownInterval(params, readiness.priority, interval),
    masterAdverInterval: interval,
    master: null,
    masterResigned: false,
    suffersSince: null,
    handover,
  };
}

/**
 * RFC 3768 §6.4.2: advertise, claim the addresses, announce them; then what stands on them, then the hooks.
 * `before` are the hooks that an unfinished handover has held back.
 */
export function becomeMaster(context: Context, reason: TransitionReason, before: readonly Effect[]): Step {
  const { params, readiness, now } = context;
  const off = Number.POSITIVE_INFINITY;
  const state: Of<'MASTER'> = {
    name: 'MASTER',
    adverTimer: now + params.advertisementInterval,
    leaseTimer: now + leaseRenewal(params),
    garpDelayTimer: params.garpMasterDelay > 0 ? now + params.garpMasterDelay : off,
    garpLowerPrioTimer: off,
    garpRefreshTimer: params.garpMasterRefresh > 0 ? now + params.garpMasterRefresh : off,
    answersFrom: now,
    answerTimer: off,
    servesCold: readiness.cold.length > 0,
  };
  const effects: Effect[] = [
    advertise(readiness.priority),
    { type: 'addAddresses' },
    arps(params.garpMasterRepeat, reason === 'master_down'),
    { type: 'startProxy' },
    // Until now the other one's clients wrote, and it may not be within reach yet.
    ...(reason === 'preempt' ? [{ type: 'recheckProxy' } as const] : []),
    ...before,
    notify('MASTER'),
  ];
  return { state, effects, reason };
}

/** The MASTER's addresses stay until somebody else serves, or until the deadline; their lease goes on as it was. */
export function startHandover({ params, now }: Context, { leaseTimer }: Of<'MASTER'>): Handover {
  return { deadline: now + handoverTime(params), leaseTimer, heard: false, claimed: false };
}

/**
 * A handover ends when somebody else is heard as master and has announced the addresses, and a moment later: a packet
 * that reaches a host without the address is lost in silence, and costs a client that waits on TCP 200 ms.
 */
export function handOverTo(
  { now }: Context,
  before: Handover | null,
  advert: ReceivedAdvertisement,
): Handover | null {
  if (before === null || advert.priority === 0) return before;
  const wait = before.claimed ? SETTLE : CLAIM_WAIT;
  return { ...before, heard: true, deadline: Math.min(before.deadline, now + wait) };
}

/** Somebody else has announced the addresses. Alone it says nothing: it may be a conflict, or the echo of an election. */
function claimed({ now }: Context, before: Handover): Handover {
  if (before.claimed) return before;
  const deadline = before.heard ? Math.min(before.deadline, now + SETTLE) : before.deadline;
  return { ...before, claimed: true, deadline };
}

/** The hook that a handover has held back, for when the state is left before the handover ended. */
export function overdue(state: Of<'BACKUP' | 'FAULT' | 'STOP'>): Effect[] {
  return state.handover === null ? [] : [notify(state.name)];
}

/** A state whose only remaining business is its handover, if it has one. */
export function lingering(context: Context, state: Of<'BACKUP' | 'FAULT' | 'STOP'>, event: Event): Step {
  const { params, readiness, now } = context;
  if (state.handover === null) return { state, effects: [] };
  const handover = takeNote(context, state.handover, event);
  // After a stall longer than the lease a renewal would put back what the new master holds by now.
  if (leaseRanOut(params, handover.leaseTimer, now) || cutOff(readiness.faults)) {
    return { state: { ...state, handover: null }, effects: release(state.name) };
  }
  if (now >= handover.deadline) return { state: { ...state, handover: null }, effects: bowOut(state.name) };
  if (now >= handover.leaseTimer) {
    const leaseTimer = now + leaseRenewal(params);
    return {
      state: { ...state, handover: { ...handover, leaseTimer } },
      effects: [{ type: 'renewAddresses' }],
    };
  }
  return { state: handover === state.handover ? state : { ...state, handover }, effects: [] };
}

/** What the event says of the new master. */
function takeNote(context: Context, handover: Handover, event: Event): Handover {
  if (event.type === 'claim') return claimed(context, handover);
  if (event.type === 'advertisement') return handOverTo(context, handover, event.advertisement)!;
  return handover;
}

/** Without its interface or its address a host reaches nobody: there is no handover to wait for. */
export function cutOff(faults: readonly Fault[]): boolean {
  return faults.some((fault) => fault.kind === 'interface' || fault.kind === 'address');
}

const FAULT_REASONS: Readonly<Record<Fault['kind'], TransitionReason>> = {
  interface: 'interface_down',
  address: 'no_address',
  memcached: 'memcached_down',
  script: 'script_failed',
  process: 'process_failed',
  file: 'file_failed',
  sync_group: 'sync_group',
  proxy: 'proxy_failed',
};

/** The reason label of the first fault. */
export function faultReason(readiness: Readiness): TransitionReason {
  const first = readiness.faults[0];
  if (first === undefined) throw new Error('a fault without a cause');
  return FAULT_REASONS[first.kind];
}

/** Our advertisement; priority 0 resigns. */
export const advertise = (priority: number): Effect => ({ type: 'sendAdvertisement', priority });

/** A burst of gratuitous ARP for every virtual address. */
export const arps = (repeat: number, atOnce = false): Effect => ({
  type: 'gratuitousArp',
  repeat,
  ...(atOnce && { atOnce }),
});

/** The hook of this state. */
export const notify = (state: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP'): Effect => ({ type: 'notify', state });

/** Priority 0, twice: one may be lost, and nothing tells the loss before a whole Master_Down_Interval. */
export const resign = (): Effect[] => [advertise(0), advertise(0)];

/**
 * The end of a handover: first the proxy takes leave of its clients, which needs the addresses. The other order leaves
 * clients whose answers can no longer be sent, and who would wait for them.
 */
export const bowOut = (state: 'BACKUP' | 'FAULT' | 'STOP'): Effect[] => [
  { type: 'stopProxy' },
  { type: 'removeAddresses' },
  notify(state),
];

/** Lets go of the addresses at once, then of what stood on them, then tells the hooks. */
export const release = (state: 'BACKUP' | 'FAULT' | 'STOP'): Effect[] => [
  { type: 'removeAddresses' },
  { type: 'stopProxy' },
  notify(state),
];
