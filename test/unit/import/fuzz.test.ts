/** No text makes the import throw or hang, and whatever it makes, `check` accepts. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is keepalived's and the shell's here
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { GLOBAL_DEFS } from '../../../src/import/keywords/global-defs.ts';
import { instanceTable } from '../../../src/import/keywords/vrrp-instance.ts';
import { importText, instance } from './conf.ts';

// Many runs, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000 });

/** Longest time for one text, in ms. Ten times what the slowest takes on a busy machine. */
const PATIENCE = 10_000;

const FOLDER = new URL('../../fixtures/keepalived/', import.meta.url);
const SAMPLES = [
  'tutorial1/host-a.conf',
  'tutorial2/host-b.conf',
  'tutorial1/check-a.sh',
  'tutorial2/check_mem.sh',
].map((path) => readFileSync(new URL(path, FOLDER), 'utf8'));

function imports(text: string, script = ''): void {
  const files = { '/etc/keepalived/a.conf': text, '/etc/keepalived/check_mem.sh': script };
  const begin = performance.now();
  const scripts = script === '' ? [] : [{ file: 'check.sh', text: script }];
  const { yaml, hasConfig, losses } = importText(text, files, { scripts });
  expect(performance.now() - begin).toBeLessThan(PATIENCE);
  const { config, problems } = loadConfig('x', yaml);
  if (hasConfig)
    expect([config === null, problems.filter(({ severity }) => severity === 'error')]).toEqual([false, []]);
  else expect(yaml.split('\n').filter((line) => !/^(#.*)?$/.test(line))).toEqual([]);
  expect(losses.filter(({ what, reason }) => typeof what !== 'string' || reason === '')).toEqual([]);
}

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => imports(text, text)),
    {
      numRuns: 300,
    },
  );
});

const piece = fc.constantFrom(
  ...['{', '}', '\n', ' ', '"', "'", '\\', '#', '!', '$A', '${A}', '$A=', '~SEQ(A, 1, 3) ', '~LST(A, 1, 2) '],
  ...[
    'include a.conf',
    '@alpha ',
    'vrrp_instance VI_1 {',
    'vrrp_script m {',
    'weight',
    'reverse',
    'interface eth0',
  ],
  ...[
    'virtual_router_id 51',
    'virtual_ipaddress {',
    '10.0.0.5',
    '10.0.0.6/24 dev eth1',
    'fe80::1',
    'script "nc"',
  ],
  ...[
    '-1',
    '0',
    '255',
    '1e9',
    '0x10',
    '99999999999999999999',
    'nan',
    '__proto__',
    'constructor',
    '\0',
    '\u2028',
    ': #',
  ],
  ...[
    'vrrp_sync_group G {',
    'group {',
    'track_script { m }',
    'authentication {',
    'auth_type PASS',
    'auth_pass 1',
  ],
  ...[...instanceTable('eth0').keys(), ...GLOBAL_DEFS.keys()],
);

test('pieces of configurations in any order', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.constantFrom(' ', '\n', '')), { maxLength: 60 }), (pieces) =>
      imports(pieces.flat().join('')),
    ),
    { numRuns: 300 },
  );
});

// What separates, quotes, comments or fills in is keepalived's; any other character is the operator's.
const word = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .map((text) => text.replace(/[\s"#!$\\{}\0]/gu, '_'))
  .filter((text) => !/\p{Cs}/u.test(text) && !/^[@~]/.test(text));

test('a word comes through as it is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        word,
        piece.filter((text) => /^[\w.:-]+$/.test(text)),
      ),
      (text) => {
        const { yaml, losses } = importText(`global_defs {\nrouter_id ${text}\n}\n${instance()}`);
        expect(losses).toEqual([]);
        expect(loadConfig('x', yaml).config?.global.routerId).toBe(text);
      },
    ),
    { numRuns: 300 },
  );
});

const change = fc.record({
  at: fc.nat(2000),
  remove: fc.nat(30),
  insert: fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })),
});

test("the tutorials' files with mistakes in them", () => {
  const broken = (text: string, changes: readonly { at: number; remove: number; insert: string }[]) =>
    changes.reduce((now, { at, remove, insert }) => {
      const place = at % (now.length + 1);
      return now.slice(0, place) + insert + now.slice(place + remove);
    }, text);
  fc.assert(
    fc.property(
      fc.constantFrom(...SAMPLES),
      fc.constantFrom(...SAMPLES),
      fc.array(change, { maxLength: 12 }),
      (conf, script, changes) => imports(broken(conf, changes), broken(script, changes)),
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['an open quote without end', `script "${'a '.repeat(3_000)}`],
  ['braces', '{\n'.repeat(40_000)],
  ['closing braces', '}\n'.repeat(40_000)],
  ['blocks within blocks', 'a {\n'.repeat(20_000)],
  ['one long word', 'x'.repeat(200_000)],
  ['parameters', `$A=${'x'.repeat(1000)}\n${'$A '.repeat(3000)}`],
  ['sequences', `${'~SEQ(A, 1, 9) '.repeat(20)}x $A`],
  ['sequences of a file that includes itself', '~SEQ(A, 1, 999) include a.conf'],
  ['unknown words', 'a b c\n'.repeat(49_000)],
  ['blocks on few lines', `${'a{}'.repeat(2000)}\n`.repeat(150)],
  ['names on long lines', `vrrp_sync_group g {\ngroup {\n${`${'a '.repeat(4000)}\n`.repeat(100)}}\n}`],
  [
    'words that must be looked at',
    `vrrp_sync_group g {\ngroup {\n${Array.from({ length: 49_000 }, (_, i) => `0${i}`).join('\n')}\n}}`,
  ],
  ['a long line', `a ${'b'.repeat(9000)}`],
  ['instances', Array.from({ length: 2000 }, (_, i) => `vrrp_instance V${i} {\nsmtp_alert\n}`).join('\n')],
  ['one instance with everything twice', `vrrp_instance V {\n${'priority 1\n'.repeat(5000)}}`],
  [
    'addresses',
    `vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {\n${'10.0.0.1\n'.repeat(5000)}}\n}`,
  ],
])('a lot of one thing: %s', (_, text) => {
  imports(text);
});

test('a long script', () => {
  imports(SAMPLES[0]!, '$(`"'.repeat(20_000));
  imports(SAMPLES[0]!, 'A=$A$A\n'.repeat(500));
});
