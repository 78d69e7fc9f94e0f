/** The whole output of a program, or one line on why there is none; bounded in time and size. */
import { describe, expect, test } from 'vitest';
import { askProgram } from '../../../src/io/answer.ts';

const ask = (script: string, timeout = 10_000, longest = 1_000_000) =>
  askProgram({ command: ['sh', '-c', script], timeout, longest });

describe('a program that', () => {
  test('answers', async () => {
    expect(await ask('printf "one\ntwo"; echo noise >&2')).toBe('one\ntwo');
  });

  test.each([
    ['fails', 'echo first >&2; echo second >&2; exit 3', /^first$/],
    ['fails without a word', 'exit 3', /Command failed/],
    [
      'is a Node.js that fails',
      `exec ${process.execPath} /no/such/program.cjs`,
      /^Error: Cannot find module/,
    ],
    ['is not there', 'exec /no/such/program', /not found/],
  ])('%s', async (_title, script, message) => {
    await expect(ask(script)).rejects.toThrow(message);
  });

  test('never ends is killed', async () => {
    const begun = performance.now();
    await expect(ask('sleep 60', 100)).rejects.toThrow('no answer within 100 ms');
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  test('floods its output is killed', async () => {
    await expect(
      ask('while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done', 10_000, 10_000),
    ).rejects.toThrow();
  });
});
