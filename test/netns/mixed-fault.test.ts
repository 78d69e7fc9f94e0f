/** Faults in mixed pairs: the other host takes over as with two keepaliveds, and the higher one takes it back. */
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
} from './support/mixed-phases.ts';
import type { Phase, Scenario } from './support/mixed-scenario.ts';

const [HIGH, LOW] = [150, 100];
const ROLES = { a: { priority: HIGH }, b: { priority: LOW } };
/** Until the script or the probe, which runs every second, has seen it. */
const CHECK = 1100;

const bothStart: readonly Phase[] = [
  {
    what: 'a starts',
    act: start('a'),
    stands: standing('MASTER', 'STOP', 'a'),
    within: ({ masterDown }) => masterDown(HIGH),
  },
  { what: 'b starts', act: start('b'), stands: standing('MASTER', 'BACKUP', 'a'), within: () => 0 },
];

const probeFails = (name: string, what: 'file' | 'memcached'): Scenario => ({
  name,
  roles: ROLES,
  probe: { what, weight: 0 },
  phases: [
    ...bothStart,
    {
      what: 'the probe fails on b, which changes nothing for a',
      act: failProbe('b'),
      stands: standing('MASTER', 'FAULT', 'a'),
      within: () => CHECK,
    },
    {
      what: 'the probe is well again on b',
      act: mendProbe('b'),
      stands: standing('MASTER', 'BACKUP', 'a'),
      within: () => CHECK,
    },
    {
      what: 'the probe fails on a',
      act: failProbe('a'),
      stands: standing('FAULT', 'MASTER', 'b'),
      within: ({ skew }) => CHECK + skew(LOW),
    },
    {
      what: 'the probe is well again on a, which takes it back',
      act: mendProbe('a'),
      stands: standing('MASTER', 'BACKUP', 'a'),
      within: ({ masterDown }) => CHECK + masterDown(HIGH),
    },
  ],
});

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'SIGTERM',
    roles: ROLES,
    phases: [
      ...bothStart,
      {
        what: 'b is terminated, which changes nothing for a',
        act: terminate('b'),
        stands: standing('MASTER', 'STOP', 'a'),
        within: () => 0,
      },
      { what: 'b starts again', act: start('b'), stands: standing('MASTER', 'BACKUP', 'a'), within: () => 0 },
      {
        what: 'a is terminated',
        act: terminate('a'),
        stands: standing('STOP', 'MASTER', 'b'),
        within: ({ skew }) => skew(LOW),
      },
      {
        what: 'a starts again and takes it back',
        act: start('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ masterDown }) => masterDown(HIGH),
      },
    ],
  },
  {
    name: 'link down',
    roles: ROLES,
    phases: [
      ...bothStart,
      {
        what: "a's link goes down",
        act: linkDown('a'),
        stands: standing('FAULT', 'MASTER', 'b'),
        within: ({ masterDown }) => masterDown(LOW),
      },
      {
        what: "a's link comes back, and a takes it back",
        act: linkUp('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ masterDown }) => masterDown(HIGH),
      },
      {
        what: "b's link goes down, which changes nothing for a",
        act: linkDown('b'),
        stands: standing('MASTER', 'FAULT', 'a'),
        within: () => 0,
      },
      {
        what: "b's link comes back",
        act: linkUp('b'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: () => 0,
      },
    ],
  },
  probeFails('a script fails', 'file'),
  probeFails('memcached is killed', 'memcached'),
  {
    name: 'down_timer_adverts 6: the BACKUP is more patient',
    roles: {
      a: { priority: HIGH },
      b: { priority: LOW, keywords: { down_timer_adverts: 6 } },
    },
    phases: [
      ...bothStart,
      {
        what: "a's link goes down",
        act: linkDown('a'),
        stands: standing('FAULT', 'MASTER', 'b'),
        // The last advert was sent up to an interval ago.
        within: ({ interval, skew }) => 6 * interval + skew(LOW),
        notBefore: ({ interval }) => 5 * interval,
      },
    ],
  },
  {
    name: 'a script with a weight fails',
    roles: ROLES,
    probe: { what: 'file', weight: -60 },
    phases: [
      ...bothStart,
      {
        what: 'it fails on a, whose priority is now the lower one',
        act: failProbe('a'),
        stands: standing('BACKUP', 'MASTER', 'b'),
        within: ({ interval, masterDown }) => CHECK + interval + masterDown(LOW),
      },
      {
        what: 'it is well again on a, which takes it back',
        act: mendProbe('a'),
        stands: standing('MASTER', 'BACKUP', 'a'),
        within: ({ masterDown }) => CHECK + masterDown(HIGH),
      },
    ],
  },
];

describe.concurrent('who takes over', () => {
  test.each(cases(SCENARIOS))('$setting.name: $scenario.name', ({ setting, scenario }) =>
    comparePairs(setting, scenario),
  );
});
