/**
 * What holds after any sequence of events with a clock that never goes back: who holds the addresses, what the hooks
 * are told, who speaks, and that no timer keeps firing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { INITIAL_STATE, step } from '../../../../src/core/vrrp/machine.ts';
import type { Millis, VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import {
  type Effect,
  type Event,
  type Readiness,
  type State,
  type Step,
  TAKEOVERS,
} from '../../../../src/core/vrrp/state.ts';
import { nextDeadline } from '../../../../src/core/vrrp/timers.ts';
import { advert, cold, fault, ready, router } from './table.ts';

/** What one host has done so far. `told` are the hooks that ran, `entered` the states that were entered. */
interface Host {
  readonly params: VrrpParameters;
  readonly readiness: Readiness;
  readonly state: State;
  readonly now: Millis;
  readonly addresses: boolean;
  readonly proxy: boolean;
  readonly told: readonly string[];
  readonly entered: readonly string[];
}

/** Carries out one effect on the model, which refuses what no host should be asked for. */
function perform(host: Host, effect: Effect): Host {
  switch (effect.type) {
    case 'addAddresses':
      return { ...host, addresses: true };
    case 'removeAddresses':
      expect(host.addresses, 'removes only what is held').toBe(true);
      return { ...host, addresses: false };
    case 'renewAddresses':
    case 'gratuitousArp':
      expect(host.addresses, `${effect.type} only while holding`).toBe(true);
      return host;
    case 'startProxy':
      expect(host.addresses, 'the proxy stands on the addresses').toBe(true);
      return { ...host, proxy: true };
    case 'stopProxy':
      return { ...host, proxy: false };
    case 'recheckProxy':
      expect(host.state.name, 'only a MASTER has a proxy with clients').toBe('MASTER');
      return host;
    case 'notify':
      return { ...host, told: [...host.told, effect.state] };
    case 'sendAdvertisement':
      return host;
  }
}

const handsOver = (state: State): boolean => 'handover' in state && state.handover !== null;

/** One event: the step, the effects, and everything that must hold whatever came before. */
function live(host: Host, event: Event, now: Millis): Host {
  const readiness = event.type === 'readiness' ? event.readiness : host.readiness;
  const before = host.state;
  const outcome = step(host.params, readiness, before, event, now);
  const { state } = outcome;
  const changed = state.name !== before.name;
  const entered = changed ? [...host.entered, state.name] : host.entered;
  const after = outcome.effects.reduce(perform, { ...host, readiness, state, now, entered });

  const holds = state.name === 'MASTER' || handsOver(state);
  expect(after.addresses, 'the addresses are held by a MASTER or during a handover, else not').toBe(holds);
  expect(after.proxy, 'the proxy runs as long as the addresses are held').toBe(holds);
  expect(outcome.reason !== undefined, 'a reason when the state changed, else none').toBe(changed);
  if (changed && state.name === 'MASTER') {
    expect(TAKEOVERS, 'a way to become MASTER that is known').toContainEqual([before.name, outcome.reason]);
  }
  const due = handsOver(state) ? entered.slice(0, -1) : entered;
  expect(after.told, 'each state is told once, in order; the last one after its handover').toEqual(due);
  expectRightState(before, state, event, readiness);
  expectRightWords(before, outcome, readiness);
  if (event.type === 'timer') {
    expect(nextDeadline(state) ?? Infinity, 'a timer that fired is over').toBeGreaterThan(now);
  }
  return after;
}

function expectRightState(before: State, state: State, event: Event, readiness: Readiness): void {
  if (event.type === 'shutdown' || before.name === 'STOP') expect(state.name).toBe('STOP');
  if (state.name === 'MASTER')
    expect(readiness, 'only a fit, wanted host').toMatchObject({ faults: [], candidate: true });
  if (state.name === 'BACKUP') expect(readiness.faults, 'an unfit host does not stand by').toEqual([]);
  if (state.name === 'FAULT') expect(readiness.faults, 'FAULT has a cause').not.toEqual([]);
  if (state.name === 'INIT') expect(readiness.decided, 'INIT ends with the decision').toBe(false);
}

