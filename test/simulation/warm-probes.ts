/**
 * What daemon/checks/warm-memcached.ts does with two memcacheds, in virtual time: the questions go out at their interval
 * and whenever a connection breaks, the answers come a little later, and the comparison is the real one.
 */
import type { Generation } from '../../src/core/generation.ts';
import type { CheckResult } from '../../src/core/track.ts';
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import { type Copies, createCopies } from '../../src/daemon/checks/warm-memcached.ts';
import type { EventLoop } from './event-loop.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './virtual-clock.ts';

/** Until a question arrives, and until its answer does, in ms. */
const WAY: readonly [Millis, Millis] = [0.1, 1];
const LIMITS = { fall: 2, rise: 2 };

/** How the memcacheds are asked. */
export interface Pace {
  readonly interval: Millis;
  readonly timeout: Millis;
}

/** A memcached as it is now; null: it is down. `reachable` is false when nothing answers at all. */
export interface Memcached {
  readonly reachable: boolean;
  readonly copy: { readonly record: Generation | null } | null;
}

export interface WarmProbesPorts extends Pace {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly loop: EventLoop;
  readonly local: () => Memcached;
  readonly peer: () => Memcached;
  /** The local status or the comparison has changed. */
  readonly changed: () => void;
}

export interface WarmProbes {
  readonly copies: Copies;
  readonly status: 'unknown' | 'up' | 'down';
  /** A connection broke: asks both at once. */
  ask(): void;
}

export function startWarmProbes(ports: WarmProbesPorts): WarmProbes {
  const { scheduler, prng, loop, interval, timeout } = ports;
  const copies = createCopies(LIMITS);
  let status: WarmProbes['status'] = 'unknown';

  /** Brings the answer of a memcached, as it is when the question arrives, to `tell`. */
  const question = (memcached: () => Memcached, tell: (answer: Memcached) => void): void => {
    scheduler.at(scheduler.now + prng.between(...WAY), () => {
      const answer = memcached();
      const takes = answer.reachable ? prng.between(...WAY) : timeout;
      scheduler.at(scheduler.now + takes, () => loop.told(() => tell(answer)));
    });
  };
  const compare = (what: () => void): void => {
    const before = { status, warmth: copies.comparison.warmth };
    what();
    if (before.status !== status || before.warmth !== copies.comparison.warmth) ports.changed();
  };

  const askLocal = (): void => {
    const askedAt = scheduler.now;
    question(ports.local, ({ copy }) => {
      compare(() => {
        status = copy === null ? 'down' : 'up';
        copies.localSeen(status, copy === null ? undefined : { ...copy, askedAt });
      });
      if (copy !== null && copies.doubtful) askLocal();
    });
  };
  const askPeer = (): void => {
    question(ports.peer, ({ reachable, copy }) => {
      const answers = reachable && copy !== null;
      const result: CheckResult = answers ? { ok: true } : { ok: false, final: reachable, detail: '' };
      compare(() => copies.peerSeen(result, answers ? copy : undefined, scheduler.now));
      if (copies.doubtful) askLocal();
    });
  };
  const ask = (): void => {
    askLocal();
    askPeer();
  };

  const tick = (): void => {
    loop.clock.at(scheduler.now + interval, tick);
    ask();
  };
  tick();
  return {
    copies,
    get status() {
      return status;
    },
    ask: () => loop.told(ask),
  };
}
