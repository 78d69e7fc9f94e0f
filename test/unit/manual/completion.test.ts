/** The completions are current (`npm run completion` writes them), and each shell offers what it should. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { manualFiles } from '../../../src/manual/main.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, 'deploy/completion');

test.each([...manualFiles(ROOT)].filter(([file]) => file.startsWith('deploy/')))(
  '%s is current',
  async (file, text) => {
    await expect(text).toMatchFileSnapshot(join(ROOT, file));
  },
);

let files = '';
beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), 'memcache-ha-completion-'));
  writeFileSync(join(files, 'pair.yaml'), '');
  writeFileSync(join(files, 'a pair.yaml'), '');
});
afterAll(() => rmSync(files, { recursive: true }));

/** What is offered for the last word of a line. */
function bash(...words: readonly string[]): string[] {
  const line = ['memcache-ha', ...words].map((word) => `'${word}'`).join(' ');
  const script = `. ${FOLDER}/memcache-ha.bash; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _memcache_ha; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(execFileSync('bash', ['--norc', '-c', script], { cwd: files, encoding: 'utf8' }));
}

function fish(...words: readonly string[]): string[] {
  const script = `source ${FOLDER}/memcache-ha.fish; complete -C 'memcache-ha ${words.join(' ')}'`;
  const env = { ...process.env, HOME: files };
  const offered = execFileSync('fish', ['--no-config', '-c', script], { cwd: files, encoding: 'utf8', env });
  return lines(offered).map((line) => line.replace(/\t.*/, ''));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

const flagsOf = (name: string) => COMMANDS[name]!.options.flatMap(({ flags }) => flags);
const LONG = (flag: string): boolean => flag.startsWith('--');

describe.each([
  ['bash', bash],
  ['fish', fish],
] as const)('%s', (_, offered) => {
  test('every command', () => expect(offered('')).toEqual(expect.arrayContaining(Object.keys(COMMANDS))));

  test.each(Object.keys(COMMANDS))('every option of %s', (name) => {
    expect(offered(name, '--')).toEqual(expect.arrayContaining(flagsOf(name).filter(LONG)));
  });

  test.each([
    ['a beginning of a command', ['st'], ['status']],
    ['a file for --config', ['run', '--config', 'pa'], ['pair.yaml']],
    ['a file for import', ['import', 'pa'], ['pair.yaml']],
    ['the choices of an option', ['import', '--proxy', 'm'], ['magent']],
  ])('%s', (__, words, expected) => expect(offered(...words)).toEqual(expected));
});

test('bash offers a file with a space as one', () => {
  expect(bash('check', '--config', 'a')).toEqual(['a pair.yaml']);
});

test('zsh reads its file, and knows every command and option', () => {
  const script = `
    _arguments() { print -l -- $argv }
    _describe() { print -l -- $commands }
    compdef() { }
    for CURRENT words in ${['2 ""', ...Object.keys(COMMANDS).map((name) => `3 "memcache-ha ${name} "`)].join(' ')}; do
      words=(\${=words} "")
      . ${FOLDER}/_memcache-ha
    done`;
  const said = execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
  for (const [name, { options }] of Object.entries(COMMANDS)) {
    expect(said).toContain(`${name}:`);
    for (const { flags } of options) for (const flag of flags) expect(said).toContain(`${flag}[`);
  }
});
