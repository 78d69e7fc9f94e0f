/**
 * keepalived's vrrp_sync_group: instances that are MASTER, BACKUP or in FAULT together. A member's fault is a fault of
 * all, and so is its cold copy; a member that becomes MASTER or yields takes the others with it.
 */
import type { SyncGroupConfig } from '../config/config.ts';
import { coldCopies, coldReasons, isFault, isUndecided, type TrackedStatus } from '../core/track.ts';
import type { StateName } from '../core/vrrp/state.ts';
import type { HookRunner, HookState } from './hooks.ts';

/** What a group needs of its members. */
export interface Member {
  readonly name: string;
  readonly state: StateName;
  /** What it depends on by itself, the group left out. */
  ownStatuses(): readonly TrackedStatus[];
  follow(to: 'MASTER' | 'BACKUP'): void;
}

export interface SyncGroup {
  readonly name: string;
  /** The others' faults, as something that this member tracks. */
  statusFor(member: string): TrackedStatus;
  /** A member changed its state. */
  changed(member: string, from: StateName, to: StateName): void;
  /** A member's hooks of this state are under way, and what comes before them (its addresses) is done. */
  notified(member: string, state: HookState): void;
}

export function createSyncGroup(
  { name, members: names }: SyncGroupConfig,
  find: (member: string) => Member,
  hooks: HookRunner,
): SyncGroup {
  const memberTold = new Map<string, HookState>();
  let told: HookState | null = null;

  const others = (member: string): Member[] => names.filter((other) => other !== member).map(find);

  return {
    name,
    statusFor(member) {
      const rest = others(member).map((other) => ({ name: other.name, statuses: other.ownStatuses() }));
      const faulty = rest.filter(({ statuses }) => statuses.some(isFault)).map((other) => other.name);
      const undecided = rest.some(({ statuses }) => statuses.some(isUndecided));
      const status = faulty.length > 0 ? 'down' : undecided ? 'unknown' : 'up';
      const detail = faulty.length > 0 ? `${faulty.join(' and ')} cannot serve` : '';
      const cold = rest.flatMap(({ statuses }) => coldCopies(statuses));
      const warmth = { decided: true, cold: cold.length === 0 ? null : `cold: ${coldReasons(cold)}` };
      return { kind: 'sync_group', name, weight: 0, reverse: false, status, streak: 0, detail, warmth };
    },
    changed(member, from, to) {
      if (to === 'MASTER') for (const other of others(member)) other.follow('MASTER');
      if (to === 'BACKUP' && from === 'MASTER') for (const other of others(member)) other.follow('BACKUP');
    },
    // keepalived's order: the group's hook comes when all members' have been called.
    notified(member, state) {
      memberTold.set(member, state);
      if (told === state || !names.every((each) => memberTold.get(each) === state)) return;
      told = state;
      hooks.notify(state, 0);
    },
  };
}
