/** What happens in one run, all of it drawn from the seed: the hosts, their configuration, the weather, the faults. */

import { autoLease } from '../../src/config/vip-lease.ts';
import type { Ipv4, Millis, VrrpParameters } from '../../src/core/vrrp/parameters.ts';
import { handoverTime, masterDownInterval } from '../../src/core/vrrp/timers.ts';
import { CALM, type Weather } from './network.ts';
import { createPrng, type Prng } from './prng.ts';
import type { Pace } from './warm-probes.ts';

/** Something that befalls a host, or the network between two; `until` is when it is over. Times in ms from the start. */
export type Fault = { readonly at: Millis; readonly until: Millis } & (
  | {
      readonly kind:
        | 'crash'
        | 'pause'
        | 'link'
        | 'memcached'
        | 'restart'
        | 'script'
        | 'drain'
        | 'shutdown'
        | 'failing acts';
      readonly host: number;
    }
  | { readonly kind: 'lost address'; readonly host: number }
  | { readonly kind: 'partition'; readonly side: readonly number[] }
  | { readonly kind: 'one-way partition'; readonly from: number; readonly to: number }
  | { readonly kind: 'weather'; readonly weather: Weather }
);

export interface Scenario {
  readonly seed: number;
  /** True: a network without loss, cuts or delay worth the name, and acts that succeed. */
  readonly calm: boolean;
  readonly addresses: readonly Ipv4[];
  readonly params: readonly VrrpParameters[];
  /** Two hosts compare their copies of the cache this often; null: they do not. */
  readonly warm: (Pace & { readonly proxyPace: Millis }) | null;
  /** What a failing script takes off each host's priority. */
  readonly weights: readonly number[];
  readonly slowestAct: Millis;
  readonly starts: readonly Millis[];
  readonly faults: readonly Fault[];
  /** From here on nothing befalls anybody. */
  readonly healedAt: Millis;
  /** From here on there is one master. */
  readonly settledAt: Millis;
  readonly endsAt: Millis;
}

/** A fixed part of a scenario, for tests of the checkers. */
export interface Wish {
  readonly calm?: boolean;
  readonly preempt?: boolean;
  readonly version?: 2 | 3;
  readonly warm?: boolean;
}

export function drawScenario(seed: number, wish: Wish = {}): Scenario {
  const prng = createPrng(seed);
  const calm = wish.calm ?? prng.chance(0.5);
  const count = prng.chance(0.6) ? 2 : 3 + prng.below(3);
  const params = drawParams(prng, count, wish);
  const interval = params[0]!.advertisementInterval;
  const span = interval * (interval < 1000 ? 150 : 40);
  const warm = drawWarm(seed, count, interval, wish);
  const faults = [
    ...drawFaults(prng, calm, count, span, params[0]!),
    ...(warm === null ? [] : drawRestarts(seed, count, span)),
  ];
  const healedAt = faults.reduce((latest, { until }) => Math.max(latest, until), span) + 10;
  const longest = masterDownInterval(params[0]!, 1, interval);
  const { preemptDelay, vipLease } = params[0]!;
  // A listening time, a handover that nobody answers, an address left over, a preemption; and once more.
  // Both are asked again, a copy is filled and given its record, and that is read.
  const warmed = warm === null ? 0 : 4 * (warm.interval + warm.timeout) + 5 * warm.proxyPace;
  const settledAt =
    healedAt + warmed + 3 * longest + handoverTime(params[0]!) + preemptDelay + (vipLease ?? 0) + 400 + 100;
  return {
    seed,
    calm,
    addresses: addressesOf(count),
    params,
    warm,
    weights: params.map(() => prng.pick([0, 20, 60])),
    slowestAct: prng.pick([0.4, 3]),
    starts: params.map(() => (prng.chance(0.5) ? 0 : prng.between(0, 5 * interval))),
    faults,
    healedAt,
    settledAt,
    endsAt: settledAt + 2 * longest,
  };
}

/** A generator of its own: what else happens is the same with and without. */
const warmPrng = (seed: number): Prng => createPrng(seed ^ 0x3a97);

function drawWarm(seed: number, count: number, interval: Millis, wish: Wish): Scenario['warm'] {
  const prng = warmPrng(seed);
  if (count !== 2 || !(wish.warm ?? prng.chance(0.5))) return null;
  const every = prng.pick([interval, 1000]);
  return { interval: every, timeout: every / 2, proxyPace: prng.pick([0.3, 3, 12]) * interval };
}

