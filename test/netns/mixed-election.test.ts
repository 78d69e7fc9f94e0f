/** Elections in mixed pairs: whatever the programs are, the same host wins as between two keepaliveds. */
import { describe, test } from 'vitest';
import { cases, comparePairs } from './support/mixed-compare.ts';
import { heal, linkDown, linkUp, part, standing, start, terminate } from './support/mixed-phases.ts';
import type { Phase, Scenario } from './support/mixed-scenario.ts';

const [HIGH, LOW] = [150, 100];

const firstAlone = (name: 'a' | 'b', priority: number): Phase => ({
  what: `${name} starts alone`,
  act: start(name),
  stands: name === 'a' ? standing('MASTER', 'STOP', 'a') : standing('STOP', 'MASTER', 'b'),
  within: ({ masterDown }) => masterDown(priority),
});

/** Longer than the newcomer would need to take over. */
const longEnough: Phase['lasts'] = ({ masterDown }) => masterDown(LOW) + 500;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'the higher one starts first',
    roles: { a: { priority: HIGH }, b: { priority: LOW } },
    phases: [
      firstAlone('a', HIGH),
      {
        what: 'b starts',
        act: start('b'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: () => 0,
        lasts: longEnough,
      },
    ],
  },
  {
    name: 'the lower one starts first and is preempted',
    roles: { a: { priority: HIGH }, b: { priority: LOW } },
    phases: [
      firstAlone('b', LOW),
      {
        what: 'a starts',
        act: start('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ masterDown }) => masterDown(HIGH),
      },
    ],
  },
  {
    name: 'parted by the network and joined again',
    roles: { a: { priority: HIGH }, b: { priority: LOW } },
    phases: [
      firstAlone('a', HIGH),
      { what: 'b starts', act: start('b'), stands: standing('MASTER', 'BACKUP', 'a'), within: () => 0 },
      {
        what: 'they are parted',
        act: part,
        stands: standing('MASTER', 'MASTER', 'ab'),
        within: ({ masterDown }) => masterDown(LOW),
      },
      {
        what: 'they are joined',
        act: heal,
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ interval }) => interval,
      },
    ],
  },
  {
    name: 'equal priorities: who is MASTER stays, and between two the higher address wins',
    roles: { a: { priority: LOW }, b: { priority: LOW } },
    phases: [
      firstAlone('a', LOW),
      {
        what: 'b starts',
        act: start('b'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: () => 0,
        lasts: longEnough,
      },
      {
        what: 'a is terminated',
        act: terminate('a'),
        stands: standing('STOP', 'MASTER', 'b'),
        within: ({ skew }) => skew(LOW),
      },
      {
        what: 'a starts again',
        act: start('a'),
        stands: standing('BACKUP', 'MASTER', 'b'),
        within: () => 0,
        lasts: longEnough,
      },
      {
        what: 'they are parted',
        act: part,
        stands: standing('MASTER', 'MASTER', 'ab'),
        within: ({ masterDown }) => masterDown(LOW),
      },
      {
        what: 'they are joined',
        act: heal,
        stands: standing('BACKUP', 'MASTER', 'b'),
        within: ({ interval }) => interval,
      },
    ],
  },
  {
    name: 'priority 255 takes it at once',
    roles: { a: { state: 'MASTER', priority: 255 }, b: { priority: LOW } },
    phases: [
      firstAlone('b', LOW),
      {
        what: 'a starts',
        act: start('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ interval }) => interval,
      },
      {
        what: 'a is terminated',
        act: terminate('a'),
        stands: standing('STOP', 'MASTER', 'b'),
        within: ({ skew }) => skew(LOW),
      },
      {
        what: 'a starts again',
        act: start('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ interval }) => interval,
      },
      {
        what: "a's link goes down",
        act: linkDown('a'),
        stands: standing('FAULT', 'MASTER', 'b'),
        within: ({ masterDown }) => masterDown(LOW),
      },
      {
        what: "a's link comes back",
        act: linkUp('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        // keepalived 2.2.7 listens for a Master_Down_Interval. RFC 3768 §6.4.1 has the owner take it at once.
        within: ({ masterDown }) => masterDown(255),
        departure: { on: 'a', sequence: 'a MASTER, b BACKUP, holders a' },
      },
    ],
  },
];

describe.concurrent('who is elected', () => {
  test.each(cases(SCENARIOS))('$setting.name: $scenario.name', ({ setting, scenario }) =>
    comparePairs(setting, scenario),
  );
});
