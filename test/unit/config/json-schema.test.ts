/** The JSON Schema for editors: the committed file is current (`npm run schema` writes it), and it is a sound schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fromJSONSchema } from 'zod';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { MINIMAL, withInstanceLines, withoutKey } from './sample.ts';

const FOLDER = fileURLToPath(new URL('../../../config/', import.meta.url));

test('config/memcache-ha.schema.json is current', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    `${FOLDER}memcache-ha.schema.json`,
  );
});

// Read back from the committed file, as an editor does.
function accepts(text: string): boolean {
  const schema = JSON.parse(readFileSync(`${FOLDER}memcache-ha.schema.json`, 'utf8'));
  return fromJSONSchema(schema).safeParse(parse(text)).success;
}

test.each(readdirSync(FOLDER).filter((name) => name.endsWith('.yaml')))('accepts %s', (name) => {
  expect(accepts(readFileSync(`${FOLDER}${name}`, 'utf8'))).toBe(true);
});

test.each([
  ['the minimal config', MINIMAL, true],
  ['auth_pass as a number', withInstanceLines('authentication: { auth_type: PASS, auth_pass: 1111 }'), true],
  ['metrics: null', `${MINIMAL}global_defs: { metrics: null }\n`, true],
  [
    'weights in every spelling',
    withInstanceLines(
      'track_interface: [a weight 0 reverse, { name: b, weight: "-2 reverse" }, { name: c, weight: 2 }]',
    ),
    true,
  ],
  ['delays in every spelling', `${MINIMAL}interface_up_down_delays: { a: 1, b: "1 2", c: [1, 2] }\n`, true],
  ['preempt: false', withInstanceLines('preempt: false'), false],
  ['an unknown key', withInstanceLines('priorty: 5'), false],
  ['no interface', withoutKey('interface'), false],
  ['no instance', 'global_defs: {}\n', false],
  ['a priority out of range', withInstanceLines('priority: 300'), false],
  ['AH', withInstanceLines('authentication: { auth_type: AH, auth_pass: x }'), false],
])('%s', (_, text, expected) => {
  expect(accepts(text)).toBe(expected);
});
