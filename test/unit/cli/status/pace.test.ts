/** `--watch`, with and without a value. */
import { expect, test } from 'vitest';
import { readPace } from '../../../../src/cli/status/pace.ts';

test.each<[string, number | null, string]>([
  ['', null, ''],
  ['--json --control x', null, '--json --control x'],
  ['--watch', 1000, ''],
  ['-w --json', 1000, '--json'],
  ['--watch --json', 1000, '--json'],
  ['--json --watch 2', 2000, '--json'],
  ['--watch .5 --control 3', 500, '--control 3'],
  ['--watch=0.25', 250, ''],
])('%s', (words, pace, rest) => {
  expect(readPace(words.split(' ').filter((word) => word !== ''))).toEqual({
    pace,
    rest: rest.split(' ').filter((word) => word !== ''),
    wrong: null,
  });
});

test.each(['--watch 0', '--watch=', '--watch=soon', '--watch 1s', '--watch=4000', '--watch 0.01'])(
  'a mistake: %s',
  (words) => {
    expect(readPace(words.split(' ')).wrong).toMatch(/must be a number of seconds from 0.1 to 3600/);
  },
);