function drawRestarts(seed: number, count: number, span: Millis): Fault[] {
  const prng = warmPrng(seed).fork();
  return Array.from({ length: prng.below(6) }, () => {
    const at = prng.between(0, span);
    return { kind: 'restart', host: prng.below(count), at, until: at };
  });
}

const addressesOf = (count: number): Ipv4[] => Array.from({ length: count }, (_, i) => `10.9.0.${i + 2}`);

function drawParams(prng: Prng, count: number, wish: Wish): VrrpParameters[] {
  const version = wish.version ?? prng.pick([2, 3] as const);
  const advertisementInterval =
    version === 2 ? prng.pick([1000, 1000, 1000, 2000]) : prng.pick([100, 100, 100, 500]);
  const addresses = addressesOf(count);
  const unicast = prng.chance(count === 2 ? 0.5 : 0.25);
  const preempt = wish.preempt ?? prng.chance(0.6);
  const preemptDelay = preempt ? prng.pick([0, 0, 0, 2 * advertisementInterval]) : 0;
  const equal = prng.chance(0.2);
  const owner = preempt && !equal && prng.chance(0.1) ? prng.below(count) : -1;
  const base = prng.pick([50, 100, 150, 254]);
  return addresses.map((own, i) => ({
    version,
    virtualRouterId: 51,
    priority: i === owner ? 255 : equal ? base : 1 + prng.below(254),
    advertisementInterval,
    preempt,
    preemptDelay,
    garpMasterDelay: prng.pick([0, 5000]),
    garpMasterRepeat: 5,
    garpMasterRefresh: 0,
    garpMasterRefreshRepeat: 1,
    garpLowerPrioDelay: 5_000,
    garpLowerPrioRepeat: 5,
    lowerPrioNoAdvert: false,
    higherPrioSendAdvert: true,
    downTimerAdverts: 3,
    addresses: ['10.9.0.100'],
    authPass: version === 2 && count === 2 ? Uint8Array.from([49, 49, 49, 49, 0, 0, 0, 0]) : null,
    unicastPeers: unicast ? addresses.filter((address) => address !== own) : [],
    vipLease: autoLease(advertisementInterval, 3, []),
  }));
}

const HOST_FAULTS = [
  'crash',
  'pause',
  'link',
  'memcached',
  'script',
  'drain',
  'shutdown',
  'lost address',
] as const;

function drawFaults(
  prng: Prng,
  calm: boolean,
  count: number,
  span: Millis,
  { advertisementInterval: interval }: VrrpParameters,
): Fault[] {
  return Array.from({ length: 1 + prng.below(8) }, () => {
    const at = prng.between(0, span);
    // Short ones fall between two advertisements, long ones outlast a Master_Down_Interval and a lease.
    const until = at + interval * (prng.chance(0.3) ? prng.between(0.1, 2) : prng.between(2, 20));
    const kinds = calm ? 1 : 3;
    switch (prng.below(kinds)) {
      case 1:
        return drawCut(prng, count, at, until);
      case 2:
        return prng.chance(0.3)
          ? { kind: 'failing acts', host: prng.below(count), at, until }
          : { kind: 'weather', weather: drawWeather(prng, interval), at, until };
      default: {
        const fault = { kind: prng.pick(HOST_FAULTS), host: prng.below(count), at, until };
        return fault;
      }
    }
  });
}

function drawCut(prng: Prng, count: number, at: Millis, until: Millis): Fault {
  if (prng.chance(0.5)) {
    const from = prng.below(count);
    return { kind: 'one-way partition', from, to: (from + 1 + prng.below(count - 1)) % count, at, until };
  }
  const cut = 1 + prng.below(count - 1);
  return { kind: 'partition', side: Array.from({ length: cut }, (_, i) => i), at, until };
}

function drawWeather(prng: Prng, interval: Millis): Weather {
  const maximumDelay = prng.pick([1, 0.2 * interval, 2 * interval]);
  return {
    ...CALM,
    loss: prng.pick([0, 0.1, 0.3, 0.7]),
    maximumDelay,
    duplication: prng.pick([0, 0.2]),
    corruption: prng.pick([0, 0.1]),
    reordering: prng.chance(0.5),
  };
}
