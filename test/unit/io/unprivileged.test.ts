/** How a program's own end is told from that of the words in front of it; who has which rights is test/netns/service.test.ts's. */
import { fstatSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isJournal } from '../../../src/io/journal.ts';
import { whyNotRun } from '../../../src/io/unprivileged.ts';

describe('why a program did not run', () => {
  const both = ['nice', '-n', '10', 'setpriv', '--inh-caps=-all', '--'];
  test.each<[string, readonly string[], number | null, string, string | null]>([
    [
      'setpriv finds none',
      both,
      127,
      'setpriv: failed to execute /no/such: No such file or directory',
      'ENOENT',
    ],
    ['setpriv may not', both, 126, 'setpriv: failed to execute /tmp: Permission denied', 'EACCES'],
    ['nice finds none', ['nice', '-n', '10'], 127, 'nice: ‘x’: No such file or directory', 'ENOENT'],
    ['a program that ends with the same code', both, 127, 'sh: 1: x: not found', null],
    ['a program that ends otherwise', both, 1, 'setpriv: is what it says', null],
    ['a signal', both, null, 'setpriv: ', null],
    ['no words in front of it', [], 127, 'setpriv: failed to execute x', null],
  ])('%s', (_, words, code, output, why) => {
    expect(whyNotRun(words, code, output)).toBe(why);
  });
});

describe('whether journald reads', () => {
  const { dev, ino } = fstatSync(2);
  test.each<[string, string | undefined, boolean]>([
    ['the very stream', `${dev}:${ino}`, true],
    ['another stream, as after a redirection', `${dev}:${ino + 1}`, false],
    ['nothing said', undefined, false],
    ['nonsense', 'yes', false],
  ])('%s', (_, stream, expected) => {
    expect(isJournal(2, stream ?? '')).toBe(expected);
  });
});
