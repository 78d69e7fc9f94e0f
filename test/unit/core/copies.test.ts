import { expect, test } from 'vitest';
import { authorityOf, type Copy } from '../../../src/core/copies.ts';

const COPIES: Record<string, Copy | null> = {
  whole: { up: true, whole: true },
  filling: { up: true, whole: false },
  out: { up: false, whole: true },
  'out and behind': { up: false, whole: false },
  none: null,
};

test.each([
  ['whole', 'whole', 0],
  ['whole', 'filling', 0],
  ['whole', 'out', 0],
  ['whole', 'none', 0],
  ['filling', 'whole', 1],
  ['filling', 'filling', 0],
  ['filling', 'out', 0],
  ['filling', 'none', 0],
  ['out', 'whole', 1],
  ['out', 'filling', 1],
  ['out', 'out', null],
  ['out', 'none', null],
  ['out and behind', 'whole', 1],
  ['out and behind', 'out and behind', null],
])('server %s, backup %s: side %s decides', (server, backup, side) => {
  expect(authorityOf(COPIES[server]!, COPIES[backup]!)).toBe(side);
});
