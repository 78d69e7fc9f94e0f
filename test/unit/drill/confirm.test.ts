import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { confirm } from '../../../src/drill/confirm.ts';

const ask = (text: string | null, stop = new AbortController()) => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = confirm('Do it?', stop.signal, input, output);
  if (text === null) input.end();
  else input.write(text);
  return { answer, output };
};

test.each([
  ['y\n', true],
  ['Yes \n', true],
  ['n\n', false],
  ['\n', false],
  ['yesterday\n', false],
  [null, false],
])('%j is %s', async (text, yes) => {
  const { answer, output } = ask(text);
  expect(await answer).toBe(yes);
  expect(String(output.read())).toContain('Do it? [y/N] ');
});

test('whoever is interrupted has not agreed', async () => {
  const stop = new AbortController();
  const { answer } = ask('', stop);
  stop.abort('SIGINT');
  expect(await answer).toBe(false);
});

test('nor has who was interrupted before the question', async () => {
  const stop = new AbortController();
  stop.abort('SIGINT');
  const { answer, output } = ask('y\n', stop);
  expect(await answer).toBe(false);
  expect(output.read()).toBeNull();
});