function expectRightWords(before: State, { state, effects }: Step, readiness: Readiness): void {
  for (const effect of effects) {
    if (effect.type !== 'sendAdvertisement' || effect.priority === 0) continue;
    expect([before.name, state.name], 'only a MASTER speaks, the last time when it yields').toContain(
      'MASTER',
    );
    expect(effect.priority, 'with its effective priority').toBe(readiness.priority);
  }
}

/** A happening in the life of a host: an event after a while, or waiting for the deadline, a little late. */
type Happening = { readonly after: Millis; readonly event: Event } | { readonly deadlinePlus: Millis };

function happen(host: Host, happening: Happening): Host {
  if ('event' in happening) {
    return live(host, happening.event, host.now + happening.after);
  }
  const deadline = nextDeadline(host.state);
  if (deadline === null) return host;
  return live(host, { type: 'timer' }, Math.max(host.now, deadline + happening.deadlinePlus));
}

const born = (params: VrrpParameters): Host => ({
  params,
  readiness: ready({ decided: false, priority: params.priority }),
  state: INITIAL_STATE,
  now: 1_000_000.25,
  addresses: false,
  proxy: false,
  told: [],
  entered: [],
});

const anyParameters: fc.Arbitrary<VrrpParameters> = fc
  .record({
    version: fc.constantFrom(2 as const, 3 as const),
    priority: fc.constantFrom(1, 100, 128, 254, 255),
    seconds: fc.constantFrom(1, 2, 10),
    centiseconds: fc.constantFrom(1, 10, 25, 4095),
    preempt: fc.boolean(),
    preemptDelay: fc.constantFrom(0, 2500, 60_000),
    garpMasterDelay: fc.constantFrom(0, 5000),
    garpMasterRefresh: fc.constantFrom(0, 1000),
    unicastPeers: fc.constantFrom([], ['10.9.0.2'], ['10.9.0.2', '10.9.0.4']),
    vipLease: fc.constantFrom(null, 1000, 2000, 60_000),
  })
  .map(({ seconds, centiseconds, ...rest }) =>
    router({ ...rest, advertisementInterval: rest.version === 2 ? seconds * 1000 : centiseconds * 10 }),
  );

const aWhile = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0, max: 2000, noNaN: true }),
  fc.nat(20_000),
  fc.nat(1_000_000),
);

const anyFaults = fc.subarray(['interface', 'address', 'memcached', 'script', 'proxy'] as const, {
  maxLength: 2,
});

/** A host that is decided: it does not become undecided again. */
const anyReadiness = (priority: number): fc.Arbitrary<Readiness> =>
  fc.record({
    decided: fc.constant(true),
    priority: priority === 255 ? fc.constant(255) : fc.constantFrom(priority, 1, 100, 254),
    faults: fc.oneof(
      fc.constant([]),
      anyFaults.map((kinds) => kinds.map(fault)),
    ),
    cold: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.constant([{ kind: 'memcached', name: 'x', detail: 'cold' } as const]),
    ),
    candidate: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
    localAddress: fc.constantFrom('10.9.0.3', null),
  });

const anyAdvertisement = fc
  .record({
    source: fc.constantFrom('10.9.0.2', '10.9.0.3', '10.9.0.4'),
    priority: fc.constantFrom(0, 0, 1, 99, 100, 128, 254, 255),
    advertisementInterval: fc.constantFrom(10, 1000, 40_950),
  })
  .map(({ priority, ...changes }) => advert(priority, changes));

function anyHappening({ priority }: VrrpParameters): fc.Arbitrary<Happening> {
  const at = (event: fc.Arbitrary<Event>) => fc.record({ after: aWhile, event });
  const readiness = anyReadiness(priority).map((readiness): Event => ({ type: 'readiness', readiness }));
  const heard = anyAdvertisement.map((advertisement): Event => ({ type: 'advertisement', advertisement }));
  return fc.oneof(
    { weight: 4, arbitrary: at(readiness) },
    { weight: 4, arbitrary: at(heard) },
    { weight: 2, arbitrary: at(fc.constant<Event>({ type: 'timer' })) },
    { weight: 2, arbitrary: at(fc.constant<Event>({ type: 'claim' })) },
    { weight: 6, arbitrary: fc.record({ deadlinePlus: fc.constantFrom(0, 0, 0.5, 20, 5000) }) },
    { weight: 1, arbitrary: at(fc.constantFrom<Event>({ type: 'timer' }, { type: 'shutdown' })) },
  );
}

