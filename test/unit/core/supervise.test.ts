/** Restarts of a program that dies: at once, then with growing pauses when it dies young; five deaths in 10 s are a fault. */
import { describe, expect, test } from 'vitest';
import { LONGEST_FAULT, onDeath, UNTROUBLED } from '../../../src/core/supervise.ts';

const MINUTE = 60_000;

/** The decisions on deaths at these times, as `restart 0` or `fault 60000`; a `!` marks a hopeless one. */
function decisions(...deaths: (number | `${number}!`)[]): string[] {
  let supervision = UNTROUBLED;
  return deaths.map((death) => {
    const hopeless = typeof death === 'string';
    const decision = onDeath(supervision, hopeless ? Number.parseInt(death, 10) : death, hopeless);
    supervision = decision.supervision;
    return `${decision.action} ${decision.pause}`;
  });
}

/** The pauses of the faults of a program that dies at once whenever it is started. */
function faultsOfAHopelessProgram(count: number): number[] {
  let supervision = UNTROUBLED;
  let now = 1000;
  const pauses: number[] = [];
  while (pauses.length < count) {
    const decision = onDeath(supervision, now, true);
    supervision = decision.supervision;
    pauses.push(decision.pause);
    now += decision.pause + 1;
  }
  return pauses;
}

describe('restart', () => {
  test.each<[string, number[], string[]]>([
    [
      'the first at once, then growing pauses, the fifth is a fault',
      [0, 10, 200, 500, 1000],
      ['restart 0', 'restart 100', 'restart 200', 'restart 400', 'fault 60000'],
    ],
    ['the clock may have any origin', [1e9, 1e9 + 1], ['restart 0', 'restart 100']],
    [
      'one death in 10 s is always restarted at once',
      [0, 10_000, 20_000, 30_000, 40_000, 50_000],
      Array(6).fill('restart 0'),
    ],
    ['one that lived for a second has worked: no pause', [0, 1000], ['restart 0', 'restart 0']],
    ['one that lived for less than a second has not', [0, 999], ['restart 0', 'restart 100']],
    [
      'the pause itself is not to its credit',
      [0, 1, 1100, 2300],
      ['restart 0', 'restart 100', 'restart 200', 'restart 0'],
    ],
    ['a death just within the window counts', [0, 9000, 9999], ['restart 0', 'restart 0', 'restart 200']],
    ['four in each window go on for ever', [0, 2500, 5000, 7500, 10_000, 12_500], Array(6).fill('restart 0')],
    [
      'one that works for a second each time is a fault all the same',
      [0, 1000, 2000, 3000, 4000],
      [...Array(4).fill('restart 0'), 'fault 60000'],
    ],
    [
      'a fifth at the very end of the window is a fault',
      [0, 1, 2, 3, 9999],
      ['restart 0', 'restart 100', 'restart 200', 'restart 400', 'fault 60000'],
    ],
    [
      'a fifth after the window is none',
      [0, 1, 2, 3, 10_000],
      ['restart 0', 'restart 100', 'restart 200', 'restart 400', 'restart 0'],
    ],
  ])('%s', (_, deaths, expected) => {
    expect(decisions(...deaths)).toEqual(expected);
  });
});

describe('fault', () => {
  test('a program that never came to work is given up at once', () => {
    expect(decisions('0!')).toEqual(['fault 60000']);
    expect(decisions(0, '10!')).toEqual(['restart 0', 'fault 60000']);
  });

  test('after its fault it has its restarts again, and the next fault lasts twice as long', () => {
    const again = MINUTE + 10;
    expect(decisions('0!', again, again + 1, again + 2, again + 3, again + 4)).toEqual([
      'fault 60000',
      'restart 0',
      'restart 100',
      'restart 200',
      'restart 400',
      'fault 120000',
    ]);
  });

  test('it doubles up to the longest, and stays there', () => {
    const minutes = faultsOfAHopelessProgram(10).map((pause) => pause / MINUTE);
    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  });

  test('a program that lived for longer than the longest fault has its past forgiven', () => {
    const lived = (time: number) => decisions('0!', `${MINUTE + time}!`)[1];
    expect(lived(LONGEST_FAULT)).toBe('fault 120000');
    expect(lived(LONGEST_FAULT + 1)).toBe('fault 60000');
  });

  test('a pause before a restart is not to its credit either', () => {
    const again = MINUTE + 10;
    const lived = (time: number) => decisions('0!', again, again + 1, `${again + 101 + time}!`)[3];
    expect(lived(LONGEST_FAULT)).toBe('fault 120000');
    expect(lived(LONGEST_FAULT + 1)).toBe('fault 60000');
  });
});
