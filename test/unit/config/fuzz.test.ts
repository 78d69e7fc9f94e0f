/** No text makes loadConfig throw or hang, and what it says about a text always has a place in that text. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatProblem } from '../../../src/config/problem.ts';
import { load, MINIMAL } from './sample.ts';

const FOLDER = new URL('../../../config/', import.meta.url);
const EXAMPLES = [
  MINIMAL,
  ...readdirSync(FOLDER)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(new URL(name, FOLDER), 'utf8')),
];
/** Wide: the slowest text of 128 KiB takes about a second here, one of some KiB a few ms. */
const LONGEST_MS = 5000;

function holds(text: string): void {
  const begin = performance.now();
  const { config, problems } = load(text);
  expect(performance.now() - begin).toBeLessThan(LONGEST_MS);
  expect(config === null).toBe(problems.some(({ severity }) => severity === 'error'));
  expect(new Set(problems.map(formatProblem)).size).toBe(problems.length);
  const lines = text.split('\n');
  for (const problem of problems) {
    const line = lines[problem.line - 1];
    expect(line, formatProblem(problem)).toBeDefined();
    expect(problem.column).toBeGreaterThan(0);
    expect(problem.column).toBeLessThanOrEqual(line!.length + 2);
    expect(formatProblem(problem)).not.toMatch(/\n|undefined|\[object|Invalid|something else/);
  }
}

test('arbitrary text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), holds), { numRuns: 300 });
});

test("text of YAML's own signs", () => {
  const sign = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ': ',
      '- ',
      '? ',
      '&a ',
      '*a',
      '|',
      '>',
      '"',
      "'",
      '#',
      '%',
      '!',
      '!!map ',
      '\n',
      '\n  ',
      '\t',
      '---\n',
      '...\n',
      '<<: ',
      'a',
      'vrrp_instance',
      '1',
    ],
  );
  fc.assert(
    fc.property(
      fc.array(sign, { maxLength: 60 }).map((signs) => signs.join('')),
      holds,
    ),
    { numRuns: 500 },
  );
});

test('examples with pieces cut out, put in and changed', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '[',
      '{',
      '"',
      '&a ',
      '*a',
      '- ',
      '0',
      '-1',
      '1e9',
      '.nan',
      'null',
      'true',
      '{}',
      '[]',
      '__proto__',
      'constructor',
      '#',
    ),
    fc.string({ maxLength: 5 }),
  );
  const edit = fc.record({ at: fc.nat(6000), cut: fc.nat(40), put: piece });
  fc.assert(
    fc.property(
      fc.constantFrom(...EXAMPLES),
      fc.array(edit, { minLength: 1, maxLength: 4 }),
      (example, edits) => {
        let text = example;
        for (const { at, cut, put } of edits) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + put + text.slice(from + cut);
        }
        holds(text);
      },
    ),
    { numRuns: 600 },
  );
});

test('any value in the place of any other', () => {
  const value = fc.oneof(
    fc.constantFrom(
      '',
      '~',
      'x',
      '""',
      '0',
      '-1',
      '1.5',
      '1e400',
      '.nan',
      'true',
      '[]',
      '{}',
      '[~]',
      '[[]]',
      '{ a: b }',
      '{ name: }',
      '10.0.0.1',
      '[10.0.0.1]',
      '[{ address: 10.0.0.1 }]',
      '!!str 5',
      '2001-01-01',
      '__proto__',
      'constructor',
    ),
    fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...EXAMPLES), fc.nat(), value, (example, pick, put) => {
      const lines = example.split('\n');
      const withValue = lines.flatMap((line, index) => (/^\s*[\w-]+: \S/.test(line) ? [index] : []));
      const index = withValue[pick % withValue.length]!;
      lines[index] = lines[index]!.replace(/^(\s*[\w-]+: ).*$/, (_, key: string) => key + put);
      holds(lines.join('\n'));
    }),
    { numRuns: 600 },
  );
});

// The slowest of many that were tried: depth, brackets that close nothing, aliases, keys.
test.each(['[', '}', '- *a\n', 'a:\n'])(
  '128 KiB of %j',
  (sign) => {
    holds(sign.repeat(Math.floor((128 * 1024) / sign.length)));
  },
  30_000,
);
