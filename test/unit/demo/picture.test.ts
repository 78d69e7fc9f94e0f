import { expect, test } from 'vitest';
import { picture, type View, whoHolds } from '../../../src/demo/picture.ts';
import { createStyle, wantsColour } from '../../../src/demo/style.ts';

const view = (label: 'A' | 'B', state: string | null, serves: boolean, memcached = true): View => ({
  label,
  address: label === 'A' ? '10.9.0.101' : '10.9.0.102',
  state,
  holdsVip: serves,
  proxyListens: serves,
  memcachedListens: memcached,
});
const before = { A: view('A', 'MASTER', true), B: view('B', 'BACKUP', false) };
const after = { A: view('A', null, false, false), B: view('B', 'MASTER', true) };

test('both hosts side by side, what changed is marked', () => {
  expect(picture(after, createStyle(false), before)).toEqual([
    '  ┌─ host A  10.9.0.101 ─────────────┐   ┌─ host B  10.9.0.102 ─────────────┐',
    '  │ · off                   <        │   │ ● MASTER                <        │',
    '  │ · VIP 10.9.0.250       - <       │   │ ● VIP 10.9.0.250       here <    │',
    '  │ · proxy on port 12000  - <       │   │ ● proxy on port 12000  listens < │',
    '  │ · memcached            down <    │   │ ● memcached            up        │',
    '  └──────────────────────────────────┘   └──────────────────────────────────┘',
  ]);
});

test('without a before nothing is marked', () => {
  expect(picture(before, createStyle(false)).join('')).not.toContain('<');
});

test.each([
  [before, 'MASTER is A; the VIP is on A.'],
  [after, 'MASTER is B; the VIP is on B.'],
  [{ A: before.A, B: after.B }, 'MASTER is A and B; the VIP is on A and B.'],
  [{ A: after.A, B: before.B }, 'MASTER is nobody; the VIP is on nobody.'],
])('in one sentence: %#', (views, sentence) => {
  expect(whoHolds(views)).toBe(sentence);
});

test.each([
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
])('colours: terminal %s, environment %o: %s', (isTerminal, env, wanted) => {
  expect(wantsColour(isTerminal, env)).toBe(wanted);
});
