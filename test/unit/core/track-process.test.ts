import { describe, expect, test } from 'vitest';
import { matchesProcess, type ProcessPattern, quorumMet } from '../../../src/core/track-process.ts';

const pattern = (changes: Partial<ProcessPattern>): ProcessPattern => ({
  process: 'memcached',
  parameters: null,
  paramMatch: 'exact',
  fullCommand: false,
  quorum: 1,
  quorumMax: null,
  ...changes,
});
const command = ['/usr/bin/memcached', '-p', '11211', '-u', 'memcache'];

describe('keepalived.conf(5), VRRP track processes: which processes are meant', () => {
  test.each<[string, Partial<ProcessPattern>, string, string[], boolean]>([
    ['by name', {}, 'memcached', command, true],
    ['another name', {}, 'memcached-x', command, false],
    [
      'no regular expression: a part of the name is not it',
      { process: 'memcache' },
      'memcached',
      command,
      false,
    ],
    [
      'the kernel keeps 15 characters',
      { process: 'a-very-long-program-name' },
      'a-very-long-pro',
      ['x'],
      true,
    ],
    ['by path, the name decides', { process: '/usr/bin/memcached' }, 'memcached', command, true],
    ['all parameters', { parameters: ['-p', '11211', '-u', 'memcache'] }, 'memcached', command, true],
    ['exact: fewer are not enough', { parameters: ['-p', '11211'] }, 'memcached', command, false],
    [
      'partial: the first ones',
      { parameters: ['-p', '11211'], paramMatch: 'partial' },
      'memcached',
      command,
      true,
    ],
    [
      'partial: whole words',
      { parameters: ['-p', '112'], paramMatch: 'partial' },
      'memcached',
      command,
      false,
    ],
    [
      'initial: the last may be longer',
      { parameters: ['-p', '112'], paramMatch: 'initial' },
      'memcached',
      command,
      true,
    ],
    ['none at all', { parameters: [] }, 'memcached', ['memcached'], true],
    ['none at all, but there are some', { parameters: [] }, 'memcached', command, false],
    [
      'full_command: the whole path',
      { process: '/usr/bin/memcached', fullCommand: true },
      'memcached',
      command,
      true,
    ],
    ['full_command: the name alone is not it', { fullCommand: true }, 'memcached', command, false],
    ['a kernel thread has no command', { parameters: [] }, 'memcached', [], false],
  ])('%s', (_title, changes, name, words, expected) => {
    expect(matchesProcess(pattern(changes), name, words)).toBe(expected);
  });
});

describe('quorum and quorum_max', () => {
  test.each<[number, number | null, number, boolean]>([
    [1, null, 0, false],
    [1, null, 1, true],
    [1, null, 99, true],
    [2, 3, 1, false],
    [2, 3, 2, true],
    [2, 3, 3, true],
    [2, 3, 4, false],
  ])('quorum %s, quorum_max %s: %s processes are %s', (quorum, quorumMax, count, expected) => {
    expect(quorumMet(pattern({ quorum, quorumMax }), count)).toBe(expected);
  });
});
