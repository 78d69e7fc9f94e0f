/** The man pages have every command, option and key, and are shown without a complaint. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../../src/cli/commands.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { PARTS } from '../../../src/manual/commands-page.ts';
import { configKeys } from '../../../src/manual/config-page.ts';
import { manualFiles } from '../../../src/manual/main.ts';
import { section, sections } from '../../../src/manual/markdown.ts';
import { escapeText } from '../../../src/manual/roff.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const files = manualFiles(ROOT);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'memcache-ha-man-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The page as a reader of a terminal sees it, on one line; and what the formatter had to say. */
async function show(file: string): Promise<{ text: string; complaints: string }> {
  const path = join(folder, file.replace(/.*\//, ''));
  writeFileSync(path, files.get(file)!);
  const { stdout, stderr } = await promisify(execFile)('man', ['--warnings', '-l', path], {
    env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '500' },
  });
  return { text: stdout.replace(/\s+/g, ' '), complaints: stderr };
}

describe('memcache-ha(8)', () => {
  let page: Awaited<ReturnType<typeof show>>;
  beforeAll(async () => {
    page = await show('dist/man/memcache-ha.8');
  });

  test('is shown without a complaint', () => expect(page.complaints).toBe(''));

  test.each(Object.entries(COMMANDS))('%s', (_, { synopsis, options }) => {
    expect(page.text).toContain(`memcache-ha ${synopsis}`);
    for (const { flags, argument, summary } of options) {
      const term = [flags.join(', '), ...(argument === undefined ? [] : [argument])].join(' ');
      expect(page.text).toContain(`${term} ${summary}`);
    }
  });

  test.each(PARTS)('$title: all of $document, or of its section', ({ document, heading }) => {
    const markdown = readFileSync(join(ROOT, document), 'utf8');
    const parts = heading === undefined ? sections(markdown) : [section(markdown, heading)];
    const words = parts
      .flatMap(({ tokens }) => tokens)
      .filter(({ type }) => type === 'paragraph' || type === 'list')
      .flatMap(({ raw }) => raw.replace(/\]\([^)]*\)/g, '').match(/[A-Za-z]{4,}/g) ?? []);
    expect(words.length).toBeGreaterThan(30);
    expect(words.filter((word) => !page.text.includes(word))).toEqual([]);
  });
});

describe('memcache-ha.yaml(5)', () => {
  let page: Awaited<ReturnType<typeof show>>;
  beforeAll(async () => {
    page = await show('dist/man/memcache-ha.yaml.5');
  });

  test('is shown without a complaint', () => expect(page.complaints).toBe(''));

  const keys = configKeys(configJsonSchema());

  test.each(keys.filter(({ depth }) => depth > 0))('$path', ({ path, node }) => {
    const found = new RegExp(
      ` ${path.replace(/^[^.]+\./, '').replace(/[.[\]]/g, '\\$&')} (\\([^)]*\\) )?${(node.description ?? 'see ').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`,
    );
    expect(page.text).toMatch(found);
  });

  test('every key of the annotated example is among them', () => {
    const known = new Set(keys.map(({ path }) => path));
    const used: string[] = [];
    const collect = (value: unknown, path: string): void => {
      if (Array.isArray(value)) {
        for (const entry of value) collect(entry, `${path}[]`);
      } else if (value !== null && typeof value === 'object') {
        const named = [...known].some((one) => one.startsWith(`${path}.NAME.`));
        for (const [key, child] of Object.entries(value)) {
          const at = named ? `${path}.NAME` : path === '' ? key : `${path}.${key}`;
          if (!named) used.push(at);
          collect(child, at);
        }
      }
    };
    collect(parse(readFileSync(join(ROOT, 'config/memcache-ha.yaml'), 'utf8')), '');
    expect(used.length).toBeGreaterThan(80);
    expect(used.filter((path) => !known.has(path))).toEqual([]);
  });
});

test.each([
  ['a request at the start of a line', '.TH', '\\&.TH'],
  ['an apostrophe at the start of a line', "'s", '\\(aqs'],
  ['a backslash', 'a\\b', 'a\\eb'],
  ['an option', '--json', '\\-\\-json'],
  ['an arrow', 'a → b', 'a \\-> b'],
  ['a letter beyond ASCII', 'é', '\\[u00E9]'],
])('escapes %s', (_, text, escaped) => expect(escapeText(text)).toBe(escaped));
