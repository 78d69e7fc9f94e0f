/**
 * Probes one memcached together with its peer on the other host, whose copies of the cache are compared (`warm`). A peer
 * counts as gone by the same timeout, fall and rise as the local one. What a copy that is behind means is core's.
 */
import type { MemcachedConfig } from '../../config/config.ts';
import { type CheckResult, type CheckState, judge, type Limits, UNCHECKED } from '../../core/track.ts';
import {
  compareWithPeer,
  type LocalCopy,
  type PeerCopy,
  seePeer,
  UNCOMPARED,
  type Warmth,
} from '../../core/warmth.ts';
import { GENERATION, STATS_AND_GENERATION, startMemcachedProbe } from '../../io/memcached-probe.ts';
import type { Report } from './report.ts';

/** How the local copy compares with its peer's, and where the check of that one stands. */
export interface Comparison {
  readonly warmth: Warmth;
  readonly peer: CheckState;
}

export interface ComparisonChange {
  readonly before: Comparison;
  readonly after: Comparison;
}

/** Keeps the comparison; each method returns what it was and what it is now. */
export interface Copies {
  readonly comparison: Comparison;
  /** It looks behind, but the local copy was asked too early to be certain. */
  readonly doubtful: boolean;
  /** After each result of the local check, which it has left in this status; with the copy of a good answer. */
  localSeen(status: CheckState['status'], copy: LocalCopy | undefined): ComparisonChange;
  /** After each result of the peer's; with the copy of a good answer. */
  peerSeen(result: CheckResult, copy: Omit<PeerCopy, 'since'> | undefined, now: number): ComparisonChange;
}

/**
 * `limits` are those of the peer's check. `kept` is what an earlier comparison came out with: it holds until both copies
 * were asked, so that a cold host is not for a moment one that nobody knows anything of.
 */
export function createCopies(limits: Limits, kept?: Comparison): Copies {
  let local: LocalCopy | undefined;
  let theirs: PeerCopy | 'gone' | undefined;
  let doubtful = false;
  let comparison: Comparison = kept ?? { warmth: UNCOMPARED, peer: UNCHECKED };
  let keeps = kept !== undefined;

  const compare = (peer: CheckState): ComparisonChange => {
    const before = comparison;
    const compared = compareWithPeer(before.warmth, local, theirs);
    doubtful = compared.doubtful;
    keeps &&= local === undefined || theirs === undefined;
    comparison = { warmth: keeps ? before.warmth : compared.warmth, peer };
    return { before, after: comparison };
  };

  return {
    get comparison() {
      return comparison;
    },
    get doubtful() {
      return doubtful;
    },
    localSeen(status, copy) {
      // Within its fall a memcached that does not answer has what it had.
      local = status === 'down' ? undefined : (copy ?? local);
      return compare(comparison.peer);
    },
    peerSeen(result, copy, now) {
      const peer = judge(limits, comparison.peer, result);
      if (peer.status === 'down') theirs = 'gone';
      else if (copy !== undefined) theirs = seePeer(theirs, copy.record, now);
      return compare(peer);
    },
  };
}

/** Begins at once; returns what ends it. `report` tells `copies` of the local results, `onPeer` is told of the peer's. */
export function startWarmMemcached(
  { address, peer, interval, timeout }: MemcachedConfig,
  copies: Copies,
  report: Report,
  onPeer: (change: ComparisonChange) => void,
): () => void {
  if (peer === null) throw new Error('a memcached without a peer has nothing to be compared with');
  const local = startMemcachedProbe({
    ...address,
    interval,
    timeout,
    question: STATS_AND_GENERATION,
    onResult(result) {
      if (!result.ok) return report(result);
      const { answer, askedAt, took } = result;
      const copy = { record: answer.record, askedAt };
      report(result, { stats: answer.stats, tookSeconds: took / 1000, copy });
      if (copies.doubtful) local.ask();
    },
  });
  const other = startMemcachedProbe({
    ...peer,
    interval,
    timeout,
    question: GENERATION,
    onResult(result) {
      onPeer(copies.peerSeen(result, result.ok ? result.answer : undefined, performance.now()));
      if (copies.doubtful) local.ask();
    },
  });
  return () => {
    local.stop();
    other.stop();
  };
}
