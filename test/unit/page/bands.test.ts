/** From transitions to the times between them. */
import { expect, test } from 'vitest';
import type { Transition } from '../../../src/daemon/history.ts';
import { bandsOf } from '../../../src/page/bands.ts';

const at = (second: number): string => new Date(second * 1000).toISOString();
const step = (second: number, to: Transition['to']): Transition => ({
  at: at(second),
  from: 'INIT',
  to,
  reason: 'startup',
  detail: '',
});
const STEPS = [step(60, 'MASTER'), step(50, 'FAULT'), step(10, 'BACKUP')];
const shown = (...args: Parameters<typeof bandsOf>) =>
  bandsOf(...args).map(({ from, to, state }) => `${from / 1000}-${to / 1000} ${state}`);

test.each<[string, string[], Parameters<typeof bandsOf>]>([
  ['all of it', ['10-50 BACKUP', '50-60 FAULT', '60-100 MASTER'], [STEPS, 0, 100_000, [0, 100_000]]],
  ['a span of it', ['40-50 BACKUP', '50-55 FAULT'], [STEPS, 0, 100_000, [40_000, 55_000]]],
  ['after the last', ['90-100 MASTER'], [STEPS, 0, 100_000, [90_000, 100_000]]],
  ['before the first', [], [STEPS, 0, 100_000, [0, 5_000]]],
  [
    'a clock that is ahead',
    ['5-45 BACKUP', '45-55 FAULT', '55-100 MASTER'],
    [STEPS, 5000, 100_000, [0, 100_000]],
  ],
  ['one that fell silent', ['10-50 BACKUP', '50-60 FAULT', '60-70 MASTER'], [STEPS, 0, 70_000, [0, 100_000]]],
  ['one that was never heard', [], [[], 0, 100_000, [0, 100_000]]],
  ['a clock that was set back', ['10-50 BACKUP'], [[step(10, 'BACKUP')], 0, 50_000, [0, 100_000]]],
  ['a time that is none', [], [[{ ...step(1, 'MASTER'), at: 'soon' }], 0, 50_000, [0, 100_000]]],
])('%s', (_, expected, args) => {
  expect(shown(...args)).toEqual(expected);
});
