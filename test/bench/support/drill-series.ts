/** Random drills on one pair, one after the other: does each, waits until the pair is well again, and judges. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import { type Config, createPair, type Pair, PROXY } from '../../netns/support/pair.ts';
import { createPrng } from '../../simulation/prng.ts';
import { type DrillHost, drillHost } from './drill-host.ts';
import { describePlan, FAULTS, type Plan, promised, type Variant } from './drill-plan.ts';
import { type Lapse, type Register, startRegister } from './register.ts';
import type { Stalls } from './stalls.ts';
import { peerOf, tunedPair } from './tuned-pair.ts';

/** What came of a drill. Times are ms. */
export interface Outcome {
  readonly plan: Plan;
  /** The client's longest time without an answer, from the first fault until all was well again. */
  readonly gap: number;
  readonly failures: number;
  /** From the end of the mending until the pair was well, and stayed so. */
  readonly healed: number;
  /** Two hosts with the address at the same time, in sum. */
  readonly twoHolders: number;
  readonly lapses: readonly string[];
  /** What the client asked before each of the first few, and was told; times as in the lapse. */
  readonly histories: readonly (readonly string[])[];
  /** Faults that could not be done, e.g. no proxy to kill on a host whose power is off. */
  readonly skipped: readonly string[];
  /** The worst delay of this process's own timers. */
  readonly stall: number;
  /** What was promised and not kept; empty: all is well. */
  readonly broken: readonly string[];
  /** Late, but so was everything on this machine. */
  readonly excused: readonly string[];
}

/** ms: wide, because the machine may be busy; what is usual stands in the summary. */
const HEAL_BOUND = 10_000;
const SERVICE_BOUND = 3000;
/** A lease of a second, 0.4 s for the kernel, and as much again for a busy machine. */
const LEASE_BOUND = 1000 + 400 + 800;
/** When the machine kept this process from running for so long, or a daemon overslept that nobody had stopped, times say nothing. */
const STALL_BOUND = 250;
/** Round a cut, in ms: `ip` and the machine take their time to carry it out. */
const LAST_WORDS = 150;
/** Lapses whose history is kept: a copy that is lost has as many as keys. */
const MOST_HISTORIES = 5;
/** How long the pair must be well at a stretch. */
const STEADY = 250;

export interface Series {
  run(plan: Plan): Promise<Outcome>;
  destroy(): Promise<void>;
}

const VARIANT_KEYS: Readonly<Record<Variant, Config>> = {
  preempt: {},
  nopreempt: { state: 'BACKUP', nopreempt: true },
  warm: { track_memcached: [{ name: 'local', warm: true }] },
};

/** @param keep where the logs of a drill that failed are written */
export async function startSeries(variant: Variant, keep: string, stalls: Stalls): Promise<Series> {
  const pair = await createPair({
    config: (host) =>
      tunedPair(host, {
        instance: VARIANT_KEYS[variant],
        sections: {
          memcached: {
            local: {
              address: `${host.address}:11211`,
              ...(variant === 'warm' ? { peer: `${peerOf(host)}:11211` } : {}),
              ...{ interval: 0.1, timeout: 0.1, fall: 2, rise: 1 },
            },
          },
        },
      }),
  });
  try {
    const a = await drillHost(pair.a, pair.lab);
    await pair.a.daemon.waitState('MASTER');
    const b = await drillHost(pair.b, pair.lab);
    const client = await startRegister(pair.lab.client, PROXY);
    const drill = { pair, hosts: { a, b }, client, preempts: variant !== 'nopreempt', keep, stalls };
    await wellAgain(drill, 0);
    return { run: (plan) => run(drill, plan), destroy: pair.destroy };
  } catch (error) {
    await pair.destroy();
    throw error;
  }
}

interface Drill {
  readonly pair: Pair;
  readonly hosts: Readonly<Record<'a' | 'b', DrillHost>>;
  readonly client: Register;
  readonly preempts: boolean;
  readonly keep: string;
  readonly stalls: Stalls;
}

