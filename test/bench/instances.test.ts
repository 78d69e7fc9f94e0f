/** 255 virtual routers on one interface, beside keepalived with the same configuration. */
import { expect, test } from 'vitest';
import { electMany, type ManyCost } from '../netns/support/many-instances.ts';

/** How long the idle pair is watched, in ms. */
const WATCHED = 20_000;

test('time to elect and to hand over, CPU and memory', async () => {
  const theirs = await electMany('keepalived', WATCHED);
  const ours = await electMany('memcache-ha', WATCHED);
  console.table({ 'memcache-ha': row(ours), keepalived: row(theirs) });
  expect(ours.unrest).toBe(0);
  expect(ours.left).toBe(0);
});

function row(cost: ManyCost) {
  return {
    'all MASTER, ms from start': Math.round(cost.elected),
    'all handed over, ms from SIGTERM': Math.round(cost.handedOver),
    'all addresses there, ms': Math.round(cost.addressed),
    'ended, ms': Math.round(cost.ended),
    'MASTER: CPU, % of a core': cost.masterCpu.toFixed(1),
    'RSS, MB': cost.masterRss.toFixed(0),
    'BACKUP: CPU, %': cost.backupCpu.toFixed(1),
    'BACKUP: RSS, MB': cost.backupRss.toFixed(0),
    'changes of state at rest': cost.unrest,
  };
}
