/** The derived times of RFC 3768 §6.1 and RFC 9568 §6.1, and the deadline of each state. */
import { describe, expect, test } from 'vitest';
import {
  handoverTime,
  leaseRenewal,
  masterDownInterval,
  nextDeadline,
  resignationSkew,
  skewTime,
} from '../../../../src/core/vrrp/timers.ts';
import { backup, handover, INIT, inFault, master, NEVER, router, stopped } from './table.ts';

describe('RFC 3768 §6.1 and RFC 9568 §6.1: Skew_Time and Master_Down_Interval', () => {
  test.each([
    // version, priority, interval, Skew_Time, Master_Down_Interval
    [2, 1, 1000, 996.09375, 3996.09375],
    [2, 99, 1000, 613.28125, 3613.28125],
    [2, 100, 1000, 609.375, 3609.375],
    [2, 254, 1000, 7.8125, 3007.8125],
    [2, 255, 1000, 3.90625, 3003.90625],
    [2, 128, 255_000, 500, 765_500],
    [3, 128, 1000, 500, 3500],
    [3, 128, 10, 5, 35],
    [3, 1, 40_950, 40_790.0390625, 163_640.0390625],
    [3, 255, 100, 0.390625, 300.390625],
  ] as const)('v%i, priority %i, every %i ms: %d and %d ms', (version, priority, interval, skew, down) => {
    const params = router({ version });
    expect(skewTime(params, priority, interval)).toBe(skew);
    expect(masterDownInterval(params, priority, interval)).toBe(down);
  });

  test.each([
    [[], 500],
    [['10.9.0.2'], 0],
    [['10.9.0.2', '10.9.0.4'], 500],
  ])('after a resignation, unicast peers %j: %i ms', (unicastPeers, skew) => {
    expect(resignationSkew(router({ unicastPeers }), 128, 1000)).toBe(skew);
  });
});

describe('the times that are ours', () => {
  test.each([
    [1000, 4000],
    [100, 1300],
    [255_000, 766_000],
  ])('a handover with an advertisement every %i ms lasts %i ms at most', (advertisementInterval, time) => {
    expect(handoverTime(router({ advertisementInterval }))).toBe(time);
  });

  test.each([
    // lease, interval, pause between two renewals
    [3000, 1000, 1000],
    [1000, 100, 1000 / 3],
    [2000, 1000, 1000],
    [5000, 2000, 2000],
    [8000, 3000, 3000],
    [1000, 1000, 500],
    [1000, 10_000, 500],
    [null, 1000, NEVER],
  ])(
    'a lease of %d ms with an advertisement every %i ms: renewed every %d ms',
    (vipLease, interval, pause) => {
      expect(leaseRenewal(router({ vipLease, advertisementInterval: interval }))).toBe(pause);
    },
  );
});

describe('the next deadline is the sooner of those that the state has', () => {
  test.each([
    ['INIT has none', INIT, null],
    ['BACKUP: Master_Down_Timer', backup(), 13_000],
    ['BACKUP: the end of its handover', backup({ handover: handover({ leaseTimer: NEVER }) }), 12_000],
    ['BACKUP: the lease of its handover', backup({ handover: handover() }), 10_400],
    ['MASTER: Adver_Timer', master({ leaseTimer: 11_000 }), 10_500],
    ['MASTER: lease', master(), 10_400],
    ['MASTER: second burst', master({ garpDelayTimer: 10_300 }), 10_300],
    ['MASTER: refresh', master({ garpRefreshTimer: 10_200 }), 10_200],
    ['FAULT has none', inFault(), null],
    ['FAULT: the end of its handover', inFault(handover({ leaseTimer: NEVER })), 12_000],
    ['STOP has none', stopped(), null],
    ['STOP: the lease of its handover', stopped(handover()), 10_400],
  ])('%s', (_, state, deadline) => {
    expect(nextDeadline(state)).toBe(deadline);
  });
});