async function run(drill: Drill, plan: Plan): Promise<Outcome> {
  const { hosts, client } = drill;
  const broken: string[] = [];
  const late: string[] = [];
  const skipped: string[] = [];
  const owed = promised(plan);
  const { state } = await hosts.a.member.daemon.instance();
  const [master, backup] = state === 'MASTER' ? [hosts.a, hosts.b] : [hosts.b, hosts.a];
  const begun = monotonicNow();
  await Promise.all(
    plan.steps.map(async ({ fault, at, after }) => {
      await sleep(after);
      const [one, other] = at === 'master' ? [master, backup] : [backup, master];
      const said = await one.hurt(fault, other);
      if (said !== null) skipped.push(`${fault} at ${at}: ${said}`);
    }),
  );
  await sleep(plan.hold);
  if (owed.service && !(await answers(client, begun))) {
    late.push(`no answer within ${SERVICE_BOUND} ms, though one host could serve`);
  }
  const prng = createPrng(plan.mendSeed);
  let healed = Number.POSITIVE_INFINITY;
  const mending = monotonicNow();
  try {
    for (const host of prng.chance(0.5) ? [master, backup] : [backup, master]) await host.mend(prng);
    const mended = monotonicNow();
    const well = await wellAgain(drill, mended);
    healed = well - mended;
  } catch (error) {
    broken.push(`not well after ${Math.round(monotonicNow() - mending)} ms: ${(error as Error).message}`);
  }
  const standing = await client.settled(begun);
  const twoHolders = heldTwice(hosts.a.holding, hosts.b.holding, begun);
  const told = ({ kind, what, t }: Lapse) => `${Math.round(t - begun)} ms ${kind} ${what}`;
  const lapses = standing.lapses.map(told);
  const since = (t: number) => `${Math.round(t - begun)} ms`;
  const histories = standing.lapses.slice(0, MOST_HISTORIES).map(({ storedAt, history }) => [
    `stored at ${since(storedAt)}`,
    ...history.map(({ sent, ended, request, answer, port }) => {
      const said = answer === null ? 'no answer' : JSON.stringify(answer);
      return `${since(sent)} to ${since(ended)}, port ${port}: ${JSON.stringify(request)} ${said}`;
    }),
  ]);
  // One copy answers and the other one follows: what was stored as the link went may be on its way for good.
  const cut = plan.steps
    .filter(({ fault }) => FAULTS[fault].hurt === 'host')
    .map(({ after }) => begun + after);
  const judged = standing.lapses.filter(
    ({ storedAt }) => !cut.some((at) => storedAt > at - LAST_WORDS && storedAt < at + LAST_WORDS),
  );
  if (owed.data && judged.length > 0) broken.push(`${judged.length} lapses, the first: ${told(judged[0]!)}`);
  if (owed.oneHolder && twoHolders > LEASE_BOUND) late.push(`two holders for ${Math.round(twoHolders)} ms`);
  const stall = drill.stalls.worst(begun);
  const excuse = stall > STALL_BOUND || overslept(drill, plan, begun);
  if (!excuse) broken.push(...late);
  const outcome: Outcome = {
    plan,
    gap: standing.longestGap,
    failures: standing.failures,
    healed,
    twoHolders,
    lapses,
    histories,
    skipped,
    stall,
    broken,
    excused: excuse ? late : [],
  };
  if (broken.length > 0 || late.length > 0) await keepLogs(drill, outcome, begun);
  return outcome;
}

/** A MASTER that was not stopped by a drill and yet did not run for its own Master_Down_Interval. */
function overslept({ hosts }: Drill, { steps }: Plan, begun: number): boolean {
  if (steps.some(({ fault }) => fault === 'daemon stopped and continued')) return false;
  return Object.values(hosts).some(({ daemons }) =>
    daemons.some((daemon) => daemon.log().some(({ t, msg }) => t >= begun && msg.includes('overslept'))),
  );
}

/** An answer that is fresh: the client is not between two of them for longer than usual. */
async function answers(client: Register, begun: number): Promise<boolean> {
  const deadline = monotonicNow() + SERVICE_BOUND;
  for (;;) {
    const { openGap } = await client.standing(begun);
    if (openGap < 50) return true;
    if (monotonicNow() > deadline) return false;
    await sleep(20);
  }
}

/** Since when the pair has been well, for `STEADY` ms at least; @throws Error with what is not, when that never comes */
async function wellAgain(drill: Drill, after: number): Promise<number> {
  const deadline = monotonicNow() + HEAL_BOUND;
  let since: number | null = null;
  for (;;) {
    const asked = monotonicNow();
    const ill = await ailment(drill, after).catch((error: Error) => error.message);
    if (ill !== null) since = null;
    else since ??= asked;
    if (since !== null && monotonicNow() - since >= STEADY) return since;
    if (monotonicNow() > deadline) throw new Error(ill ?? 'well, but not for long');
    await sleep(40);
  }
}

