/**
 * The vocabulary of the VRRP machine: its states, the events that move it and the effects that it asks for.
 * A state holds exactly the timers that it can have, as absolute deadlines: a BACKUP cannot hold an Adver_Timer.
 */
import type { IpAddress, Millis } from './parameters.ts';
import type { ReceivedAdvertisement } from './validate.ts';

/** Names of the states: RFC 3768 §6.4 plus keepalived's FAULT and STOP. */
export type StateName = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT' | 'STOP';

export const STATE_NAMES: readonly StateName[] = ['INIT', 'BACKUP', 'MASTER', 'FAULT', 'STOP'];

/** The master that a BACKUP hears. */
export interface HeardMaster {
  readonly address: IpAddress;
  readonly priority: number;
}

/**
 * Make before break: this host resigned while it could still serve, so its addresses and its proxy stay until the new
 * master was heard and has drawn the clients to itself, at the latest until `deadline`.
 */
export interface Handover {
  /** Sooner once the new master was heard. */
  readonly deadline: Millis;
  readonly leaseTimer: Millis;
  /** An advertisement of the new master was heard. */
  readonly heard: boolean;
  /** Another host has announced one of the addresses: from then on packets for it go there. */
  readonly claimed: boolean;
}

export type State =
  /** Not decided yet whether this host can serve: a check has given no result. */
  | { readonly name: 'INIT' }
  | {
      readonly name: 'BACKUP';
      readonly masterDownTimer: Millis;
      /** Master_Adver_Interval (RFC 9568 §6.1); the local interval in version 2. */
      readonly masterAdverInterval: Millis;
      readonly master: HeardMaster | null;
      /** True when the timer was shortened because the master resigned. */
      readonly masterResigned: boolean;
      /** Since when a master of lower priority has been suffered because of preempt_delay; null: it has not. */
      readonly suffersSince: Millis | null;
      readonly handover: Handover | null;
    }
  | {
      readonly name: 'MASTER';
      readonly adverTimer: Millis;
      /** When the address lease is renewed next; Infinity without lease. */
      readonly leaseTimer: Millis;
      /** The second burst of gratuitous ARP (`garp_master_delay`); Infinity when done or off. */
      readonly garpDelayTimer: Millis;
      /** The second burst after a lower master was heard (`garp_lower_prio_delay`); Infinity when done or off. */
      readonly garpLowerPrioTimer: Millis;
      /** `garp_master_refresh`; Infinity when off. */
      readonly garpRefreshTimer: Millis;
      /** No other master is answered before; see ANSWER_REST. */
      readonly answersFrom: Millis;
      /** The answer to another master that was heard in the meantime; Infinity when none is owed. */
      readonly answerTimer: Millis;
      /** It took over while cold, because nobody else did: it does not hand over for the same reason again. */
      readonly servesCold: boolean;
    }
  | { readonly name: 'FAULT'; readonly handover: Handover | null }
  | { readonly name: 'STOP'; readonly handover: Handover | null };

/** What makes a host unfit, by kind; `name` is the tracked thing's. */
export interface Fault {
  readonly kind:
    | 'interface'
    | 'address'
    | 'memcached'
    | 'script'
    | 'process'
    | 'file'
    | 'proxy'
    | 'sync_group';
  readonly name: string;
  /** For people: `memcached local: connection refused`. */
  readonly detail: string;
}

/** A copy that lacks what its living peer has: the host can serve, but lets one with a whole copy go first. */
export interface Cold {
  /** `memcached`, or the `sync_group` that has such a member. */
  readonly kind: Fault['kind'];
  /** The tracked thing's. */
  readonly name: string;
  /** For people, after `memcached local is`: `cold: generation 3, peer 4`. */
  readonly detail: string;
}

/** What the host is able to do just now, as the trackers have it. */
export interface Readiness {
  /** False until every check that could be a fault gave its first result. */
  readonly decided: boolean;
  /** Effective priority: 255, or the configured one plus the weights, clamped to 1..254 (keepalived); 1 while cold. */
  readonly priority: number;
  /** Empty: fit to be MASTER. */
  readonly faults: readonly Fault[];
  /** Not empty: fit, but MASTER only while nobody else is. */
  readonly cold: readonly Cold[];
  /** False: fit, but not wanted as MASTER (drained). */
  readonly candidate: boolean;
  /** Primary address, source of our advertisements; null while the interface has none. */
  readonly localAddress: IpAddress | null;
}

export type Event =
  | { readonly type: 'readiness'; readonly readiness: Readiness }
  | { readonly type: 'advertisement'; readonly advertisement: ReceivedAdvertisement }
  | { readonly type: 'timer' }
  /** Another host announced one of the virtual addresses, by a gratuitous ARP or a neighbour advertisement. */
  | { readonly type: 'claim' }
  /** keepalived's vrrp_sync_group: another member became MASTER or BACKUP, and this one follows. */
  | { readonly type: 'follow'; readonly to: 'MASTER' | 'BACKUP' }
  | { readonly type: 'shutdown' }
  /**
   * The first event of a daemon that was started again where its predecessor died as MASTER, with the addresses still
   * here: `spokeAt` is when that one advertised last, or earlier.
   */
  | { readonly type: 'restart'; readonly spokeAt: Millis; readonly readiness: Readiness };

/** Events of a virtual router that runs. */
export type RunningEvent = Exclude<Event, { type: 'shutdown' | 'restart' }>;

/** Acts that the machine asks for; they are to be carried out in order. */
export type Effect =
  | { readonly type: 'sendAdvertisement'; readonly priority: number }
  | { readonly type: 'addAddresses' }
  | { readonly type: 'renewAddresses' }
  | { readonly type: 'removeAddresses' }
  /** `atOnce`: the master before is dead, and its clients reach nobody until these. */
  | { readonly type: 'gratuitousArp'; readonly repeat: number; readonly atOnce?: boolean }
  | { readonly type: 'startProxy' }
  | { readonly type: 'stopProxy' }
  /** Another host was MASTER beside us: clients may have written to the other memcached without our proxy. */
  | { readonly type: 'recheckProxy' }
  | { readonly type: 'notify'; readonly state: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP' };

/** Why a state was left; the value of the metric's `reason` label. */
export type TransitionReason =
  | 'startup'
  | 'restart'
  | 'address_owner'
  | 'master_down'
  | 'master_resigned'
  | 'preempt'
  | 'higher_priority_master'
  | 'interface_down'
  | 'no_address'
  | 'memcached_down'
  | 'memcached_cold'
  | 'script_failed'
  | 'process_failed'
  | 'file_failed'
  | 'sync_group'
  | 'proxy_failed'
  | 'recovered'
  | 'drained'
  | 'overslept'
  | 'shutdown';

/** All ways to become MASTER. */
export const TAKEOVERS: readonly (readonly [from: State['name'], reason: TransitionReason])[] = [
  ['INIT', 'restart'],
  ['INIT', 'address_owner'],
  ['FAULT', 'address_owner'],
  ['BACKUP', 'master_down'],
  ['BACKUP', 'master_resigned'],
  ['BACKUP', 'preempt'],
  ['BACKUP', 'sync_group'],
];

/** The outcome of one step. `reason` is there when the state's name changed. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly reason?: TransitionReason;
}