const anyLife = anyParameters.chain((params) =>
  fc.record({
    params: fc.constant(params),
    happenings: fc.array(anyHappening(params), { maxLength: 60, size: 'max' }),
  }),
);

/** Deadlines are sums of fractions: a difference of two is exact to far less than this, in ms. */
const ROUNDING = 0.001;

/** Follows the deadlines in silence, on time, until there is none or `done`; fails when it takes too many. */
function wait(host: Host, done: (host: Host) => boolean, atMost: number): Host {
  let waiting = host;
  for (let i = 0; i <= atMost; i++) {
    const deadline = nextDeadline(waiting.state);
    if (done(waiting) || deadline === null) return waiting;
    waiting = live(waiting, { type: 'timer' }, Math.max(waiting.now, deadline));
  }
  throw new Error(`not done after ${atMost} timers: ${JSON.stringify(waiting.state)}`);
}

describe('after any sequence of events', { timeout: 30_000 }, () => {
  test('addresses, proxy, hooks, words and timers are right at every step', () => {
    fc.assert(
      fc.property(anyLife, ({ params, happenings }) => {
        happenings.reduce(happen, born(params));
      }),
      { numRuns: 600 },
    );
  });

  test('a shutdown lets go of everything within 3 × advert_int + 1 s, and tells the hook last', () => {
    fc.assert(
      fc.property(anyLife, ({ params, happenings }) => {
        const host = happenings.reduce(happen, born(params));
        const stopping = live(host, { type: 'shutdown' }, host.now);
        const end = wait(stopping, () => false, 1000);
        expect(end).toMatchObject({
          addresses: false,
          proxy: false,
          state: { name: 'STOP', handover: null },
        });
        expect(end.told.at(-1)).toBe('STOP');
        expect(end.now - stopping.now).toBeLessThan(3 * params.advertisementInterval + 1000 + ROUNDING);
      }),
      { numRuns: 300 },
    );
  });

  test('a fit, wanted host that hears nobody is MASTER within one Master_Down_Interval, cold or not', () => {
    fc.assert(
      fc.property(anyLife, fc.boolean(), ({ params, happenings }, isCold) => {
        const host = happenings.reduce(happen, born(params));
        if (host.state.name === 'STOP') return;
        const readiness = isCold ? cold() : ready({ priority: params.priority });
        const fit = live(host, { type: 'readiness', readiness }, host.now);
        const end = wait(fit, ({ state }) => state.name === 'MASTER', 1000);
        expect(end.state.name).toBe('MASTER');
        // The longest interval that a v3 master can have made it wait for is 40.95 s, v2 has its own.
        const interval = Math.max(params.advertisementInterval, params.version === 3 ? 40_950 : 0);
        const skew = Math.max(interval, 1000);
        expect(end.now - fit.now).toBeLessThan(3 * interval + skew + ROUNDING);
      }),
      { numRuns: 300 },
    );
  });

  test('an unfit host lets go within 3 × advert_int + 1 s and never speaks again', () => {
    fc.assert(
      fc.property(anyLife, ({ params, happenings }) => {
        const host = happenings.reduce(happen, born(params));
        const unfit = ready({ faults: [fault('memcached')], priority: params.priority });
        const lost = live(host, { type: 'readiness', readiness: unfit }, host.now);
        const end = wait(lost, () => false, 1000);
        expect(end.addresses).toBe(false);
        expect(end.now - lost.now).toBeLessThan(3 * params.advertisementInterval + 1000 + ROUNDING);
      }),
      { numRuns: 300 },
    );
  });

  test('the step is pure: neither state nor event is changed, and the same gives the same', () => {
    fc.assert(
      fc.property(anyLife, ({ params, happenings }) => {
        const host = deepFreeze(happenings.reduce(happen, born(params)));
        for (const event of [{ type: 'timer' }, { type: 'shutdown' }] as const) {
          const once = step(host.params, host.readiness, host.state, event, host.now + 700);
          expect(step(host.params, host.readiness, host.state, event, host.now + 700)).toEqual(once);
        }
      }),
      { numRuns: 100 },
    );
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
