/** A repcached that was started as a slave: where it stands by its sockets, and when it is started anew. */
import { describe, expect, test } from 'vitest';
import { type Election, type JoinView, judgeJoin, PATIENCE, standingOf } from '../../../src/core/join.ts';

const CLIENTS = 11211;
const REPLICATION = 11212;

describe('where it stands', () => {
  test.each<[string, number[], number[], string]>([
    ['nothing is open yet', [], [], 'starting'],
    ['the copy is under way', [], [41384], 'copying'],
    ['slave of its peer', [CLIENTS], [41384], 'joined'],
    ['master of its peer, who connected', [CLIENTS], [REPLICATION], 'joined'],
    ['a master without a slave', [CLIENTS, REPLICATION], [], 'alone'],
    ['a master without a slave, with clients', [CLIENTS, REPLICATION], [CLIENTS], 'alone'],
    ['both at once, between two slaves', [CLIENTS, REPLICATION], [REPLICATION], 'joined'],
    ['a memcached that replicates nothing', [CLIENTS], [CLIENTS], 'serving'],
    ['only the replication port so far', [REPLICATION], [], 'starting'],
  ])('%s', (_, listening, connected, standing) => {
    expect(standingOf(CLIENTS, { listening, connected })).toBe(standing);
  });
});

const view = (changes: Partial<JoinView>): JoinView => ({
  ...{ standing: 'alone', election: 'other', peerServes: true, age: 0, attempts: 0 },
  ...changes,
});

describe('one that serves', () => {
  const elections: Election[] = ['self', 'other', 'nobody'];
  test.each(elections)('joined or not to be judged, it is never touched again (MASTER: %s)', (election) => {
    expect(judgeJoin(view({ standing: 'joined', election }))).toBe('settled');
    expect(judgeJoin(view({ standing: 'serving', election }))).toBe('settled');
  });

  test('alone, it is ended only while another host is MASTER and its cache answers', () => {
    const verdicts = elections.flatMap((election) =>
      [true, false].map((peerServes) => judgeJoin(view({ election, peerServes, age: 1e9 }))),
    );
    expect(verdicts).toEqual(['settled', 'settled', 'again', 'wait', 'wait', 'wait']);
  });

  test('at once for the first time, then after growing pauses', () => {
    const firstAge = (attempts: number): number => {
      const ages = [0, 999, 1000, 1999, 2000, 3999, 4000, 7999, 8000, 31_999, 32_000, 59_999, 60_000];
      return ages.find((age) => judgeJoin(view({ attempts, age })) === 'again')!;
    };
    expect([0, 1, 2, 3, 4, 6, 7, 50].map(firstAge)).toEqual([
      0, 1000, 2000, 4000, 8000, 32_000, 60_000, 60_000,
    ]);
    expect(judgeJoin(view({ attempts: 1, age: 999 }))).toBe('stranded');
  });
});

describe.each(['starting', 'copying'] as const)('one that is %s', (standing) => {
  test('has all the time that it needs while its master is there', () => {
    const late = { standing, age: 1e9 };
    expect(judgeJoin(view({ ...late, election: 'nobody', peerServes: true }))).toBe('wait');
    expect(judgeJoin(view({ ...late, election: 'other', peerServes: false }))).toBe('wait');
    expect(judgeJoin(view({ ...late, election: 'self', peerServes: true }))).toBe('wait');
  });

  test('is started anew when its master has gone without a word', () => {
    const gone = { standing, election: 'nobody', peerServes: false } as const;
    expect(judgeJoin(view({ ...gone, age: PATIENCE - 1 }))).toBe('wait');
    expect(judgeJoin(view({ ...gone, age: PATIENCE }))).toBe('again');
  });
});
