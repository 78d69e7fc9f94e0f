/**
 * Thousands of random runs of two copies and their proxies, each from its seed. SEEDS=n sets how many, FROM=n where they
 * begin; SEED=n runs that one alone and prints its plan and its trace, all of it with WHOLE=1.
 */
import { expect, test } from 'vitest';
import { EXPECTATIONS } from './expectations.ts';
import { report } from './report.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulation.ts';
import { atTopLevel } from './virtual-globals.ts';

const SEEDS = Number(process.env.SEEDS ?? 2000);
const FROM = Number(process.env.FROM ?? 1);
const { SEED } = process.env;
/** Now and then the test runner gets a turn. */
const SEEDS_PER_TURN = 20;

if (SEED === undefined) {
  test(`the promises hold in ${SEEDS} random runs`, async () => {
    let done = 0;
    let outs = 0;
    for (let from = FROM; from < FROM + SEEDS; from += SEEDS_PER_TURN) {
      await atTopLevel(() => {
        for (let seed = from; seed < Math.min(from + SEEDS_PER_TURN, FROM + SEEDS); seed++) {
          const scenario = drawScenario(seed, EXPECTATIONS);
          const outcome = simulate(scenario);
          done += outcome.done;
          outs += outcome.outs;
          if (outcome.violation !== null) expect.fail(report(scenario, simulate(scenario, { traced: true })));
        }
      });
    }
    expect(done / SEEDS, 'requests that were done, per run').toBeGreaterThan(100);
    expect(outs / SEEDS, 'copies that were put out, per run').toBeGreaterThan(1);
  });
} else {
  test(`the promises hold with seed ${SEED}`, async () => {
    const scenario = drawScenario(Number(SEED), EXPECTATIONS);
    const outcome = await atTopLevel(() => simulate(scenario, { traced: true }));
    console.log(report(scenario, outcome, process.env.WHOLE !== undefined));
    expect(outcome.violation).toBeNull();
  });
}
