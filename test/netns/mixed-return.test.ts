/** What a host of higher priority does when it comes back, by keepalived's keywords, in mixed pairs. */
import { describe, test } from 'vitest';
import { cases, comparePairs } from './support/mixed-compare.ts';
import {
  failProbe,
  linkDown,
  linkUp,
  mendProbe,
  standing,
  start,
  terminate,
  wait,
} from './support/mixed-phases.ts';
import type { Phase, Scenario } from './support/mixed-scenario.ts';

const [HIGH, LOW] = [150, 100];
const CHECK = 1100;
/** `preempt_delay`, in seconds. */
const DELAY = 3;

const bothStart: readonly Phase[] = [
  {
    what: 'a starts',
    act: start('a'),
    stands: standing('MASTER', 'STOP', 'a'),
    within: ({ masterDown }) => masterDown(HIGH),
  },
  { what: 'b starts', act: start('b'), stands: standing('MASTER', 'BACKUP', 'a'), within: () => 0 },
];

/** Longer than A would need to take it back. */
const longEnough: Phase['lasts'] = ({ masterDown }) => masterDown(HIGH) + 500;

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'nopreempt: it stays where it is',
    roles: {
      a: { priority: HIGH, keywords: { nopreempt: true } },
      b: { priority: LOW, keywords: { nopreempt: true } },
    },
    probe: { what: 'file', weight: 0 },
    phases: [
      ...bothStart,
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
        what: 'the probe fails on b',
        act: failProbe('b'),
        stands: standing('MASTER', 'FAULT', 'a'),
        within: ({ skew }) => CHECK + skew(HIGH),
      },
      {
        what: 'the probe is well again on b',
        act: mendProbe('b'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: () => CHECK,
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
        stands: standing('BACKUP', 'MASTER', 'b'),
        within: () => 0,
        lasts: longEnough,
      },
    ],
  },
  {
    name: `preempt_delay ${DELAY}: it is taken back, but not at once`,
    roles: { a: { priority: HIGH, keywords: { preempt_delay: DELAY } }, b: { priority: LOW } },
    phases: [
      ...bothStart,
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
        lasts: () => 1000 * DELAY - 500,
      },
      {
        what: 'the delay is over',
        act: wait(0),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ interval, masterDown }) => 500 + interval + masterDown(HIGH),
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
        stands: standing('BACKUP', 'MASTER', 'b'),
        within: () => 0,
        lasts: () => 1000 * DELAY - 500,
      },
      {
        what: 'the delay is over again',
        act: wait(0),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ interval, masterDown }) => 500 + interval + masterDown(HIGH),
      },
    ],
  },
];

describe.concurrent('who has it after a return', () => {
  test.each(cases(SCENARIOS))('$setting.name: $scenario.name', ({ setting, scenario }) =>
    comparePairs(setting, scenario),
  );
});
