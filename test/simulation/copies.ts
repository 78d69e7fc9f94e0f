/**
 * The two copies of the cache on the simulated hosts: what each keeps under the generation key, and what the active proxy
 * does about it. Only what the election depends on: a copy that went on without the other is raised, one that is behind
 * is filled and then given the record of the other.
 */
import { type Generation, isBehind } from '../../src/core/generation.ts';
import type { Millis } from '../../src/core/vrrp/parameters.ts';
import type { Prng } from './prng.ts';
import type { Scheduler } from './virtual-clock.ts';

/** The first write after a copy is lost comes within this time, and makes the proxy raise the other one; ms. */
const FIRST_WRITE: Millis = 50;

export interface CopiesPorts {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  /** How long until the proxy has done its next step at most. */
  readonly pace: Millis;
  readonly up: (host: number) => boolean;
  readonly connected: () => boolean;
}

export interface SimulatedCopies {
  record(host: number): Generation | null;
  /** The memcached died, was restarted or flushed. */
  lose(host: number): void;
  /** Nobody can reach the other side any more: a proxy on one side goes on alone, or on both. */
  part(): void;
}

export function createSimulatedCopies({
  scheduler,
  prng,
  pace,
  up,
  connected,
}: CopiesPorts): SimulatedCopies {
  const records: [Generation | null, Generation | null] = [null, null];
  let tags = 0;
  const tag = (): string => (++tags).toString(16).padStart(16, '0');
  const raise = (host: number, number = 1 + highest(records)): void => {
    if (up(host)) records[host] = { number, tag: tag(), filling: false };
  };
  if (prng.chance(0.7)) records[0] = records[1] = { number: 1, tag: tag(), filling: false };

  /** One step of the active proxy; it goes on for ever. */
  const attend = (): void => {
    scheduler.at(scheduler.now + prng.between(0.1, 1) * pace, attend);
    if (!up(0) || !up(1) || !connected()) return;
    const [a, b] = records;
    if (isBehind(a, b)) records[0] = follow(a, b!);
    else if (isBehind(b, a)) records[1] = follow(b, a!);
    // Nobody has anything better than one that was being filled: the proxy goes on with that.
    else if (a?.filling === true || b?.filling === true) raise(a?.filling === true ? 0 : 1);
    else if (a?.tag !== b?.tag) records[0] = b;
  };
  attend();

  return {
    record: (host) => records[host]!,
    lose(host) {
      records[host] = null;
      scheduler.at(scheduler.now + prng.between(0, FIRST_WRITE), () => raise(1 - host));
    },
    part() {
      const number = 1 + highest(records);
      for (const host of [0, 1]) if (prng.chance(0.5)) raise(host, number);
    },
  };
}

/** Emptied and filled from the other, then as whole as that. */
function follow(own: Generation | null, source: Generation): Generation {
  const follows = own?.filling === true && own.tag === source.tag;
  return follows ? source : { ...source, filling: true };
}

function highest(records: readonly (Generation | null)[]): number {
  return Math.max(0, ...records.map((record) => record?.number ?? 0));
}
