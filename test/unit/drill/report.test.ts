import { describe, expect, test } from 'vitest';
import { place, tickLabel, ticks } from '../../../src/drill/report/axis.ts';
import { htmlReport } from '../../../src/drill/report/html.ts';
import type { DrillReport } from '../../../src/drill/report/report.ts';
import { svgReport } from '../../../src/drill/report/svg.ts';
import { escapeMarkup, shorten, wrap } from '../../../src/drill/report/text.ts';
import { summaryLines } from '../../../src/drill/summary.ts';
import { formatTimeline } from '../../../src/drill/timeline.ts';
import { milliseconds, outageWords } from '../../../src/drill/words.ts';

const REPORT: DrillReport = {
  ...{ version: '0.1.0', fault: 'hang-memcached', instance: 'VI_1', role: 'MASTER', expectation: 'failover' },
  ...{ outcome: 'failed', reasons: ['clients were 267 ms without an answer, more than 200 ms'] },
  ...{
    at: '2026-01-01T00:00:00.000Z',
    act: 'SIGSTOP to memcached local (pid 9)',
    target: '10.9.0.250:12000',
  },
  hosts: [
    { label: 'here', router_id: 'A<B>', address: '' },
    { label: 'peer', router_id: 'B', address: '10.9.0.102:9650' },
  ],
  virtual_addresses: ['10.9.0.250'],
  outage: {
    ...{ longest_ms: 267, max_ms: 200, before_ms: 0, fault_ms: 267, back_ms: 68, threshold_ms: 5 },
    measured: 'by a client',
  },
  client: { requests: 1769, answers: 1744, misses: 0, failures: 25, p50_ms: 0.2, p99_ms: 11 },
  ...{ undone_ms: 1908, from_ms: -1000, to_ms: 4464 },
  states: [
    {
      label: 'here',
      changes: [
        { ms: -1000, state: 'MASTER' },
        { ms: 689, state: 'FAULT' },
        { ms: 1929, state: 'BACKUP' },
        { ms: 2652, state: 'MASTER' },
      ],
    },
    {
      label: 'peer',
      changes: [
        { ms: -1000, state: 'BACKUP' },
        { ms: 819, state: 'MASTER' },
        { ms: 2664, state: 'silent' },
      ],
    },
  ],
  gaps: [
    { from_ms: 0, to_ms: 267, reason: 'no answer within 20 ms' },
    { from_ms: 2654, to_ms: 2722, reason: 'ECONNRESET' },
  ],
  timeline: [
    { ms: 0, who: 'drill', mood: 'act', text: 'SIGSTOP to memcached local (pid 9)' },
    { ms: 689, who: 'here', mood: 'bad', text: 'MASTER -> FAULT  memcached_down' },
  ],
};

describe('the axis', () => {
  const axis = { from: -1000, to: 4000, left: 100, right: 600 };
  test.each([
    [-1000, 100],
    [0, 200],
    [4000, 600],
    [9000, 600],
    [-9000, 100],
    [Number.NEGATIVE_INFINITY, 100],
  ])('%d ms lies at %d', (ms, x) => {
    expect(place(axis, ms)).toBe(x);
  });

  test.each([
    [-1000, 4000, [-1000, 0, 1000, 2000, 3000, 4000]],
    [-25, 292, [0, 50, 100, 150, 200, 250]],
    [-1000, 60_000, [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]],
  ])('marks from %d to %d', (from, to, marks) => {
    expect(ticks({ ...axis, from, to })).toEqual(marks);
  });

  test('their unit goes by the whole of it', () => {
    expect(tickLabel(250, { ...axis, from: 0, to: 1000 })).toBe('250 ms');
    expect(tickLabel(2500, { ...axis, from: 0, to: 10_000 })).toBe('2.5 s');
  });
});

/** The rectangles of a lane by their titles, left to right. */
function bars(svg: string): { colour: string; x: number; width: number; title: string }[] {
  return [
    ...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*><title>([^<]*)/g),
  ].map(([, colour, x, width, title]) => ({
    colour: colour!,
    x: Number(x),
    width: Number(width),
    title: title!,
  }));
}

