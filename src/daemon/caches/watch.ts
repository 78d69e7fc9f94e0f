/**
 * Watches a memcached that was started or adopted: when it listens, and for a repcached whether it has its partner and
 * what core/join.ts makes of that. Looks only; what is done about it is runner.ts's.
 */
import { namesPeer } from '../../config/placeholders.ts';
import { type Election, type JoinVerdict, judgeJoin, PATIENCE, standingOf } from '../../core/join.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { Clock } from '../../io/clock.ts';
import { isListening } from '../../io/listening.ts';
import { type Reach, reachMemcached } from '../../io/memcached-reach.ts';
import { openPorts } from '../../io/process-sockets.ts';
import type { CacheConfig } from './runner.ts';

/** Between two looks: at first, while its start takes long, and when all is settled. */
const LOOK: Millis = 100;
const LOOK_LATER: Millis = 1_000;
const LOOK_SELDOM: Millis = 5_000;
/** How long the peer may take to answer. */
const PEER_PATIENCE: Millis = 500;

export interface WatchOptions {
  readonly config: CacheConfig;
  readonly pid: number;
  readonly startedAt: Millis;
  /** It was started by us just now, as against adopted. */
  readonly fresh: boolean;
  /** It was started to become the slave of its peer. */
  readonly joining: boolean;
  /** How often it was started for that before this time. */
  readonly attempts: number;
  readonly clock: Clock;
  readonly election: () => Election;
  readonly onListening: (took: Millis) => void;
  /** It does not listen after so long; once. */
  readonly onSlow: (age: Millis) => void;
  /** It has a partner, or has none; at first and when that changes. */
  readonly onPartner: (partner: boolean) => void;
  /** A new verdict while it is joining; the last is `settled` or `again`. */
  readonly onVerdict: (verdict: JoinVerdict) => void;
  /** Its sockets cannot be seen, so nothing is known of a partner. */
  readonly onHidden: (error: Error) => void;
}

/** Begins soon; returns what ends it. */
export function watchCache(options: WatchOptions): () => void {
  const { config, pid, startedAt, clock, election } = options;
  let { joining } = options;
  let served = !options.fresh;
  let toldSlow = false;
  let partnered = namesPeer(config.command);
  let partner: boolean | null = null;
  let stopped = false;
  let cancel: () => void = () => {};

  const look = async (): Promise<void> => {
    if (!served) await lookWhetherServed();
    if (partnered && !stopped) await lookForPartner();
    lookAgain();
  };

  const lookAgain = (): void => {
    if (stopped || (served && !partnered)) return;
    const young = clock.now() - startedAt < PATIENCE;
    const pause = served && !joining ? LOOK_SELDOM : young ? LOOK : LOOK_LATER;
    cancel = clock.at(clock.now() + pause, () => void look());
  };

  const lookWhetherServed = async (): Promise<void> => {
    const listens = await isListening(config.address.host, config.address.port);
    if (stopped) return;
    const age = clock.now() - startedAt;
    if (listens) {
      served = true;
      options.onListening(age);
    } else if (age >= PATIENCE && !toldSlow) {
      toldSlow = true;
      options.onSlow(age);
    }
  };

  const lookForPartner = async (): Promise<void> => {
    try {
      const standing = standingOf(config.address.port, await openPorts(pid));
      const age = clock.now() - startedAt;
      const now = election();
      // Asked only when it matters: each time is a connection.
      const matters = joining && (standing === 'alone' ? now === 'other' : age >= PATIENCE);
      const peerServes = matters && (await reachPeer(config)) === 'answers';
      if (stopped) return;
      if (standing === 'joined' || standing === 'alone') tellPartner(standing === 'joined');
      if (!joining) return;
      const verdict = judgeJoin({ standing, election: now, peerServes, age, attempts: options.attempts });
      if (verdict === 'settled') joining = false;
      if (verdict === 'again') stopped = true;
      options.onVerdict(verdict);
    } catch (error) {
      if (stopped || (error as NodeJS.ErrnoException).code === 'ENOENT') return; // its end is told otherwise
      partnered = false;
      options.onHidden(error as Error);
    }
  };

  const tellPartner = (now: boolean): void => {
    if (now === partner) return;
    partner = now;
    options.onPartner(now);
  };

  lookAgain();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Whether the peer's memcached answers clients. */
export async function reachPeer({ peer }: CacheConfig): Promise<Reach> {
  return peer === null ? 'silent' : reachMemcached(peer.host, peer.port, PEER_PATIENCE);
}
