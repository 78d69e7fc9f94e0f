/** The ring of probe times: one sample a second, the slowest or a failure, three hundred of them. */
import { expect, test } from 'vitest';
import { createHistory } from '../../../src/daemon/history.ts';
import { readHistory } from '../../../src/daemon/peers/history-shape.ts';
import { createProbeTimes } from '../../../src/daemon/probe-times.ts';

test('the slowest of a second, or its failure', () => {
  const times = createProbeTimes();
  times.add(1000, 0.5);
  times.add(1400, 0.75);
  times.add(1999, 0.25);
  times.add(2000, 1);
  times.add(2100, null);
  times.add(2900, 3);
  times.add(5000, 0.1234567);
  expect(times.samples()).toEqual([
    [1000, 0.75],
    [2000, null],
    [5000, 0.123],
  ]);
});

test('nothing yet', () => {
  expect(createProbeTimes().samples()).toEqual([]);
});

test.each([299, 300, 301, 599, 600, 601, 1500])('after %d seconds there are the latest 300', (seconds) => {
  const times = createProbeTimes();
  for (let second = 0; second < seconds; second++) times.add(second * 1000 + 17, second);
  const kept = times.samples();
  expect(kept).toHaveLength(Math.min(seconds, 300));
  expect(kept.at(-1)).toEqual([(seconds - 1) * 1000, seconds - 1]);
  expect(kept.map(([at, ms]) => at - ms! * 1000)).toEqual(kept.map(() => 0));
  for (let index = 1; index < kept.length; index++) expect(kept[index]![0] - kept[index - 1]![0]).toBe(1000);
});

test('an instance keeps a hundred transitions and tells ten', () => {
  const history = createHistory();
  for (let index = 0; index < 250; index++) {
    history.add({ at: String(index), from: 'INIT', to: 'BACKUP', reason: 'startup', detail: '' });
    history.tookOver({ at: String(index), ms: index });
  }
  expect(history.latest.map(({ at }) => at)).toEqual(
    Array.from({ length: 10 }, (_, index) => String(249 - index)),
  );
  expect([history.transitions.length, history.takeovers.length]).toEqual([100, 100]);
  expect([history.transitions[0]!.at, history.takeovers[0]!.ms]).toEqual(['249', 249]);
});

test.each<[string, unknown, unknown]>([
  ['nothing', null, null],
  ['no time', { now: 'soon', instances: [] }, null],
  ['the least', { now: '2026-01-01T00:00:00Z' }, { instances: [], memcached: [] }],
  [
    'samples that are none',
    {
      now: '2026-01-01T00:00:00Z',
      memcached: [{ name: 'a', probes: [[1, 2], [1, null], [1], 'x', [1, 'x'], null] }, {}],
    },
    {
      memcached: [
        {
          name: 'a',
          probes: [
            [1, 2],
            [1, null],
          ],
        },
      ],
    },
  ],
])("a peer's history: %s", (_, answer, expected) => {
  if (expected === null) expect(readHistory(answer)).toBeNull();
  else expect(readHistory(answer)).toMatchObject(expected as object);
});
