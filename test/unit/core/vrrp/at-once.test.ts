/** Whether the first ARPs of a takeover may wait for a proxy: they may while a master that lives still serves. */
import { expect, test } from 'vitest';
import { step } from '../../../../src/core/vrrp/machine.ts';
import { freshBackup, NOW, ready, router } from './table.ts';

test.each([
  ['a dead one: no', { masterResigned: false }, true],
  ['one that resigned: yes', { masterResigned: true }, undefined],
])('%s', (_, changes, atOnce) => {
  const before = freshBackup({ master: { address: '10.9.0.2', priority: 200 }, ...changes });
  const { effects } = step(router(), ready(), before, { type: 'timer' }, NOW + 3500);
  expect(effects.find(({ type }) => type === 'gratuitousArp')).toEqual({
    type: 'gratuitousArp',
    repeat: 5,
    ...(atOnce && { atOnce }),
  });
});