describe('the picture', () => {
  test('every state and every gap has its bar, in both views', () => {
    const drawn = bars(svgReport(REPORT));
    const titled = (pattern: RegExp) => drawn.filter(({ title }) => pattern.test(title));
    const [whole, close] = titled(/^267 ms without an answer/);
    expect(whole!.colour).toBe('bad');
    // 267 ms of 5464, and of 819 with a quarter more on each side.
    expect(whole!.width).toBeCloseTo((848 * 267) / 5464, 0);
    expect(close!.width).toBeCloseTo((848 * 267) / (819 * 1.5), 0);
    expect(titled(/^68 ms/)).toHaveLength(1);
    expect(titled(/^FAULT from 689 ms on$/).map(({ colour }) => colour)).toEqual(['fault', 'fault']);
    expect(titled(/^no answer from 2664 ms on$/).map(({ colour }) => colour)).toEqual(['silent']);
    for (const { x, width } of drawn) expect(x + width).toBeLessThanOrEqual(946);
  });

  test.each([
    ['svg', svgReport],
    ['html', htmlReport],
  ])('%s: self-contained, for both themes, with everything that was said', (_, render) => {
    const text = render(REPORT);
    expect(text).not.toMatch(/(src|href)=|url\(|@import/);
    expect(text).toContain('prefers-color-scheme: dark');
    expect(text).toContain('A&lt;B&gt;');
    expect(text).not.toContain('A<B>');
    for (const line of [
      'MASTER -&gt; FAULT',
      '267 ms without an answer, more than 200 ms',
      '0.1.0',
      '2026-01-01T00',
    ])
      expect(text).toContain(line);
  });

  test('late answers of a busy machine do not look like the outage', () => {
    const gaps = [...REPORT.gaps, { from_ms: -500, to_ms: -482, reason: 'late answer' }];
    const late = bars(svgReport({ ...REPORT, gaps })).find(({ title }) => title.startsWith('18 ms'));
    expect(late!.colour).toBe('late');
    const noisy = { ...REPORT.outage, before_ms: 50 };
    const drawn = bars(svgReport({ ...REPORT, outage: noisy }));
    expect(drawn.filter(({ colour }) => colour === 'bad')).toHaveLength(3);
  });

  test('of a drill without any gap, and without a client', () => {
    for (const render of [svgReport, htmlReport]) {
      const text = render({ ...REPORT, gaps: [], client: null, undone_ms: null });
      expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });
});

test('text for markup', () => {
  expect(escapeMarkup(`<a href="x">&'\u0007`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39; ');
  expect(shorten('abcdef', 4)).toBe('abc…');
  expect(shorten('abcd', 4)).toBe('abcd');
  expect(wrap('a bc def overlong g', 4)).toEqual(['a bc', 'def', 'overlong', 'g']);
});

describe('in lines for people', () => {
  test('the summary', () => {
    expect(summaryLines(REPORT)).toEqual([
      'Clients were without an answer for 267 ms (200 ms allowed).',
      '  by a client',
      '  before the fault the longest was at most 5 ms; when it was undone 68 ms',
      '  1769 requests, 1744 answered, 0 of them misses; p99 11 ms',
      '',
      'failed:',
      '  clients were 267 ms without an answer, more than 200 ms',
    ]);
    const good = { ...REPORT, outcome: 'good', reasons: [], client: null } as const;
    expect(summaryLines(good).at(-1)).toBe('good: hang-memcached was survived');
    const unknown = { ...good, outage: { ...REPORT.outage, longest_ms: null, max_ms: null } };
    expect(summaryLines(unknown)[0]).toBe('The outage could not be measured.');
  });

  test('the timeline: in order, the drill’s act first, long pauses shown', () => {
    const moments = [
      { t: 1700, who: 'peer', mood: 'good', text: 'BACKUP -> MASTER' },
      { t: 1000.2, who: 'client', mood: 'bad', text: 'its last answer' },
      { t: 1000.4, who: 'drill', mood: 'act', text: 'SIGSTOP' },
    ] as const;
    expect(formatTimeline(moments, 1000, false)).toEqual([
      '       0 ms ┤ drill   SIGSTOP',
      '       0 ms ┤ client  its last answer',
      '            ┆',
      '     700 ms ┤ peer    BACKUP -> MASTER',
    ]);
    expect(formatTimeline(moments, 1000, true)[3]).toContain('\x1b[32mBACKUP -> MASTER\x1b[0m');
  });

  test.each([
    [0.44, '0.4 ms'],
    [9.94, '9.9 ms'],
    [9.96, '10 ms'],
    [9999, '9999 ms'],
    [12_345, '12.3 s'],
  ])('%d is %s', (value, words) => {
    expect(milliseconds(value)).toBe(words);
  });

  test('no gap above the threshold is not no gap', () => {
    expect(outageWords(0, 5)).toBe('at most 5 ms');
  });
});
