/** Links between the documents, and from the alerts to them, lead somewhere. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { anchor, DOCUMENTS, headingsOf, ROOT, tokensOf } from './documents.ts';

/** What is wrong with a link out of this document; null: nothing. */
function deadEnd(from: string, href: string): string | null {
  if (/^https?:/.test(href)) return null;
  const [path = '', fragment] = href.split('#');
  const target = path === '' ? from : normalize(join(dirname(from), path));
  if (!existsSync(join(ROOT, target))) return `${href}: there is no ${target}`;
  if (fragment === undefined) return null;
  const anchors = headingsOf(target).map(({ text }) => anchor(text));
  return anchors.includes(decodeURIComponent(fragment)) ? null : `${href}: ${target} has no #${fragment}`;
}

describe.each(DOCUMENTS)('%s', (document) => {
  test('its links lead somewhere', () => {
    const links = tokensOf(document).filter((token): token is Tokens.Link => token.type === 'link');
    expect(links.map(({ href }) => deadEnd(document, href)).filter((wrong) => wrong !== null)).toEqual([]);
  });

  test('no two headings have one anchor', () => {
    const anchors = headingsOf(document).map(({ text }) => anchor(text));
    expect(anchors.filter((one, index) => anchors.indexOf(one) !== index)).toEqual([]);
  });
});

interface Rules {
  readonly groups: [{ readonly rules: readonly { alert: string; annotations: { runbook: string } }[] }];
}
const { rules } = (
  parse(readFileSync(join(ROOT, 'deploy/prometheus/memcache-ha.rules.yml'), 'utf8')) as Rules
).groups[0];

test.each(rules)('$alert has a page to turn to', ({ annotations }) => {
  expect(deadEnd('README.md', annotations.runbook)).toBeNull();
});
