/** 255 virtual routers in one daemon: all are elected in time, stay where they are and are handed over. */
import { beforeAll, describe, expect, test } from 'vitest';
import { electMany, MANY, type ManyCost } from './support/many-instances.ts';

/** RFC 3768 §6.1: Master_Down_Interval of priority 150, and Skew_Time of priority 100, with adverts each second. */
const [MASTER_DOWN, SKEW] = [3414, 609];
/** The machine may be busy with other things; alone it takes a tenth. */
const MARGIN = 3000;

describe(`${MANY} instances at an advert a second`, () => {
  let cost: ManyCost;
  beforeAll(async () => {
    cost = await electMany('memcache-ha', 4000);
    process.stdout.write(`${JSON.stringify(cost)}\n`);
  });

  test('are elected within Master_Down_Interval', () =>
    expect(cost.elected).toBeLessThan(MASTER_DOWN + MARGIN));
  test('stay as they are', () => {
    expect(cost.unrest).toBe(0);
    expect(cost.putBack).toBe(0);
  });
  test('leave the host half of a core, as MASTER and as BACKUP', () => {
    expect(cost.masterCpu).toBeLessThan(50);
    expect(cost.backupCpu).toBeLessThan(50);
  });
  test('are handed over within Skew_Time, and leave nothing', () => {
    expect(cost.handedOver).toBeLessThan(SKEW + MARGIN);
    expect(cost.addressed).toBeLessThan(SKEW + MARGIN);
    expect(cost.ended).toBeLessThan(SKEW + MARGIN);
    expect(cost.left).toBe(0);
  });
});
