/**
 * Whether this host's copy of the cache is as good as its peer's, out of what both keep under the generation key. Pure:
 * reading the records is io's, and what a cold copy means for the election is core/track.ts's.
 *
 * The two copies are never read at the same moment. That a copy is behind is believed of one that was whole only when it
 * was asked after its peer had said what it has, so that records which rise on both at once move no virtual address.
 * Two hosts that look at the same two records cannot both be behind (isBehind is antisymmetric), and what either of them
 * knows is at most one interval and one timeout old; until both know the same, both may be cold, and then one of them is
 * MASTER all the same: to be cold is to go last in the election, not to stay out of it.
 */
import { type Generation, isBehind } from './generation.ts';
import type { Millis } from './vrrp/parameters.ts';

/** This host's copy, as its latest answer has it; a null record is "no record". */
export interface LocalCopy {
  readonly record: Generation | null;
  readonly askedAt: Millis;
}

/** The other host's copy while it is alive; `since` is when it was first heard to be alive with this very record. */
export interface PeerCopy {
  readonly record: Generation | null;
  readonly since: Millis;
}

export interface Warmth {
  /**
   * `cold`: the peer has what this copy lacks. `filling`: that is being put into it, or was until its source died.
   * `unknown`: one of the two has not been asked yet, or the local memcached is down.
   */
  readonly state: 'unknown' | 'whole' | 'filling' | 'cold';
  /** The peer is alive and has what this copy lacks. */
  readonly behind: boolean;
  /** The records; null: there is none, undefined: not known (down, gone, not asked yet). */
  readonly local: Generation | null | undefined;
  readonly peer: Generation | null | undefined;
}

export const UNCOMPARED: Warmth = { state: 'unknown', behind: false, local: undefined, peer: undefined };

/** The peer's copy after a good answer: the same record keeps its `since`. */
export function seePeer(
  before: PeerCopy | 'gone' | undefined,
  record: Generation | null,
  now: Millis,
): PeerCopy {
  return typeof before === 'object' && sameRecord(before.record, record) ? before : { record, since: now };
}

/**
 * Compares what is known. `undefined` is "not asked yet" (or down, of the local copy). `doubtful`: it looks behind, but
 * the local copy was asked too early for that to be certain; ask it again at once. The same outcome is the same object.
 */
export function compareWithPeer(
  before: Warmth,
  local: LocalCopy | undefined,
  peer: PeerCopy | 'gone' | undefined,
): { readonly warmth: Warmth; readonly doubtful: boolean } {
  const theirs = typeof peer === 'object' ? peer.record : undefined;
  const records = { local: local?.record, peer: theirs };
  if (local === undefined || peer === undefined) {
    return { warmth: keep(before, { state: 'unknown', behind: false, ...records }), doubtful: false };
  }
  const seemsBehind = typeof peer === 'object' && isBehind(local.record, peer.record);
  const doubtful = seemsBehind && typeof peer === 'object' && local.askedAt < peer.since;
  // A host that begins, or whose memcached comes back, has nothing to lose by waiting for the second answer.
  const behind = seemsBehind && (!doubtful || before.behind || before.state === 'unknown');
  const state = local.record?.filling === true ? 'filling' : behind ? 'cold' : 'whole';
  return { warmth: keep(before, { state, behind, ...records }), doubtful };
}

function keep(before: Warmth, after: Warmth): Warmth {
  const same =
    before.state === after.state &&
    before.behind === after.behind &&
    sameRecord(before.local, after.local) &&
    sameRecord(before.peer, after.peer);
  return same ? before : after;
}

/** `generation 3, peer 4`; without the peer while that is gone. */
export function describeRecords({ local, peer }: Warmth): string {
  const number = (record: Generation | null): string => (record === null ? 'none' : String(record.number));
  const own = local == null ? 'no generation' : `generation ${local.number}`;
  return peer === undefined ? own : `${own}, peer ${number(peer)}`;
}

function sameRecord(a: Warmth['local'], b: Warmth['local']): boolean {
  if (a == null || b == null) return a === b;
  return a.number === b.number && a.tag === b.tag && a.filling === b.filling;
}
