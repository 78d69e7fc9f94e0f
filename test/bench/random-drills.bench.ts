/**
 * Random drills on real hosts: one fault, two at once, or one within the failover of another; each is mended, and the pair must
 * be well again. COUNT drills (default 60) from FIRST (default 0) of the series SEED (default 1), PARALLEL at a time (default
 * 2, at most one for each kind of pair); SECONDS ends the series early. A pair is kept from one drill to the next; one that fails is
 * made anew, and its logs are kept under DRILLS_DIR. `FIRST=n COUNT=1` does drill n again;
 * ONLY='link down at master' does those alone that have it in their description.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { monotonicNow } from '../../src/lab/monotonic.ts';
import { describePlan, type Fault, planDrill, VARIANTS, type Variant } from './support/drill-plan.ts';
import { type Outcome, type Series, startSeries } from './support/drill-series.ts';
import { watchStalls } from './support/stalls.ts';

const env = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const [SEED, COUNT, FIRST] = [env('SEED', 1), env('COUNT', 60), env('FIRST', 0)];
const [PARALLEL, SECONDS] = [env('PARALLEL', 2), env('SECONDS', 3500)];
const ONLY = process.env.ONLY ?? '';
const DIRECTORY = process.env.DRILLS_DIR ?? join(tmpdir(), 'random-drills');

const stalls = watchStalls();
afterAll(() => stalls.stop());

test(`${COUNT} random drills of series ${SEED}`, async () => {
  mkdirSync(DIRECTORY, { recursive: true });
  const deadline = monotonicNow() + SECONDS * 1000;
  const outcomes: Outcome[] = [];
  const waiting = VARIANTS.map((variant, offset) => ({ variant, offset }));
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const indexes = Array.from({ length: COUNT }, (_, i) => FIRST + i).filter((index) => {
        const plan = planDrill(SEED, index);
        return plan.variant === next!.variant && describePlan(plan).includes(ONLY);
      });
      // With fewer lanes than variants, each variant has its share of the time.
      const share = (deadline - monotonicNow()) / Math.ceil((waiting.length + 1) / PARALLEL);
      outcomes.push(...(await series(next.variant, indexes, monotonicNow() + share)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, VARIANTS.length) }, lane));
  summarize(outcomes);
  const failed = outcomes.filter(({ broken }) => broken.length > 0);
  expect(outcomes.length).toBeGreaterThan(0);
  expect(failed.map(describe)).toEqual([]);
});

async function series(variant: Variant, indexes: readonly number[], deadline: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let pair: Series | null = null;
  try {
    for (const index of indexes) {
      if (monotonicNow() > deadline) break;
      pair ??= await startSeries(variant, DIRECTORY, stalls).catch(() =>
        startSeries(variant, DIRECTORY, stalls),
      );
      const outcome = await pair.run(planDrill(SEED, index));
      outcomes.push(outcome);
      const line = describe(outcome);
      process.stdout.write(`${line}\n`);
      appendFileSync(join(DIRECTORY, 'drills.txt'), `${line}\n`);
      if (outcome.broken.length > 0) {
        await pair.destroy();
        pair = null;
      }
    }
  } finally {
    await pair?.destroy();
  }
  return outcomes;
}

function describe({
  plan,
  gap,
  failures,
  healed,
  twoHolders,
  lapses,
  skipped,
  stall,
  broken,
  excused,
}: Outcome): string {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const parts = [
    `${describePlan(plan)}: gap ${ms(gap)}, ${failures} failed, well ${ms(healed)} after mending`,
    ...(twoHolders > 0 ? [`two holders ${ms(twoHolders)}`] : []),
    ...(lapses.length > 0 ? [`${lapses.length} lapses`] : []),
    ...skipped.map((what) => `(${what})`),
    ...(stall > 100 ? [`stalled ${ms(stall)}`] : []),
    ...excused.map((what) => `excused: ${what}`),
    ...broken.map((what) => `BROKEN: ${what}`),
  ];
  return parts.join('; ');
}

/** By fault, of those drills that had but one. */
function summarize(outcomes: readonly Outcome[]): void {
  const single = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const [step, more] = outcome.plan.steps;
    const kind: `${Fault} at ${string}` | string =
      more === undefined
        ? `${step!.fault} at ${step!.at}`
        : more.after <= 20
          ? 'two at once'
          : 'one during another';
    single.set(kind, [...(single.get(kind) ?? []), outcome]);
  }
  const median = (values: readonly number[]) =>
    Math.round([...values].sort((x, y) => x - y)[values.length >> 1]!);
  const worst = (values: readonly number[]) => Math.round(Math.max(...values));
  const rows = [...single]
    .toSorted(([x], [y]) => (x < y ? -1 : 1))
    .map(([kind, each]) => ({
      kind,
      drills: each.length,
      'gap, ms': median(each.map(({ gap }) => gap)),
      'worst gap': worst(each.map(({ gap }) => gap)),
      'well, ms': median(each.map(({ healed }) => healed)),
      'worst well': worst(each.map(({ healed }) => healed)),
      'two holders, worst ms': worst(each.map(({ twoHolders }) => twoHolders)),
      excused: each.filter(({ excused }) => excused.length > 0).length,
      broken: each.filter(({ broken }) => broken.length > 0).length,
    }));
  console.table(rows);
}
