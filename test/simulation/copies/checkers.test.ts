/** The checkers can fail: each pair that is broken on purpose is caught, and by the checker that is there for it. */
import { describe, expect, test } from 'vitest';
import type { Defect } from './defects.ts';
import { EXPECTATIONS } from './expectations.ts';
import { report } from './report.ts';
import { drawScenario, type Wish } from './scenario.ts';
import { simulate } from './simulation.ts';
import { atTopLevel } from './virtual-globals.ts';

/** Runs in which a defect has to show; most do in the first ones. */
const RUNS = 200;

const CALM: Wish = { faults: 'none' };

const DEFECTS: readonly (readonly [Defect, checker: string, Wish])[] = [
  ['forgets to carry', 'carried', CALM],
  ['reads the other copy', 'stale', {}],
  ['resurrects', 'stale', CALM],
  ['knows no generations', 'stale', {}],
  ['knows no generations', 'unequal', {}],
  ['never expires', 'expired', CALM],
  ['appends twice', 'twice', CALM],
  ['swallows answers', 'hangs', CALM],
  ['shows the reserved key', 'reserved', CALM],
  ['loses keys', 'lost', CALM],
  ['mixes up flags', 'answers', CALM],
];

/** The first seed whose run with the broken pair `checker` stopped. */
function firstCaught(defect: Defect, checker: string, wish: Wish): number | null {
  for (let seed = 1; seed <= RUNS; seed++) {
    const { violation } = simulate(drawScenario(seed, EXPECTATIONS, wish), { defect });
    if (violation?.checker === checker) return seed;
  }
  return null;
}

describe('a pair that', () => {
  test.each(DEFECTS)('%s is caught by %s', async (defect, checker, wish) => {
    expect(await atTopLevel(() => firstCaught(defect, checker, wish))).not.toBeNull();
  });
});

/** Tags of generations are random, and no outcome depends on them. */
const withoutTags = (trace: readonly string[]): string[] =>
  trace.map((line) => line.replace(/[0-9a-f]{16}/g, 'TAG'));

test('the same seed gives the same run', async () => {
  const run = (seed: number): Promise<string[]> =>
    atTopLevel(() => withoutTags(simulate(drawScenario(seed, EXPECTATIONS), { traced: true }).trace));
  expect(await run(7)).toEqual(await run(7));
  expect(await run(7)).not.toEqual(await run(8));
});

test('a report tells the seed, the plan, what concerns the key, and how to see it again', async () => {
  const text = await atTopLevel(() => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const scenario = drawScenario(seed, EXPECTATIONS, CALM);
      const outcome = simulate(scenario, { defect: 'resurrects', traced: true });
      if (outcome.violation?.checker === 'stale') return report(scenario, outcome);
    }
    throw new Error('nothing was resurrected');
  });
  const [, seed, key] = /seed (\d+): stale: request #\d+ through [AB] was told .* for (\S+),/.exec(text)!;
  expect(text).toContain(`SEED=${seed} npx vitest run --project simulation test/simulation/copies`);
  expect(text).toContain('plan:');
  expect(text).toMatch(new RegExp(`copy [AB] +${key} is gone`));
  const others = /copy [AB] +(k\d|c\d|t\d|cold%\d) is/g;
  expect(new Set([...text.matchAll(others)].map((match) => match[1]))).toEqual(new Set([key]));
});
