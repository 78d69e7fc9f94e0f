/**
 * Vocabulary of the machine's test tables: a virtual router with round numbers (priority 128, so that Skew_Time is
 * 500 ms and Master_Down_Interval 3500 ms), states as they stand at `NOW`, and effects as short words.
 */
import { expect, test } from 'vitest';
import { step } from '../../../../src/core/vrrp/machine.ts';
import type { Millis, VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import type {
  Effect,
  Event,
  Fault,
  Handover,
  Readiness,
  State,
  TransitionReason,
} from '../../../../src/core/vrrp/state.ts';
import type { ReceivedAdvertisement } from '../../../../src/core/vrrp/validate.ts';

export const NOW: Millis = 10_000;
export const NEVER = Number.POSITIVE_INFINITY;

/** A multicast v2 router with an advertisement each second and an address lease of 3 s. */
export const router = (changes: Partial<VrrpParameters> = {}): VrrpParameters => ({
  version: 2,
  virtualRouterId: 51,
  priority: 128,
  advertisementInterval: 1000,
  preempt: true,
  preemptDelay: 0,
  garpMasterDelay: 5000,
  garpMasterRepeat: 5,
  garpMasterRefresh: 0,
  garpMasterRefreshRepeat: 1,
  garpLowerPrioDelay: 5000,
  garpLowerPrioRepeat: 5,
  lowerPrioNoAdvert: false,
  higherPrioSendAdvert: true,
  downTimerAdverts: 3,
  addresses: ['10.9.0.5'],
  authPass: null,
  unicastPeers: [],
  vipLease: 3000,
  ...changes,
});

/** A host that is fit and wanted. */
export const ready = (changes: Partial<Readiness> = {}): Readiness => ({
  decided: true,
  priority: 128,
  faults: [],
  cold: [],
  candidate: true,
  localAddress: '10.9.0.3',
  ...changes,
});

export const fault = (kind: Fault['kind'] = 'memcached'): Fault => ({ kind, name: 'x', detail: `${kind} x` });
export const unfit = (...kinds: Fault['kind'][]): Readiness => ready({ faults: kinds.map(fault) });

/** A host whose copy lacks what its peer's has. */
export const cold = (changes: Partial<Readiness> = {}): Readiness =>
  ready({ priority: 1, cold: [{ kind: 'memcached', name: 'x', detail: 'cold' }], ...changes });

/** An advertisement of the peer, 10.9.0.2 unless told: the lower address. */
export const advert = (
  priority: number,
  changes: Partial<ReceivedAdvertisement> = {},
): ReceivedAdvertisement => ({
  source: '10.9.0.2',
  priority,
  advertisementInterval: 1000,
  addressListMatches: true,
  ...changes,
});

type Named<Name extends State['name']> = Extract<State, { name: Name }>;

export const INIT: State = { name: 'INIT' };

/** A BACKUP that last heard something half a second ago. */
export const backup = (changes: Partial<Named<'BACKUP'>> = {}): State => ({
  name: 'BACKUP',
  masterDownTimer: 13_000,
  masterAdverInterval: 1000,
  master: null,
  masterResigned: false,
  suffersSince: null,
  handover: null,
  ...changes,
});

/** A BACKUP that began to listen, or heard its master, just now. */
export const freshBackup = (changes: Partial<Named<'BACKUP'>> = {}): State =>
  backup({ masterDownTimer: NOW + 3500, ...changes });

/** A MASTER that spoke half a second ago, and whose bursts of gratuitous ARP are over. */
export const master = (changes: Partial<Named<'MASTER'>> = {}): State => ({
  name: 'MASTER',
  adverTimer: 10_500,
  leaseTimer: 10_400,
  garpDelayTimer: NEVER,
  garpLowerPrioTimer: NEVER,
  garpRefreshTimer: NEVER,
  answersFrom: NOW - 400,
  answerTimer: NEVER,
  servesCold: false,
  ...changes,
});

/** A MASTER that took over just now. */
export const freshMaster = (changes: Partial<Named<'MASTER'>> = {}): State =>
  master({
    adverTimer: NOW + 1000,
    leaseTimer: NOW + 1000,
    garpDelayTimer: NOW + 5000,
    answersFrom: NOW,
    ...changes,
  });

export const handover = (changes: Partial<Handover> = {}): Handover => ({
  deadline: 12_000,
  leaseTimer: 10_400,
  heard: false,
  claimed: false,
  ...changes,
});

/** The handover that a MASTER as above begins just now: 3 × 1 s + 1 s, and its lease goes on. */
export const FRESH_HANDOVER: Handover = handover({ deadline: NOW + 4000 });

export const inFault = (pending: Handover | null = null): State => ({ name: 'FAULT', handover: pending });
export const stopped = (pending: Handover | null = null): State => ({ name: 'STOP', handover: pending });

/** The order of a takeover, in words. */
export const TAKEOVER = ['advert 128', 'add', 'garp 5', 'start proxy', 'notify MASTER'];
/** Of one from a living master of lower priority. */
export const PREEMPTION = ['advert 128', 'add', 'garp 5', 'start proxy', 'recheck proxy', 'notify MASTER'];
export const RESIGN = ['advert 0', 'advert 0'];
export const RELEASE = ['remove', 'stop proxy'];
/** The end of a handover. */
export const BOW_OUT = ['stop proxy', 'remove'];

/** An effect as a word of the tables. */
export function word(effect: Effect): string {
  switch (effect.type) {
    case 'sendAdvertisement':
      return `advert ${effect.priority}`;
    case 'addAddresses':
      return 'add';
    case 'renewAddresses':
      return 'renew';
    case 'removeAddresses':
      return 'remove';
    case 'gratuitousArp':
      return `garp ${effect.repeat}`;
    case 'startProxy':
      return 'start proxy';
    case 'stopProxy':
      return 'stop proxy';
    case 'recheckProxy':
      return 'recheck proxy';
    case 'notify':
      return `notify ${effect.state}`;
  }
}

/** One line of a table. Left out: a standard router, a fit host, the time NOW, no effects, the state as before. */
export interface Row {
  readonly title: string;
  readonly params?: Partial<VrrpParameters>;
  readonly readiness?: Readiness;
  readonly before: State;
  readonly event:
    | 'readiness'
    | 'timer'
    | 'shutdown'
    | 'claim'
    | 'follow MASTER'
    | 'follow BACKUP'
    /** When the daemon before it advertised last. */
    | { readonly restart: Millis }
    | ReceivedAdvertisement;
  readonly now?: Millis;
  readonly after?: State;
  readonly effects?: readonly string[];
  readonly reason?: TransitionReason;
}

/** Runs each row as a test of one step. */
export function steps(rows: readonly Row[]): void {
  test.each(rows)('$title', (row) => {
    const { readiness = ready(), before, now = NOW } = row;
    const outcome = step(router(row.params), readiness, before, eventOf(row.event, readiness), now);
    expect(outcome.effects.map(word)).toEqual(row.effects ?? []);
    expect(outcome.state).toEqual(row.after ?? before);
    expect(outcome.reason).toBe(row.reason);
  });
}

function eventOf(event: Row['event'], readiness: Readiness): Event {
  if (event === 'readiness') return { type: 'readiness', readiness };
  if (event === 'timer' || event === 'shutdown' || event === 'claim') return { type: event };
  if (event === 'follow MASTER') return { type: 'follow', to: 'MASTER' };
  if (event === 'follow BACKUP') return { type: 'follow', to: 'BACKUP' };
  if ('restart' in event) return { type: 'restart', spokeAt: event.restart, readiness };
  return { type: 'advertisement', advertisement: event };
}
