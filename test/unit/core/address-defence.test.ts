/** RFC 5227 §2.4 for a MASTER that never gives an address up. */
import { describe, expect, test } from 'vitest';
import { claimed, judge, nextJudgement, UNDISPUTED } from '../../../src/core/address-defence.ts';

/** What happens at a time in ms: a claim, this host becoming MASTER, or no longer being it. */
type Act = readonly [at: number, what: 'claim' | 'master' | 'not master'];

/** Runs the acts, and every judgement when it is due, until `end`. */
function run(acts: readonly Act[], end: number) {
  let defence = UNDISPUTED;
  let masterSince: number | null = null;
  let conflicts = 0;
  const defences: number[] = [];
  const judgeUntil = (until: number): void => {
    for (let at = nextJudgement(defence); at !== null && at <= until; at = nextJudgement(defence)) {
      const judgement = judge(defence, masterSince, at);
      defence = judgement.defence;
      conflicts += judgement.conflicts;
      if (judgement.defend) defences.push(at);
    }
  };
  for (const [at, what] of acts) {
    judgeUntil(at);
    if (what === 'claim') defence = claimed(defence, masterSince, at);
    else masterSince = what === 'master' ? at : null;
  }
  judgeUntil(end);
  return { conflicts, defences };
}

const claims = (...at: number[]): Act[] => at.map((each) => [each, 'claim']);
const every = (pause: number, from: number, to: number): number[] =>
  Array.from({ length: Math.floor((to - from) / pause) + 1 }, (_, i) => from + i * pause);

const ROWS: readonly {
  readonly title: string;
  readonly acts: readonly Act[];
  readonly conflicts: number;
  readonly defences: readonly number[];
}[] = [
  { title: 'a BACKUP: no business of ours', acts: claims(5000), conflicts: 0, defences: [] },
  {
    title: 'a settled MASTER: counted and answered after a moment',
    acts: [[0, 'master'], ...claims(5000)],
    conflicts: 1,
    defences: [5100],
  },
  {
    title: 'just after the takeover: the old master’s last words',
    acts: [[0, 'master'], ...claims(1, 500, 999)],
    conflicts: 0,
    defences: [],
  },
  {
    title: 'the new master’s first words, read before its advertisement',
    acts: [[0, 'master'], ...claims(5000), [5003, 'not master']],
    conflicts: 0,
    defences: [],
  },
  {
    title: 'lost and won again within the moment: it was an election',
    acts: [[0, 'master'], ...claims(5000), [5003, 'not master'], [5050, 'master']],
    conflicts: 0,
    defences: [],
  },
  {
    title: 'many in a moment: one answer',
    acts: [[0, 'master'], ...claims(5000, 5001, 5002, 5050)],
    conflicts: 4,
    defences: [5100],
  },
  {
    title: 'again within DEFEND_INTERVAL: the second answer at its end',
    acts: [[0, 'master'], ...claims(5000, 7000, 9000)],
    conflicts: 3,
    defences: [5100, 15_100],
  },
  {
    title: 'after DEFEND_INTERVAL: answered after a moment',
    acts: [[0, 'master'], ...claims(5000, 20_000)],
    conflicts: 2,
    defences: [5100, 20_100],
  },
  {
    title: 'each second for a minute: one answer in ten seconds, and the last word',
    acts: [[0, 'master'], ...claims(...every(1000, 5000, 65_000))],
    conflicts: 61,
    defences: [5100, 15_100, 25_100, 35_100, 45_100, 55_100, 65_100],
  },
  {
    title: 'an answer to our answer ends it',
    acts: [[0, 'master'], ...claims(5000, 5101, 5599)],
    conflicts: 3,
    defences: [5100],
  },
  {
    title: 'no longer MASTER when the second answer is due',
    acts: [[0, 'master'], ...claims(5000, 7000), [8000, 'not master']],
    conflicts: 2,
    defences: [5100],
  },
  {
    title: 'MASTER anew: DEFEND_INTERVAL counts from the answer before',
    acts: [[0, 'master'], ...claims(5000), [6000, 'not master'], [7000, 'master'], ...claims(9000)],
    conflicts: 2,
    defences: [5100, 15_100],
  },
];

describe('a claim to a virtual address', () => {
  test.each(ROWS)('$title', ({ acts, conflicts, defences }) => {
    expect(run(acts, 100_000)).toEqual({ conflicts, defences });
  });

  test('two masters that hear nothing but each other’s ARPs fall silent', () => {
    const hosts = [UNDISPUTED, UNDISPUTED];
    let announced = 0;
    hosts[0] = claimed(hosts[0]!, 0, 5000);
    for (let now = 5000; now < 200_000; now++) {
      for (const [index, host] of hosts.entries()) {
        const { defence, defend } = judge(host, 0, now);
        hosts[index] = defence;
        if (!defend) continue;
        announced += 1;
        hosts[1 - index] = claimed(hosts[1 - index]!, 0, now);
      }
    }
    expect(announced).toBeLessThanOrEqual(2);
  });
});