/** What is not as it should be; null: nothing. */
async function ailment({ pair, hosts, client, preempts }: Drill, after: number): Promise<string | null> {
  const members = [hosts.a.member, hosts.b.member];
  const all = await Promise.all(members.map(({ daemon }) => daemon.status()));
  const instances = all.map(({ instances: [instance] }) => instance!);
  const states = instances.map((instance) => instance.state).join('/');
  if (states !== 'MASTER/BACKUP' && (preempts || states !== 'BACKUP/MASTER')) return `states ${states}`;
  const index = instances.findIndex(({ state }) => state === 'MASTER');
  const [master, backup] = [members[index]!, members[1 - index]!];
  if (instances[1 - index]!.master?.address !== master.host.address) return 'the BACKUP hears no MASTER';
  const holders = (await pair.holders()).join();
  if (holders !== master.host.name) return `held by ${holders || 'nobody'}, MASTER is ${master.host.name}`;
  if (await backup.host.listens(12_000)) return 'the proxy of the BACKUP listens';
  const [proxy] = all[index]!.proxies;
  if (proxy?.up !== true) return `the proxy of the MASTER is not up: ${proxy?.detail}`;
  const copies = proxy.copies
    .map(({ name, up, whole }) => `${name} ${up ? 'up' : 'down'} ${whole}`)
    .join(', ');
  if (proxy.copies.length !== 2 || !proxy.copies.every(({ up, whole }) => up && whole))
    return `copies: ${copies}`;
  const { lastAnswer, openGap } = await client.standing(after);
  if ((lastAnswer ?? 0) <= after || openGap > 100) return `no answer for ${Math.round(openGap)} ms`;
  return null;
}

type Changes = DrillHost['holding'];

/** How long both had the address at the same time from `since` on, in ms. */
function heldTwice(a: Changes, b: Changes, since: number): number {
  const moments = [...a, ...b].map(({ t }) => t).filter((t) => t >= since);
  const heldAt = (changes: Changes, t: number) => changes.findLast((change) => change.t <= t)?.held ?? false;
  const times = [since, ...moments.toSorted((x, y) => x - y)];
  return times.reduce((sum, t, i) => {
    const next = times[i + 1];
    return next !== undefined && heldAt(a, t) && heldAt(b, t) ? sum + next - t : sum;
  }, 0);
}

async function keepLogs({ hosts, keep }: Drill, outcome: Outcome, begun: number): Promise<void> {
  const { plan, broken, excused, skipped, lapses, histories, stall, gap } = outcome;
  const directory = join(keep, `seed-${plan.seed}-${plan.index}`);
  mkdirSync(directory, { recursive: true });
  const report = { plan: describePlan(plan), broken, excused, skipped, lapses, stall, gap, histories };
  writeFileSync(join(directory, 'drill.json'), `${JSON.stringify(report, null, 2)}\n`);
  for (const { member } of Object.values(hosts)) {
    const text = member.memcached.stderr.lines
      .filter(({ t }) => t >= begun - 1500)
      .map(({ t, text }) => `${(t - begun).toFixed(1)} ${text}\n`)
      .join('');
    writeFileSync(join(directory, `mc-${member.host.name}.log`), text);
  }
  const lines = Object.values(hosts)
    .flatMap(({ member, daemons, holding }) => [
      ...daemons.flatMap((daemon) =>
        daemon.log().map(({ t, level, msg }) => ({ t, text: `${member.host.name} ${level} ${msg}` })),
      ),
      ...holding.map(({ t, held }) => ({
        t,
        text: `${member.host.name} ${held ? 'has' : 'has not'} the address`,
      })),
    ])
    .filter(({ t }) => t >= begun - 1000)
    .toSorted((x, y) => x.t - y.t);
  const text = lines.map(({ t, text: line }) => `${(t - begun).toFixed(1).padStart(9)} ${line}\n`).join('');
  writeFileSync(join(directory, 'both.log'), text);
  for (const { member } of Object.values(hosts)) {
    const { host } = member;
    const sockets = await host.exec(['ss', '-tanp'], { allowFailure: true });
    const addresses = await host.exec(['ip', 'addr'], { allowFailure: true });
    writeFileSync(join(directory, `${host.name}.txt`), `${sockets.stdout}\n${addresses.stdout}`);
  }
}
