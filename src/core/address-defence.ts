/**
 * What a MASTER does about somebody else's claim to one of its addresses (RFC 5227 §2.4 c: it never gives the address
 * up). Decides only, of one address, and is given the time.
 *
 * Most claims are no conflict but an election: the new master's ARPs follow its advertisement, which may be unread yet,
 * and the old one's last words follow ours. So a claim is judged only after a moment in which advertisements are read,
 * and only by a MASTER that has settled.
 */
import type { Millis } from './vrrp/parameters.ts';

/** RFC 5227 §1.1: the shortest time between two defences. */
export const DEFEND_INTERVAL: Millis = 10_000;
/** How long a claim waits: by then the advertisement of a claimant that is a new master has been read, and we are no MASTER. */
export const HESITATION: Millis = 100;
/** How long after a takeover claims are the old master's; the second burst of gratuitous ARP answers them. */
export const SETTLING: Millis = 1_000;
/**
 * A claim so soon after our defence is the other one's own defence. To answer it in turn, two masters that do not hear
 * each other's advertisements would draw the clients to and fro for ever.
 */
export const RETORT: Millis = 500;

const NEVER = Number.POSITIVE_INFINITY;

/** One address. */
export interface Defence {
  /** Claims that were not judged yet. */
  readonly claims: number;
  /** True when one of them is to be answered. */
  readonly provoked: boolean;
  /** When they are judged; Infinity: there are none. */
  readonly judgeTimer: Millis;
  /** When the address is defended next; Infinity: it need not be. */
  readonly defendTimer: Millis;
  readonly defendedAt: Millis;
}

/** Nobody has claimed it. */
export const UNDISPUTED: Defence = {
  claims: 0,
  provoked: false,
  judgeTimer: NEVER,
  defendTimer: NEVER,
  defendedAt: -NEVER,
};

/** The next state, the claims that turned out to be conflicts, and whether the address is to be announced now, once. */
export interface Judgement {
  readonly defence: Defence;
  readonly conflicts: number;
  readonly defend: boolean;
}

/** Somebody else claimed the address. `masterSince`: when this host became MASTER; null: it is not. */
export function claimed(defence: Defence, masterSince: Millis | null, now: Millis): Defence {
  if (masterSince === null || now < masterSince + SETTLING) return defence;
  return {
    ...defence,
    claims: defence.claims + 1,
    provoked: defence.provoked || now >= defence.defendedAt + RETORT,
    judgeTimer: Math.min(defence.judgeTimer, now + HESITATION),
  };
}

/** Time has passed. */
export function judge(before: Defence, masterSince: Millis | null, now: Millis): Judgement {
  const forgotten: Defence = { ...UNDISPUTED, defendedAt: before.defendedAt };
  if (masterSince === null) return { defence: forgotten, conflicts: 0, defend: false };
  let defence = before;
  let conflicts = 0;
  if (now >= before.judgeTimer) {
    // What was claimed before an election was part of it.
    const ours = masterSince <= before.judgeTimer - HESITATION;
    conflicts = ours ? before.claims : 0;
    const due = Math.max(now, before.defendedAt + DEFEND_INTERVAL);
    const defendTimer = ours && before.provoked ? Math.min(before.defendTimer, due) : before.defendTimer;
    defence = { ...forgotten, defendTimer };
  }
  if (now < defence.defendTimer) return { defence, conflicts, defend: false };
  return { defence: { ...defence, defendTimer: NEVER, defendedAt: now }, conflicts, defend: true };
}

/** When `judge` is to be asked next; null: not before the next claim. */
export function nextJudgement({ judgeTimer, defendTimer }: Defence): Millis | null {
  const next = Math.min(judgeTimer, defendTimer);
  return next === NEVER ? null : next;
}
