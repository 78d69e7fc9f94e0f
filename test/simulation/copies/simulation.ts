/**
 * One run: builds the two hosts of a scenario, lets its clients ask and its faults happen, then, when all is healed, reads
 * everything through each proxy that may serve, and has the checkers judge what was written down.
 */
import { createPrng, type Prng } from '../prng.ts';
import { Violation } from '../violation.ts';
import { createScheduler } from '../virtual-clock.ts';
import { createVirtualAddress, type VirtualAddress } from './address.ts';
import { checkCarried } from './checkers/carried.ts';
import { type Evidence, gatherEvidence } from './checkers/evidence.ts';
import { checkExpired } from './checkers/expired.ts';
import { checkEqual, checkLost } from './checkers/lost.ts';
import { checkStale } from './checkers/stale.ts';
import { type ClientWorld, createClient } from './client.ts';
import { type Copies, createCopies } from './copies.ts';
import type { Defect } from './defects.ts';
import { EXPECTATIONS, type Expectations } from './expectations.ts';
import { begin } from './faults.ts';
import { createHistory, HOSTS } from './history.ts';
import { createLinks } from './links.ts';
import { createNetwork } from './network.ts';
import { createProxyHost } from './proxy.ts';
import { createReach } from './reach.ts';
import { ALL_KEYS, type Draft, drawRequest, get, plain } from './requests.ts';
import type { Scenario } from './scenario.ts';
import { withVirtualTime } from './virtual-globals.ts';

/** A monotonic clock's origin is anywhere; fractions are the rule. */
const ORIGIN = 1_000_000.25;
const PROXY_START_MS = 5;
const CLIENT_START_MS = 30;
/** Requests that a client sends at once, at times. */
const MAX_PIPELINE = 6;
const PIPELINE_CHANCE = 0.25;
/** Clients at times ask faster than usual. */
const HURRY_CHANCE = 0.02;
const STAYS_HURRIED = 0.9;
const HURRY_MS = 5;
const IMPATIENCE = 0.01;
/** Every so often answers get lost, in a run that is to show that this is noticed. */
const DEAFNESS = 0.01;
/** Between two readings of everything, with a move of the address in between. */
const SWEEP_MS = 800;
/** How long a refill of so little may take. */
const REFILL_MS = 2500;

export interface RunOptions {
  readonly expectations?: Expectations;
  readonly defect?: Defect | null;
  /** Whether the trace is kept. */
  readonly traced?: boolean;
}

export interface Outcome {
  /** Null: everything held. */
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  readonly operations: number;
  /** Requests that were answered as done. */
  readonly done: number;
  /** How often a proxy put a copy out. */
  readonly outs: number;
}

/** Runs a scenario to its end. Call it at top level (virtual-globals.ts). */
export function simulate(scenario: Scenario, options: RunOptions = {}): Outcome {
  const { expectations = EXPECTATIONS, defect = null, traced = false } = options;
  const scheduler = createScheduler(ORIGIN);
  const prng = createPrng(scenario.seed ^ 0xc0b1e5);
  const lines: string[] = [];
  const trace = traced
    ? (who: string, what: string): void => {
        lines.push(`${(scheduler.now - ORIGIN).toFixed(2).padStart(9)} ${who.padEnd(9)} ${what}`);
      }
    : null;
  const history = createHistory();
  const reach = createReach();
  const links = createLinks(prng.fork());
  const network = createNetwork(scheduler, prng.fork(), links);
  const copies = createCopies(
    { scheduler, network, history, reach, trace },
    prng.fork(),
    scenario.capacity,
    defect,
  );
  let outs = 0;
  const proxyOf = (host: 'A' | 'B') =>
    createProxyHost(scheduler, prng.fork(), network, host, (message) => {
      if (message.includes(' is out: ')) outs++;
      trace?.(`proxy ${host}`, message);
    });
  const proxies = { A: proxyOf('A'), B: proxyOf('B') };
  const address = createVirtualAddress(scheduler, prng.fork(), scenario, proxies, reach, trace);
  const world: ClientWorld = {
    scheduler,
    network,
    history,
    reach,
    holderFor: (client) => address.holderFor(client),
    trace,
    connections: 0,
  };
  const at = (time: number, action: () => void): void => {
    scheduler.at(ORIGIN + time, action);
  };

  at(0, () => copies.startAll());
  at(PROXY_START_MS, () => address.start());
  at(CLIENT_START_MS, () => startClients(world, address, scenario, prng.fork(), expectations, defect));
  const faultWorld = { scheduler, prng: prng.fork(), scenario, links, reach, copies, address, trace };
  for (const fault of scenario.faults) {
    at(fault.at, () => {
      const end = begin(faultWorld, fault);
      at(Math.max(fault.until, fault.at + 0.001), () => {
        trace?.('fault', `${fault.kind} ends`);
        end();
      });
    });
  }
  const evidence = (): Evidence => gatherEvidence(history, reach);
  const endsAt = planAftermath(world, { at, address, copies, evidence }, scenario, expectations, prng.fork());

  const violation = attempt(() => withVirtualTime(scheduler, () => scheduler.run(ORIGIN + endsAt, () => {})));
  // That the copies are unequal in the end says less than what clients were told because of it.
  const isLesser = violation === null || violation.checker === 'unequal';
  const judged = isLesser ? attempt(() => judge(evidence(), scenario, expectations)) : null;
  const done = history.operations.filter(({ outcome }) => outcome === 'done').length;
  return { violation: judged ?? violation, trace: lines, operations: history.operations.length, done, outs };
}

