/** The command of a memcached that the daemon runs itself: what it may say, and what is made of `{peer}` at each start. */
import { describe, expect, test } from 'vitest';
import { withPeer } from '../../../src/config/placeholders.ts';
import { configOf, problemsOf, withInstanceLines } from './sample.ts';

const PEER = 'peer: cache-b:11311';

function memcached(...lines: string[]): string {
  const entry = ['address: "[::1]:11212"', ...lines].map((line) => `    ${line}\n`).join('');
  return `${withInstanceLines('track_memcached: [local]')}memcached:\n  local:\n${entry}`;
}

describe('words', () => {
  const commandOf = (...lines: string[]) => configOf(memcached(...lines)).memcached[0]!.command;

  test.each([
    ['command: [memcached, -m, 64, -l, "{host}", -p, "{port}"]', 'memcached -m 64 -l ::1 -p 11212'],
    ['command: memcached -l {host} -p {port}', 'memcached -l ::1 -p 11212'],
    ['command: [x, "{}", "{ host }"]', 'x {} { host }'],
  ])('%s', (line, expected) => {
    expect(commandOf(line)?.join(' ')).toBe(expected);
  });

  test('the peer is left for the start', () => {
    expect(commandOf(PEER, 'command: repcached -x {peer}')).toEqual(['repcached', '-x', '{peer}']);
  });

  test('no command', () => {
    expect(commandOf('command: null')).toBeNull();
    expect(commandOf('rise: 1')).toBeNull();
  });
});

describe('{peer} at a start', () => {
  test.each<[string[], string, string]>([
    [['repcached', '-x', '{peer}', '-v'], 'repcached -x 10.0.0.2 -v', 'repcached -v'],
    [['repcached', '-x{peer}'], 'repcached -x10.0.0.2', 'repcached'],
    [['c', '--of={peer}:1', '-v'], 'c --of=10.0.0.2:1 -v', 'c -v'],
    [['c', '-v', '-x', '{peer}', '-y', '{peer}'], 'c -v -x 10.0.0.2 -y 10.0.0.2', 'c -v'],
    [['memcached', '-p', '1'], 'memcached -p 1', 'memcached -p 1'],
  ])('%j', (command, filled, without) => {
    expect(withPeer(command, '10.0.0.2').join(' ')).toBe(filled);
    expect(withPeer(command, null).join(' ')).toBe(without);
  });
});

describe('mistakes', () => {
  test.each([
    [
      'a placeholder of a proxy',
      [PEER, 'command: [repcached, -l, "{listen}"]'],
      '11:30: memcached.local.command[2]: is "{listen}": {listen} is no placeholder, only {host}, {port} and {peer} are filled in',
    ],
    [
      'a misspelt one',
      [PEER, 'command: repcached -x {per}'],
      '11:14: memcached.local.command: is "{per}": {per} is no placeholder, did you mean "peer"?',
    ],
    [
      'the peer of nobody',
      ['command: [repcached, -x, "{peer}"]'],
      `10:30: memcached.local.command[2]: is "{peer}", which needs memcached.local.peer, the other host's copy`,
    ],
    [
      'a peer within a script',
      [PEER, 'command: [sh, -c, "exec repcached -x {peer}"]'],
      '11:23: memcached.local.command[2]: is "exec repcached -x {peer}", which is left out while the peer is away: write it as a word of its own behind its option, such as -x "{peer}"',
    ],
    [
      'a peer that is no option of anything',
      [PEER, 'command: [start-cache, "{peer}"]'],
      '11:28: memcached.local.command[1]: is "{peer}", which is left out while the peer is away: write it as a word of its own behind its option, such as -x "{peer}"',
    ],
    [
      'a program in the background',
      ['command: /usr/bin/memcached -d -m 64'],
      '10:14: memcached.local.command: is "-d", which sends memcached to the background, where its death is not seen; leave it out',
    ],
    [
      'braces without quotes',
      [PEER, 'command: [repcached, -x, {peer}]'],
      '11:30: memcached.local.command[2]: is a map, must be one word (put the braces in quotes: "{peer}")',
    ],
  ])('%s', (_, lines, problem) => {
    expect(problemsOf(memcached(...lines))).toEqual([problem]);
  });

  test('-d of another program is its own affair', () => {
    expect(problemsOf(memcached('command: [dragonfly, -d]'))).toEqual([]);
  });

  test('a peer that is wrong is told once', () => {
    expect(problemsOf(memcached('peer: "b:x"', 'command: [repcached, -x, "{peer}"]'))).toHaveLength(1);
  });
});
