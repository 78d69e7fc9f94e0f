import { describe, expect, test } from 'vitest';
import { expectationOf, expectedWords, FAULTS } from '../../../src/drill/faults.ts';
import { measureOf } from '../../../src/drill/findings.ts';
import { HERE } from '../../../src/drill/hosts.ts';
import { gapMoments, outageOf } from '../../../src/drill/outage.ts';
import { type Findings, judge } from '../../../src/drill/verdict.ts';

const gap = (from: number, to: number) => ({ from, to, gap: to - from, reason: 'closed' });
const COURSE = { watchedFrom: 0, struckAt: 1000, undoneAt: 3000, endedAt: 5000 };

describe('the outage', () => {
  test.each([
    ['none', [], { before: 0, fault: 0, back: 0 }],
    [
      'each in its own time',
      [gap(100, 110), gap(1001, 1201), gap(3100, 3150)],
      { before: 10, fault: 200, back: 50 },
    ],
    ['before the watch', [gap(-100, -10)], { before: 0, fault: 0, back: 0 }],
    ['begun a moment before the fault', [gap(999, 1100)], { before: 0, fault: 101, back: 0 }],
    ['begun before the undoing and ended after it', [gap(2900, 3400)], { before: 0, fault: 500, back: 0 }],
    [
      'the longest of several',
      [gap(1001, 1010), gap(1100, 1150), gap(1200, 1220)],
      { before: 0, fault: 50, back: 0 },
    ],
  ])('%s', (_, gaps, outage) => {
    expect(outageOf(gaps, COURSE)).toEqual(outage);
  });

  test('all of it is the fault’s when nothing was undone', () => {
    expect(outageOf([gap(3100, 3150)], { ...COURSE, undoneAt: null })).toMatchObject({ fault: 50, back: 0 });
  });
});

test('in the timeline: the three longest of each time that stand out from the noise before, and one in any case', () => {
  const lengths = [31, 40, 29, 50, 60].map((length, index) =>
    gap(1001 + index * 100, 1001 + index * 100 + length),
  );
  const gaps = [gap(100, 120), ...lengths, gap(3100, 3108), gap(3200, 3207)];
  const told = gapMoments(gaps, outageOf(gaps, COURSE), COURSE);
  expect(told.filter(({ mood }) => mood === 'bad').map(({ t }) => t)).toEqual([1401, 1301, 1101, 3100]);
  expect(told.slice(0, 2)).toEqual([
    { t: 1401, who: 'client', mood: 'bad', text: 'its last answer for 60 ms (closed)' },
    { t: 1461, who: 'client', mood: 'good', text: 'is answered again, 60 ms without' },
  ]);
});

describe('what counts as the outage', () => {
  const outage = { before: 1, fault: 20, back: 30 };
  const takeover = { after: 400, error: 1 };
  const measure = (fault: (typeof FAULTS)[number], role: 'MASTER' | 'BACKUP', more: object = {}) =>
    measureOf({
      ...{ fault, role, outage, takeover: null, expectation: expectationOf(fault, role) },
      ...more,
    });

  test('the longest, by the fault or by the return', () => {
    expect(measure('hang-agent', 'MASTER')).toMatchObject({ outage: 30 });
    expect(measure('hang-agent', 'MASTER', { takeover })).toMatchObject({ outage: 30 });
  });

  test('with the link cut, what the other host tells', () => {
    const told = measure('cut-link', 'MASTER', { takeover });
    expect(told.outage).toBe(400);
    expect(told.words).toMatch(
      /until the other host became MASTER by its own record \(clocks compared to 1\.0 ms\)/,
    );
    expect(measure('cut-link', 'MASTER').outage).toBeNull();
    expect(measure('cut-link', 'BACKUP')).toMatchObject({ outage: 30 });
  });
});

const GOOD: Findings = {
  ...{ fault: 'hang-memcached', expectation: 'failover', effectLacking: null, interrupted: null, errors: [] },
  ...{ undoFailures: [], troubles: [], outage: 200, maxOutage: null },
  changes: [
    { label: HERE, state: 'FAULT' },
    { label: 'peer', state: 'MASTER' },
  ],
};

test.each<[string, Partial<Findings>, ReturnType<typeof judge>['outcome'], RegExp[]]>([
  ['all went well', {}, 'good', []],
  ['within what is allowed', { maxOutage: 200 }, 'good', []],
  ['too long', { maxOutage: 199 }, 'failed', [/^clients were 200 ms without an answer, more than 199 ms$/]],
  ['not measured', { outage: null }, 'good', []],
  [
    'not measured, and not allowed to be unknown',
    { outage: null, maxOutage: 100 },
    'failed',
    [/could not be measured/],
  ],
  [
    'no effect',
    { effectLacking: 'within 60 s: the other host is not MASTER yet' },
    'failed',
    [/is not MASTER yet$/],
  ],
  ['not undone', { undoFailures: ['ip: no'] }, 'failed', [/^could not be undone: ip: no$/]],
  [
    'not well at the end',
    { troubles: ['here: VI_1 is FAULT'] },
    'failed',
    [/^not well again: here: VI_1 is FAULT$/],
  ],
  ['the client died', { errors: ['the client has ended'] }, 'failed', [/^the client has ended$/]],
  [
    'interrupted',
    { interrupted: 'SIGINT', effectLacking: 'x' },
    'interrupted',
    [/^SIGINT; everything was undone$/],
  ],
  [
    'interrupted, and not well',
    { interrupted: 'SIGINT', troubles: ['here: gone'] },
    'failed',
    [/^SIGINT before/, /^not well again/],
  ],
  [
    'the address moved for a BACKUP',
    { expectation: 'unfelt' },
    'failed',
    [/^peer became MASTER, although only a BACKUP had failed$/],
  ],
  [
    'a BACKUP’s own matter',
    { expectation: 'unfelt', changes: [{ label: HERE, state: 'FAULT' }] },
    'good',
    [],
  ],
  [
    'an election for a proxy',
    { fault: 'kill-proxy', expectation: 'in-place' },
    'failed',
    [/^here became FAULT/, /^peer became MASTER/],
  ],
  [
    'a cut link without a takeover',
    { fault: 'cut-link', changes: [{ label: HERE, state: 'FAULT' }] },
    'failed',
    [/^the other host was not seen to take over$/],
  ],
])('verdict: %s', (_, findings, outcome, reasons) => {
  expect(judge({ ...GOOD, ...findings })).toEqual({
    outcome,
    reasons: reasons.map((reason) => expect.stringMatching(reason)),
  });
});

test('what is expected of each fault, on either host', () => {
  const on = (role: 'MASTER' | 'BACKUP') => FAULTS.map((fault) => expectationOf(fault, role));
  expect(on('MASTER')).toEqual(['failover', 'failover', 'in-place', 'failover', 'failover', 'failover']);
  expect(new Set(on('BACKUP'))).toEqual(new Set(['unfelt']));
  expect(expectedWords('failover', ['10.9.0.250'])).toBe(
    'a failover: this host is MASTER, the other one takes 10.9.0.250 over',
  );
});
