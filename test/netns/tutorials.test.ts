/**
 * Faults on what `import` makes of the two tutorials, with nothing changed by hand: who serves, how soon, what the hooks
 * are told, what is left behind, and that status, metrics and the kernel agree.
 */
import { describe, test } from 'vitest';
import { DRILLED, type Drilled } from './support/drilled.ts';
import { DRILLS, type Drill } from './support/drills.ts';
import { firstTutorial, startPair } from './support/pair.ts';

const ALL = Object.values(DRILLS);
const { proxyKilled, proxyCannotStart, hangs, daemonKilled, terminated, killed } = DRILLS;

const nopreempt: Drilled = {
  ...DRILLED.magent,
  name: 'the first tutorial with nopreempt',
  config: (host) => firstTutorial(host, { instance: { state: 'BACKUP', nopreempt: true } }),
  preempts: false,
};

const COURSES: readonly (readonly [Drilled, readonly Drill[]])[] = [
  [DRILLED.bundled, ALL],
  [DRILLED.second, ALL.filter(({ ofProxy }) => ofProxy !== true)],
  // What depends on the proxy, and on its being another program.
  [DRILLED.magent, [hangs, proxyCannotStart, daemonKilled, terminated, proxyKilled]],
  [nopreempt, [killed]],
];

// At the same time, because they mostly wait; each has a lab of its own. The longest drills of all courses come first.
describe.concurrent('a fault', () => {
  const rows = ALL.flatMap((drill) =>
    COURSES.filter(([, drills]) => drills.includes(drill)).map(([drilled]) => ({
      drilled,
      drill,
      title: `${drilled.name}: ${drill.title}`,
    })),
  );
  test.for(rows)('$title', async ({ drilled, drill }, { onTestFinished }) => {
    const pair = await startPair({ config: drilled.config });
    onTestFinished(() => pair.destroy());
    await drill.run({ pair, drilled });
  });
});
