/** Lets the faults of a scenario begin and end. */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import type { VirtualAddress } from './address.ts';
import type { Copies } from './copies.ts';
import { type Host, otherHost } from './history.ts';
import type { Links, Place } from './links.ts';
import type { Reach } from './reach.ts';
import type { Fault, Scenario } from './scenario.ts';

export interface FaultWorld {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly scenario: Scenario;
  readonly links: Links;
  readonly reach: Reach;
  readonly copies: Copies;
  readonly address: VirtualAddress;
  readonly trace: ((who: string, what: string) => void) | null;
}

/** Packets that take longer than this may look like a copy that does not answer. */
const HARMLESS_LATENCY_MS = 100;
/** When the other host takes an address that it hears nothing of any more, and when one of two lets go again. */
const TAKEOVER_MS = [100, 1500] as const;
const AGREEMENT_MS = [5, 400] as const;
/** Where the address is after a proxy died: at times it stays. */
const MOVES_WITH_PROXY = 0.5;

type Way = readonly [Place, Place];

const CUT_WAYS: Record<Extract<Fault, { kind: 'cut' }>['ways'], readonly Way[]> = {
  both: [
    ['A', 'B'],
    ['B', 'A'],
  ],
  'A to B': [['A', 'B']],
  'B to A': [['B', 'A']],
};

/** Begins `fault` now; answers what ends it. */
export function begin(world: FaultWorld, fault: Fault): () => void {
  const { links, copies, address, scenario, trace } = world;
  const { host: _host, at: _at, until: _until, ...rest } = { host: '', ...fault };
  trace?.('fault', `${JSON.stringify(rest)}${'host' in fault ? ` ${fault.host}` : ''} begins`);
  switch (fault.kind) {
    case 'kill memcached':
      copies.kill(fault.host, false);
      return () => copies.revive(fault.host);
    case 'stop memcached':
      copies.stop(fault.host);
      return () => copies.resume(fault.host);
    case 'stop proxy':
      address.stopProxy(fault.host);
      return () => address.resumeProxy(fault.host);
    case 'kill proxy':
      return killProxy(world, fault.host);
    case 'power':
      return powerOff(world, fault.host);
    case 'move':
      address.move(fault.overlap);
      return () => {};
    case 'slow': {
      links.setWeather({ minimum: fault.maximum / 2, maximum: fault.maximum });
      const harmful = fault.maximum > HARMLESS_LATENCY_MS;
      if (harmful) separate(world);
      return () => {
        links.setWeather(null);
        if (harmful) unite(world);
      };
    }
    case 'cut': {
      const ways = CUT_WAYS[fault.ways];
      for (const [from, to] of ways) links.cut(from, to);
      separate(world);
      const undo = fault.bothHaveIt && scenario.proxies !== 'one' ? splitAddress(world) : () => {};
      return () => {
        undo();
        for (const [from, to] of ways) links.mend(from, to);
        unite(world);
      };
    }
    default:
      return fault satisfies never;
  }
}

function separate({ reach, scheduler }: FaultWorld): void {
  reach.block('A', 'B', scheduler.now);
  reach.block('B', 'A', scheduler.now);
}

function unite({ reach, scheduler }: FaultWorld): void {
  reach.unblock('A', 'B', scheduler.now);
  reach.unblock('B', 'A', scheduler.now);
}

function killProxy({ address, scenario, prng }: FaultWorld, host: Host): () => void {
  if (scenario.proxies === 'one') return () => {};
  address.killProxy(host, false);
  if (address.holders.includes(host) && prng.chance(MOVES_WITH_PROXY)) address.move(false);
  return () => address.reviveProxy(host);
}

function powerOff(
  { address, scenario, prng, copies, links, scheduler, reach }: FaultWorld,
  host: Host,
): () => void {
  if (scenario.proxies === 'one') return () => {};
  const other = otherHost(host);
  const ways: readonly Way[] = [
    [host, other],
    [other, host],
    [host, 'clients'],
    ['clients', host],
  ];
  for (const [from, to] of ways) links.cut(from, to);
  copies.kill(host, true);
  address.killProxy(host, true);
  const now = scheduler.now;
  reach.block(other, host, now);
  scheduler.at(now + prng.between(...TAKEOVER_MS), () => {
    if (!address.holders.includes(host)) return;
    address.give(other);
    address.takeAway(host);
  });
  return () => {
    for (const [from, to] of ways) links.mend(from, to);
    reach.unblock(other, host, scheduler.now);
    copies.revive(host);
    address.reviveProxy(host);
  };
}

/** The other host takes the address too; when they hear each other again, one of them lets go. */
function splitAddress({ address, scheduler, prng, scenario }: FaultWorld): () => void {
  let over = false;
  const [holder] = address.holders;
  scheduler.at(scheduler.now + prng.between(...TAKEOVER_MS), () => {
    if (!over && holder !== undefined) address.give(otherHost(holder));
  });
  return () => {
    over = true;
    const agreement = scenario.rivals ? prng.between(...AGREEMENT_MS) : 0;
    scheduler.at(scheduler.now + agreement, () => {
      if (address.holders.length > 1) address.takeAway(prng.pick(address.holders));
    });
  };
}
