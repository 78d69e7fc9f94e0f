/** The checkers can fail: each host that is broken on purpose is caught, and by the checker that is there for it. */
import { describe, expect, test } from 'vitest';
import type { Defect } from './defects.ts';
import { report } from './report.ts';
import { drawScenario, type Wish } from './scenario.ts';
import { simulate } from './simulation.ts';

/** Runs in which a defect has to show. */
const RUNS = 60;

const DEFECTS: readonly (readonly [Defect, checker: string, Wish])[] = [
  ['ignores higher priorities', 'overlap', { calm: true }],
  ['deaf', 'usurpation', { calm: true, preempt: false }],
  ['never renews', 'holding', {}],
  ['keeps the address', 'holding', {}],
  ['has no lease', 'lease', {}],
  ['never announces', 'convergence', {}],
  ['speaks as BACKUP', 'speech', {}],
  ['speaks when it wakes', 'speech', {}],
  ['preempts though told not to', 'usurpation', { calm: true, preempt: false }],
  ['waits too long', 'takeover', { calm: true }],
  ['storms', 'storm', {}],
  ['does not resign', 'takeover', { calm: true }],
  ['forgets what it was', 'succession', { calm: true }],
  ['keeps the address though cold', 'warmth', { warm: true }],
  ['keeps its priority though cold', 'warmth', { calm: true, preempt: true, warm: true }],
];

/** What the checkers said in so many runs with every host broken in the same way. */
function caughtBy(defect: Defect, wish: Wish): Set<string> {
  const caught = new Set<string>();
  for (let seed = 1; seed <= RUNS; seed++) {
    const { violation } = simulate(drawScenario(seed, wish), defect);
    if (violation !== null) caught.add(violation.checker);
  }
  return caught;
}

describe('a host that', () => {
  test.each(DEFECTS)('%s is caught by %s', (defect, checker, wish) => {
    expect([...caughtBy(defect, wish)]).toContain(checker);
  });
});

test('the same seed gives the same run', () => {
  const scenario = drawScenario(7);
  expect(simulate(scenario)).toEqual(simulate(drawScenario(7)));
  expect(simulate(scenario).trace).not.toEqual(simulate(drawScenario(8)).trace);
});

test('a report tells the seed, the plan, the trace and how to see it again', () => {
  const scenario = drawScenario(1, { calm: true });
  const outcome = simulate(scenario, 'storms');
  const text = report(scenario, outcome);
  expect(text).toContain('seed 1: storm: ');
  expect(text).toContain('SEED=1 npx vitest run --project simulation');
  expect(text).toContain('plan:');
  expect(text).toContain('BACKUP -> MASTER (master_down)');
});
