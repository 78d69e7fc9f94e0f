/** The page's markup without a browser: what it says of each kind of pair, and that nothing gets out of its place. */
import { expect, test } from 'vitest';
import type { PairView } from '../../../src/daemon/pair-view.ts';
import { createMemory } from '../../../src/page/client/memory.ts';
import type { Model } from '../../../src/page/model.ts';
import { renderPage, titleOf } from '../../../src/page/render.ts';
import { headline } from '../../../src/page/verdict.ts';
import { ALONE, HARM, HARMFUL, MANY, TROUBLE, WELL } from '../../page/support/views.ts';

const modelOf = (view: PairView, changes: Partial<Model> = {}): Model => ({
  ...createMemory().recall(view, '1h', null),
  ...changes,
});
const words = (model: Model): string =>
  renderPage(model)
    .text.replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

const without = (view: PairView, count: number): PairView => ({ ...view, hosts: view.hosts.slice(0, count) });
const masters = (view: PairView): PairView => ({
  ...view,
  hosts: view.hosts.map((host) => ({
    ...host,
    status: host.status && {
      ...host.status,
      instances: host.status.instances.map((instance) => ({ ...instance, state: 'MASTER' as const })),
    },
  })),
});

test.each<[string, PairView, string]>([
  ['well', WELL, 'host-a serves 10.9.0.250'],
  ['the other one', TROUBLE, 'host-b serves 10.9.0.250'],
  ['many', MANY, 'host-a serves VI_1, VI_2 · host-b serves VI_3'],
  ['two masters', masters(WELL), 'host-a and host-b are both MASTER'],
  ['a master that is no peer', without(TROUBLE, 1), '10.9.0.2 is MASTER'],
  ['no peer', without(WELL, 1), 'host-a serves 10.9.0.250'],
])('headline: %s', (_, view, expected) => {
  expect(headline(modelOf(view))).toBe(expected);
});

test.each<[string, Model, string[]]>([
  ['well', modelOf(WELL), ['All is well', 'for 9 min · host-b stands by · the last takeover took 4.2 ms']],
  [
    'in trouble',
    modelOf(TROUBLE),
    ['Serving, with trouble', 'host-a cannot take over', '500 of 1000 items, 1 s left'],
  ],
  [
    'a peer that does not answer',
    modelOf(ALONE),
    ['Serving, but look at this', '10.9.0.2:9650 does not answer'],
  ],
  ['no peer', modelOf(without(WELL, 1)), ['no peer is known here (global_defs.metrics.peers)']],
  [
    'silent',
    modelOf(WELL, { silentFor: 65_000 }),
    ['no answer for 1 min 5 s', 'It said: host-a serves 10.9.0.250 · for 9 min'],
  ],
  [
    'nothing configured',
    modelOf(
      without(
        {
          ...WELL,
          hosts: WELL.hosts.map((host) => ({
            ...host,
            status: host.status && { ...host.status, instances: [] },
          })),
        },
        1,
      ),
    ),
    ['No virtual router is configured here'],
  ],
  [
    'a clock that is off',
    modelOf({ ...WELL, hosts: [WELL.hosts[0]!, { ...WELL.hosts[1]!, clockAhead: -90_000 }] }),
    ['clock 1 min 30 s behind'],
  ],
])('words: %s', (_, model, expected) => {
  const said = words(model);
  for (const each of expected) expect(said).toContain(each);
});

test('a title for a tab', () => {
  expect(titleOf(modelOf(TROUBLE))).toBe('✕ host-b serves 10.9.0.250 · memcache-ha');
});

test('each span of the timeline', () => {
  for (const span of ['15m', '1h', '6h', '24h', '7d']) {
    const { text } = renderPage(modelOf(WELL, { span }));
    expect(text).toContain(`<a href="#${span}" aria-current="true">`);
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
  }
});

test('what means harm is text, and every tag is one of ours', () => {
  const { text } = renderPage(modelOf(HARMFUL));
  expect(text).toContain(HARM.slice(2, 20).replaceAll('<', '&lt;').replaceAll('"', '&quot;'));
  expect(text).not.toMatch(/<(?:img|script)|\son[a-z]+=[^&]*"[^>]*>/i);
  const tags = new Set([...text.matchAll(/<([a-z0-9]+)/gi)].map(([, tag]) => tag));
  for (const tag of tags)
    expect(renderPage(modelOf(WELL)).text + renderPage(modelOf(TROUBLE)).text).toContain(`<${tag}`);
});
