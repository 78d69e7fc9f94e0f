/** Parameters that change while a virtual router runs, in tables: what becomes of each deadline. */
import { describe, expect, test } from 'vitest';
import { step } from '../../../../src/core/vrrp/machine.ts';
import type { Millis, VrrpParameters } from '../../../../src/core/vrrp/parameters.ts';
import { rebase } from '../../../../src/core/vrrp/rebase.ts';
import type { State } from '../../../../src/core/vrrp/state.ts';
import { nextDeadline } from '../../../../src/core/vrrp/timers.ts';
import {
  backup,
  handover,
  INIT,
  inFault,
  master,
  NEVER,
  NOW,
  ready,
  router,
  stopped,
  word,
} from './table.ts';

interface Row {
  readonly title: string;
  readonly before?: Partial<VrrpParameters>;
  readonly after: Partial<VrrpParameters>;
  readonly state: State;
  readonly expected: State;
}

const rows = (all: readonly Row[]): void =>
  test.each(all)('$title', ({ before, after, state, expected }) => {
    const change = {
      before: router(before),
      after: router({ ...before, ...after }),
      priority: 128,
      now: NOW,
    };
    expect(rebase(change, state)).toEqual(expected);
  });

const v3 = { version: 3 } as const;

describe('MASTER: Adver_Timer', () => {
  rows([
    {
      title:
        'a longer interval: the next advertisement comes when it would have, for the peers wait no longer',
      before: v3,
      after: { advertisementInterval: 5000 },
      state: master({ leaseTimer: NEVER }),
      expected: master({ leaseTimer: NOW + 1500 }),
    },
    {
      title: 'a shorter interval that is over already: now',
      before: { ...v3, vipLease: null },
      after: { advertisementInterval: 100 },
      state: master({ leaseTimer: NEVER }),
      expected: master({ adverTimer: NOW, leaseTimer: NEVER }),
    },
    {
      title: 'a shorter interval that is not over: from the last advertisement',
      before: { ...v3, vipLease: null },
      after: { advertisementInterval: 800 },
      state: master({ leaseTimer: NEVER }),
      expected: master({ adverTimer: NOW - 500 + 800, leaseTimer: NEVER }),
    },
    {
      title: 'another priority, password or peer moves no timer',
      after: { priority: 200, authPass: new Uint8Array(8), unicastPeers: ['10.9.0.9'] },
      state: master({ leaseTimer: NOW + 900, garpDelayTimer: NOW + 3000 }),
      expected: master({ leaseTimer: NOW + 900, garpDelayTimer: NOW + 3000 }),
    },
  ]);

  test.each<[Millis, Millis]>([
    [1000, 10],
    [1000, 100],
    [40_000, 10],
    [100, 40_000],
  ])('from %i to %i ms, however late: it is not taken for one that overslept', (from, to) => {
    for (const spoke of [0, 0.5, 0.99]) {
      const before = router({ version: 3, advertisementInterval: from, downTimerAdverts: 1 });
      const after = { ...before, advertisementInterval: to };
      const state = master({ adverTimer: NOW + from * (1 - spoke), leaseTimer: NEVER });
      const rebased = rebase({ before, after, priority: 128, now: NOW }, state);
      const due = nextDeadline(rebased)!;
      const { state: next, effects } = step(after, ready(), rebased, { type: 'timer' }, due);
      expect(next.name).toBe('MASTER');
      expect(effects.map(word)).not.toContain('remove');
      expect(due).toBeLessThanOrEqual(Math.max(NOW, NOW + from * (1 - spoke)));
    }
  });
});

