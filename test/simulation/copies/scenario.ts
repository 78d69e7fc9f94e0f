/** What happens in one run, all of it drawn from the seed: how the pair runs, its clients, and what befalls it when. */
import { createPrng, type Prng } from '../prng.ts';
import type { Expectations } from './expectations.ts';
import type { Host } from './history.ts';

/** From `at` to `until`, ms from the start. */
export type Fault = { readonly at: number; readonly until: number } & (
  | {
      /** `power`: the whole machine, memcached, proxy and address. */
      readonly kind: 'kill memcached' | 'stop memcached' | 'stop proxy' | 'kill proxy' | 'power';
      readonly host: Host;
    }
  /** `both have it`: after a while the other host takes the address too. */
  | { readonly kind: 'cut'; readonly ways: 'both' | 'A to B' | 'B to A'; readonly bothHaveIt: boolean }
  /** Latency between the hosts up to `maximum` ms. */
  | { readonly kind: 'slow'; readonly maximum: number }
  /** The address goes to the other host; `overlap`: it has it before the old one lets go. */
  | { readonly kind: 'move'; readonly overlap: boolean }
);

export interface Scenario {
  readonly seed: number;
  /** Whether the proxies run on both hosts all the time, or where the address is. */
  readonly proxies: 'one' | 'always' | 'on master';
  readonly first: Host;
  /** Both may have the address while they can hear each other: in a handover, and for a while after a cut has healed. */
  readonly rivals: boolean;
  /** Items that a memcached has room for; Infinity: more than there are. */
  readonly capacity: number;
  readonly clients: number;
  /** Between a client's requests, ms, on average. */
  readonly think: number;
  readonly faults: readonly Fault[];
  /** Clients may have everything flushed later. */
  readonly delayedFlush: boolean;
  /** From here on nothing befalls anybody. */
  readonly healedAt: number;
  /** The clients stop. */
  readonly quietAt: number;
}

/** A fixed part of a scenario, for tests of the checkers. */
export interface Wish {
  readonly faults?: 'none';
}

const SPAN_MS = 12_000;
const AFTERMATH_MS = 4000;
const MAX_FAULTS = 8;
const NEAR_MS = 700;
const SMALL_CAPACITY = 14;
/** A proxy that died is started again within this time. */
const RESTART_MS = 1500;

export function drawScenario(seed: number, expectations: Expectations, wish: Wish = {}): Scenario {
  const prng = createPrng(seed);
  const moves = expectations.generations;
  const span = prng.between(0.4, 1) * SPAN_MS;
  const count = wish.faults === 'none' ? 0 : 1 + prng.below(MAX_FAULTS);
  const faults: Fault[] = [];
  while (faults.length < count) faults.push(drawFault(prng, drawTime(prng, span, faults), moves));
  const healedAt = faults.reduce((latest, { until }) => Math.max(latest, until), span) + 10;
  return {
    seed,
    proxies: moves ? (prng.chance(0.1) ? 'one' : prng.pick(['always', 'on master'])) : 'one',
    first: prng.pick(['A', 'B']),
    rivals: expectations.rivals,
    capacity: prng.chance(0.05) ? SMALL_CAPACITY : Number.POSITIVE_INFINITY,
    clients: 2 + prng.below(4),
    think: prng.between(120, 700),
    faults: faults.sort((left, right) => left.at - right.at),
    healedAt,
    quietAt: healedAt + AFTERMATH_MS,
    delayedFlush: expectations.delayedFlush && prng.chance(0.2),
  };
}

/** Anywhere, or close to where another one begins or ends: that is where it gets difficult. */
function drawTime(prng: Prng, span: number, faults: readonly Fault[]): number {
  if (faults.length === 0 || prng.chance(0.5)) return prng.between(0, span);
  const { at, until } = prng.pick(faults);
  return Math.max(0, prng.pick([at, until]) + prng.between(-NEAR_MS / 10, NEAR_MS));
}

function drawFault(prng: Prng, at: number, moves: boolean): Fault {
  // Some are over before anybody timed out, most are not.
  const lasts = prng.chance(0.2)
    ? prng.between(5, 240)
    : prng.chance(0.5)
      ? prng.between(240, 1500)
      : prng.between(1500, 6000);
  const until = at + lasts;
  const host = prng.pick(['A', 'B'] as const);
  const common = ['kill memcached', 'stop memcached', 'cut', 'cut'] as const;
  const rare = prng.chance(0.2);
  const kind = rare
    ? prng.pick(['slow', 'stop proxy'] as const)
    : prng.pick(moves ? ([...common, 'move', 'move', 'kill proxy', 'power'] as const) : common);
  switch (kind) {
    case 'cut': {
      const ways = prng.pick(['both', 'both', 'A to B', 'B to A'] as const);
      return { kind, at, until, ways, bothHaveIt: moves && prng.chance(0.5) };
    }
    case 'slow':
      return { kind, at, until, maximum: prng.pick([20, 60, 120]) };
    case 'move':
      return { kind, at, until: at, overlap: prng.chance(0.4) };
    case 'kill proxy':
      return { kind, host, at, until: Math.min(until, at + RESTART_MS) };
    default:
      return { kind, host, at, until };
  }
}
