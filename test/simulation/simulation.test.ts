/**
 * Thousands of random runs of the election, each from its seed. SEEDS=n sets how many; SEED=n runs that one alone and
 * prints its plan and its trace.
 */
import { expect, test } from 'vitest';
import { report } from './report.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulation.ts';

const SEEDS = Number(process.env.SEEDS ?? 4000);
const { SEED } = process.env;

if (SEED === undefined) {
  test(`the invariants hold in ${SEEDS} random runs`, () => {
    let takeovers = 0;
    let coldHandovers = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const scenario = drawScenario(seed);
      const outcome = simulate(scenario);
      takeovers += outcome.takeovers;
      coldHandovers += outcome.coldHandovers;
      if (outcome.violation !== null) expect.fail(report(scenario, outcome));
    }
    expect(takeovers, 'the faults make masters change').toBeGreaterThan(SEEDS);
    expect(coldHandovers, 'and copies turn cold').toBeGreaterThan(SEEDS / 20);
  });
} else {
  test(`the invariants hold with seed ${SEED}`, () => {
    const scenario = drawScenario(Number(SEED));
    const outcome = simulate(scenario);
    console.log(report(scenario, outcome));
    expect(outcome.violation).toBeNull();
  });
}
