import { describe, expect, test } from 'vitest';
import { createLedger, type GapEvent } from '../../../src/lab/client-ledger.ts';

function ledgerWithEvents(threshold = 5) {
  const events: GapEvent[] = [];
  return { events, ledger: createLedger(threshold, (event) => events.push(event)) };
}

describe('gaps between right answers', () => {
  test('before the first right answer there is no gap, however long it takes', () => {
    const { ledger, events } = ledgerWithEvents();
    ledger.failed('failures', 'ECONNREFUSED');
    ledger.tick(1000);
    ledger.right(5000, 4999);
    expect(events).toEqual([]);
    expect(ledger.standing(5001)).toEqual({ firstAnswer: 5000, lastAnswer: 5000, openGap: 1, longestGap: 1 });
  });

  test('a gap as long as the threshold is not told, but is the longest', () => {
    const { ledger, events } = ledgerWithEvents();
    ledger.right(100, 99);
    ledger.right(105, 104);
    ledger.right(106, 105);
    expect(events).toEqual([]);
    expect(ledger.standing(106).longestGap).toBe(5);
  });

  test('a longer one is told when time has passed, and again when it ends, with its first reason', () => {
    const { ledger, events } = ledgerWithEvents();
    ledger.right(100, 99);
    ledger.tick(104);
    ledger.remark('closed');
    ledger.failed('failures', 'ECONNREFUSED');
    ledger.tick(106);
    ledger.tick(111);
    ledger.right(120.5, 120);
    expect(events).toEqual([
      { t: 106, event: 'answer-lost', gap: 6, reason: 'closed' },
      { t: 120.5, event: 'answered-again', gap: 20.5, reason: 'closed' },
    ]);
    expect(ledger.summary(121).gaps).toEqual([{ from: 100, to: 120.5, gap: 20.5, reason: 'closed' }]);
  });

  test('one that no tick saw is told all the same, and a reason does not outlive its gap', () => {
    const { ledger, events } = ledgerWithEvents();
    ledger.right(100, 99);
    ledger.failed('misses', 'miss');
    ledger.right(110, 109);
    ledger.right(120, 119);
    expect(events.map(({ event, reason }) => [event, reason])).toEqual([
      ['answer-lost', 'miss'],
      ['answered-again', 'miss'],
      ['answer-lost', 'no answer yet'],
      ['answered-again', 'late answer'],
    ]);
  });

  test('the longest gap is of those that ended after a time, or the one that lasts', () => {
    const { ledger } = ledgerWithEvents();
    for (const t of [0, 50, 80, 100]) ledger.right(t, t);
    expect(ledger.standing(101).longestGap).toBe(50);
    expect(ledger.standing(101, 49).longestGap).toBe(50);
    expect(ledger.standing(101, 50).longestGap).toBe(30);
    expect(ledger.standing(101, 80).longestGap).toBe(20);
    expect(ledger.standing(101, 100).longestGap).toBe(1);
    expect(ledger.standing(170, 50)).toMatchObject({ longestGap: 70, openGap: 70 });
    expect(ledger.summary(170).longestGap).toBe(70);
  });
});

describe('counts and latencies', () => {
  test('each outcome has its own count', () => {
    const { ledger } = ledgerWithEvents();
    for (let i = 0; i < 7; i += 1) ledger.request();
    ledger.tolerated();
    ledger.right(1, 0);
    ledger.failed('misses', 'miss');
    ledger.failed('wrong', 'ERROR');
    ledger.failed('failures', 'closed');
    ledger.failed('failures', 'closed');
    expect(ledger.summary(2)).toMatchObject({
      ...{ requests: 7, answers: 1, tolerated: 1, misses: 1, wrong: 1, failures: 2 },
    });
  });

  test('p50 and p99 are null without an answer, and right to 10 µs with a hundred', () => {
    const { ledger } = ledgerWithEvents();
    expect(ledger.summary(0)).toMatchObject({ p50: null, p99: null });
    for (let i = 1; i <= 100; i += 1) ledger.right(i, i - i / 100);
    expect(ledger.summary(100)).toMatchObject({ p50: 0.5, p99: 0.99 });
  });

  test('an answer that took longer than a second counts as a second', () => {
    const { ledger } = ledgerWithEvents();
    ledger.right(5000, 0);
    expect(ledger.summary(5000)).toMatchObject({ p50: 1000, p99: 1000 });
  });

  test('after ten thousand gaps only the longest is still told apart', () => {
    const { ledger } = ledgerWithEvents();
    for (let i = 0; i <= 10_001; i += 1) ledger.right(i * 10, i * 10);
    ledger.right(100_010 + 700, 100_010);
    const summary = ledger.summary(100_710);
    expect(summary.gaps).toHaveLength(10_000);
    expect(summary.longestGap).toBe(700);
  });
});