/** What `action` found violated, or null. */
function attempt(action: () => void): Violation | null {
  try {
    action();
    return null;
  } catch (error) {
    if (error instanceof Violation) return error;
    return new Violation('crash', (error as Error).stack ?? String(error));
  }
}

function startClients(
  world: ClientWorld,
  address: VirtualAddress,
  scenario: Scenario,
  prng: Prng,
  expectations: Expectations,
  defect: Defect | null,
): void {
  const { scheduler } = world;
  const allowed = { ...expectations, delayedFlush: scenario.delayedFlush };
  for (let number = 0; number < scenario.clients; number++) {
    const own = prng.fork();
    let hurries = false;
    const client = createClient(world, {
      number,
      prng: own,
      impatience: IMPATIENCE,
      think: () => {
        hurries = own.chance(hurries ? STAYS_HURRIED : HURRY_CHANCE);
        return own.between(0, 2 * (hurries ? HURRY_MS : scenario.think));
      },
      draw: (nextId, cas) => {
        if (scheduler.now > ORIGIN + scenario.quietAt) return null;
        const count = own.chance(PIPELINE_CHANCE) ? 2 + own.below(MAX_PIPELINE - 1) : 1;
        const drafts = Array.from({ length: count }, (_, index) =>
          drawRequest(own, nextId + index, cas, allowed),
        );
        // Nobody would know when a request without an answer was carried out.
        if (drafts[count - 1]!.shape === 'none') drafts.push(plain('other', '', 'mn\r\n', 'line'));
        return drafts;
      },
      ...(defect === 'swallows answers' ? { deaf: () => own.chance(DEAFNESS) } : {}),
    });
    address.clients.push(client);
    client.start();
  }
}

interface Aftermath {
  readonly at: (time: number, action: () => void) => void;
  readonly address: VirtualAddress;
  readonly copies: Copies;
  readonly evidence: () => Evidence;
}

/** What is read when all is quiet; answers when that is over, ms from the start. */
function planAftermath(
  world: ClientWorld,
  { at, address, copies, evidence }: Aftermath,
  scenario: Scenario,
  expectations: Expectations,
  prng: Prng,
): number {
  let time = scenario.quietAt + SWEEP_MS;
  const sweep = (): void => {
    at(time, () => readEverything(world, address, prng.fork()));
    time += SWEEP_MS;
  };
  const move = (): void => at(time - SWEEP_MS / 2, () => address.move(prng.chance(0.5)));
  sweep();
  if (expectations.generations) {
    for (let turn = 0; turn < 2; turn++) {
      move();
      sweep();
    }
  }
  if (expectations.refill && scenario.capacity === Number.POSITIVE_INFINITY) {
    time += REFILL_MS;
    at(time, () => checkEqual(evidence(), [copies.store('A')!, copies.store('B')!]));
    for (const host of prng.chance(0.5) ? HOSTS : [...HOSTS].reverse()) {
      at(time, () => copies.kill(host, false));
      time += SWEEP_MS;
      sweep();
      at(time, () => copies.revive(host));
      time += REFILL_MS;
      at(time, () => checkEqual(evidence(), [copies.store('A')!, copies.store('B')!]));
    }
  }
  return time + SWEEP_MS;
}

/** One client reads every key, once. */
function readEverything(world: ClientWorld, address: VirtualAddress, prng: Prng): void {
  const batches: Draft[][] = [];
  for (let index = 0; index < ALL_KEYS.length; index += 4) {
    const keys = ALL_KEYS.slice(index, index + 4);
    batches.push(prng.chance(0.5) ? [get(prng, keys)] : keys.map((key) => get(prng, [key])));
  }
  const client = createClient(world, {
    number: address.clients.length,
    prng,
    impatience: 0,
    think: () => 1,
    draw: () => batches.shift() ?? null,
  });
  address.clients.push(client);
  client.start();
}

function judge(evidence: Evidence, scenario: Scenario, expectations: Expectations): void {
  checkStale(evidence);
  checkExpired(evidence);
  if (scenario.capacity !== Number.POSITIVE_INFINITY) return;
  checkCarried(evidence);
  if (expectations.refill) checkLost(evidence, ORIGIN + scenario.quietAt);
}
