/** Plays one scenario on one pair of programs, and tells what came of it in words that can be compared. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../src/lab/await.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import {
  createMixedPair,
  type Member,
  type MixedPair,
  type Probe,
  type Role,
  type Setting,
} from './mixed-pair.ts';
import type { NodeState, Program } from './vrrp-node.ts';

/** The times of RFC 3768 §6.1 and RFC 9568 §6.1 in a setting, in ms. */
export interface Times {
  readonly interval: number;
  skew(priority: number): number;
  masterDown(priority: number): number;
}

/** How the hosts stand when all is quiet; `holders` are the hosts that have the address: `a`, `b`, `ab` or nobody. */
export interface Standing {
  readonly a: NodeState;
  readonly b: NodeState;
  readonly holders: string;
}

export interface Phase {
  readonly what: string;
  /** Makes it happen; returns since when the time counts, in ms on CLOCK_MONOTONIC. */
  readonly act: (pair: MixedPair) => Promise<number>;
  /** What RFC 3768 and keepalived's keywords say of it. */
  readonly stands: Standing;
  /** The last change of state comes at most so many ms later. */
  readonly within: (times: Times) => number;
  /** And not sooner than this; default at once. */
  readonly notBefore?: (times: Times) => number;
  /** It must still be so after so many ms; the default is enough for a stray advert to be answered. */
  readonly lasts?: (times: Times) => number;
  /** A departure from keepalived on purpose: the sequence of a pair with memcache-ha on this host. */
  readonly departure?: { readonly on: 'a' | 'b'; readonly sequence: string };
}

export interface Scenario {
  readonly name: string;
  readonly roles: Readonly<Record<'a' | 'b', Role>>;
  readonly probe?: Probe;
  readonly phases: readonly Phase[];
}

/** What came of one phase. */
export interface Outcome {
  readonly what: string;
  /** Each host's states in their order, and the holders at the end: `a BACKUP MASTER, b -, holders a`. */
  readonly sequence: string;
  /** Until the last change of state, in ms; 0 when there was none. */
  readonly took: number;
  readonly bound: number;
  readonly notBefore: number;
  /** How long nobody and how long both had the address, in ms. */
  readonly unheld: number;
  readonly doubled: number;
}

export interface Played {
  readonly outcomes: readonly Outcome[];
  /** What both programs said. */
  readonly log: string;
}

/** Beyond the protocol's own times. Measured is a tenth of it; the machine may be busy. */
const MARGIN = 1000;

export function timesOf({ version, interval }: Setting): Times {
  const advert = interval * 1000;
  const skew = (priority: number) => ((256 - priority) * (version === 2 ? 1000 : advert)) / 256;
  return { interval: advert, skew, masterDown: (priority) => 3 * advert + skew(priority) };
}

/** Goes through all phases, whatever comes of them. */
export async function play(
  setting: Setting,
  scenario: Scenario,
  programs: Readonly<Record<'a' | 'b', Program>>,
): Promise<Played> {
  const { roles, probe } = scenario;
  const pair = await createMixedPair({ setting, roles, probe, programs });
  try {
    const outcomes: Outcome[] = [];
    for (const phase of scenario.phases) outcomes.push(await playPhase(pair, phase, timesOf(setting)));
    return { outcomes, log: `${pair.a.node.log()}\n${pair.b.node.log()}` };
  } finally {
    await pair.destroy();
  }
}

async function playPhase(pair: MixedPair, phase: Phase, times: Times): Promise<Outcome> {
  const { a, b } = pair;
  const bound = phase.within(times) + MARGIN;
  const begun = monotonicNow();
  const since = await phase.act(pair);
  const stands = () =>
    a.node.state() === phase.stands.a &&
    b.node.state() === phase.stands.b &&
    holders(pair) === phase.stands.holders;
  // What never comes is told by the sequence, which is compared.
  await until('the phase is over', stands, { timeout: bound + MARGIN, every: 5 }).catch(() => {});
  await sleep(phase.lasts?.(times) ?? times.interval * 1.5);
  const end = monotonicNow();
  const last = [a, b]
    .flatMap((member) => changes(member, begun, end))
    .filter(({ state }) => state !== 'STOP');
  const { unheld, doubled } = exposure(pair, since, end);
  return {
    what: phase.what,
    sequence: `a ${told(a, begun, end)}, b ${told(b, begun, end)}, holders ${holders(pair)}`,
    took: Math.max(0, ...last.map(({ t }) => t - since)),
    bound,
    notBefore: phase.notBefore?.(times) ?? 0,
    unheld,
    doubled,
  };
}

function holders({ a, b }: MixedPair): string {
  return `${a.holding.now() ? 'a' : ''}${b.holding.now() ? 'b' : ''}`;
}

const changes = ({ node }: Member, from: number, to: number) =>
  node.states.filter(({ t }) => t >= from && t < to);

function told(member: Member, from: number, to: number): string {
  return (
    changes(member, from, to)
      .map(({ state }) => state)
      .join(' ') || '-'
  );
}

/** Walks through the comings and goings of the address. */
function exposure({ a, b }: MixedPair, from: number, to: number): { unheld: number; doubled: number } {
  const marks = [...a.holding.changes, ...b.holding.changes]
    .map(({ t }) => t)
    .filter((t) => t > from && t < to);
  const cuts = [from, ...marks.sort((x, y) => x - y), to];
  let [unheld, doubled] = [0, 0];
  for (const [index, start] of cuts.slice(0, -1).entries()) {
    const length = cuts[index + 1]! - start;
    const count = [a, b].filter(({ holding }) => heldAt(holding.changes, start)).length;
    if (count === 0) unheld += length;
    if (count === 2) doubled += length;
  }
  return { unheld, doubled };
}

function heldAt(changesOf: Member['holding']['changes'], t: number): boolean {
  return changesOf.filter((change) => change.t <= t).at(-1)?.held ?? false;
}