describe('MASTER: lease and gratuitous ARP', () => {
  rows([
    {
      title: 'another lease is told to the kernel now',
      after: { vipLease: 10_000 },
      state: master(),
      expected: master({ leaseTimer: NOW }),
    },
    {
      title: 'no lease any more likewise: the address must be put on for ever',
      after: { vipLease: null },
      state: master(),
      expected: master({ leaseTimer: NOW }),
    },
    {
      title: 'a lease where there was none likewise',
      before: { vipLease: null },
      after: { vipLease: 3000 },
      state: master({ leaseTimer: NEVER }),
      expected: master({ leaseTimer: NOW }),
    },
    {
      title: 'the second burst, still to come, counts from the takeover',
      after: { garpMasterDelay: 8000 },
      state: master({ garpDelayTimer: NOW + 3000 }),
      expected: master({ garpDelayTimer: NOW + 6000 }),
    },
    {
      title: 'and comes now when it would have been before',
      after: { garpMasterDelay: 1000 },
      state: master({ garpDelayTimer: NOW + 3000 }),
      expected: master({ garpDelayTimer: NOW }),
    },
    {
      title: 'and not at all when there is none any more',
      after: { garpMasterDelay: 0 },
      state: master({ garpDelayTimer: NOW + 3000 }),
      expected: master({ garpDelayTimer: NEVER }),
    },
    {
      title: 'a second burst that is over does not come again',
      after: { garpMasterDelay: 8000 },
      state: master(),
      expected: master(),
    },
    {
      title: 'the burst after a lower master likewise',
      after: { garpLowerPrioDelay: 6000 },
      state: master({ garpLowerPrioTimer: NOW + 1000 }),
      expected: master({ garpLowerPrioTimer: NOW + 2000 }),
    },
    {
      title: 'refreshing begins',
      after: { garpMasterRefresh: 60_000 },
      state: master(),
      expected: master({ garpRefreshTimer: NOW + 60_000 }),
    },
    {
      title: 'refreshing oftener',
      before: { garpMasterRefresh: 60_000 },
      after: { garpMasterRefresh: 20_000 },
      state: master({ garpRefreshTimer: NOW + 50_000 }),
      expected: master({ garpRefreshTimer: NOW + 10_000 }),
    },
    {
      title: 'refreshing ends',
      before: { garpMasterRefresh: 60_000 },
      after: { garpMasterRefresh: 0 },
      state: master({ garpRefreshTimer: NOW + 50_000 }),
      expected: master({ garpRefreshTimer: NEVER }),
    },
  ]);
});

describe('BACKUP: Master_Down_Timer', () => {
  const heard = { master: { address: '10.9.0.2', priority: 200 } };
  rows([
    {
      title: 'v2, a longer interval: counted from when the master was heard',
      after: { advertisementInterval: 2000 },
      state: backup(heard),
      expected: backup({ ...heard, masterAdverInterval: 2000, masterDownTimer: 16_000 }),
    },
    {
      title: 'v2, a shorter interval: the whole of it from now, because the master may not know of it yet',
      before: { advertisementInterval: 10_000 },
      after: { advertisementInterval: 1000 },
      state: backup({ ...heard, masterAdverInterval: 10_000, masterDownTimer: NOW + 25_500 }),
      expected: backup({ ...heard, masterDownTimer: NOW + 3500 }),
    },
    {
      title: 'but never later than it would have been',
      before: { advertisementInterval: 2000 },
      after: { advertisementInterval: 1000 },
      state: backup({ ...heard, masterAdverInterval: 2000, masterDownTimer: NOW + 100 }),
      expected: backup({ ...heard, masterDownTimer: NOW + 100 }),
    },
    {
      title: 'RFC 9568 §6.1: in v3 the interval is that of the master that is heard',
      before: v3,
      after: { advertisementInterval: 100 },
      state: backup({ ...heard, masterAdverInterval: 1000 }),
      expected: backup({ ...heard, masterAdverInterval: 1000 }),
    },
    {
      title: 'RFC 9568 §6.1: and our own while none is heard',
      before: v3,
      after: { advertisementInterval: 2000 },
      state: backup(),
      expected: backup({ masterAdverInterval: 2000, masterDownTimer: NOW + 3000 + 3500 }),
    },
    {
      title: "keepalived's down_timer_adverts",
      after: { downTimerAdverts: 5 },
      state: backup(heard),
      expected: backup({ ...heard, masterDownTimer: NOW + 3000 + 2000 }),
    },
    {
      title: 'after a resignation the skew goes on',
      after: { advertisementInterval: 2000 },
      state: backup({ masterResigned: true, masterDownTimer: NOW + 400 }),
      expected: backup({ masterResigned: true, masterDownTimer: NOW + 400, masterAdverInterval: 2000 }),
    },
    {
      title: 'another priority or preempt_delay moves no timer',
      after: { priority: 1, preemptDelay: 60_000, preempt: false },
      state: backup(heard),
      expected: backup(heard),
    },
  ]);
});

describe('a handover keeps its end, and its lease is told', () => {
  const after = { vipLease: 10_000 };
  const [old, now] = [handover(), handover({ leaseTimer: NOW })];
  rows([
    { title: 'in BACKUP', after, state: backup({ handover: old }), expected: backup({ handover: now }) },
    { title: 'in FAULT', after, state: inFault(old), expected: inFault(now) },
    { title: 'in STOP', after, state: stopped(old), expected: stopped(now) },
    { title: 'there is none in INIT', after, state: INIT, expected: INIT },
    { title: 'nor in FAULT without one', after, state: inFault(), expected: inFault() },
  ]);
});
