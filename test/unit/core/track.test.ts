/** keepalived's fall, rise and weight: from check results to what the host is able to do. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assess,
  type CheckResult,
  type CheckState,
  coldReasons,
  judge,
  type TrackedStatus,
  UNCHECKED,
} from '../../../src/core/track.ts';

/** Results by letter: + good, - bad, ! bad and final. The statuses after each: ? unknown, u up, d down. */
const RESULTS: Readonly<Record<string, CheckResult>> = {
  '+': { ok: true },
  '-': { ok: false, final: false, detail: 'timed out' },
  '!': { ok: false, final: true, detail: 'connection refused' },
};

function statuses(fall: number, rise: number, results: string): string {
  let state: CheckState = UNCHECKED;
  return [...results]
    .map((letter) => {
      state = judge({ fall, rise }, state, RESULTS[letter]!);
      return state.status[0];
    })
    .join('');
}

describe('fall and rise', () => {
  test.each([
    ['the first result alone decides: good', 3, 3, '+', 'u'],
    ['the first result alone decides: bad', 3, 3, '-', 'd'],
    ['defaults: each result decides', 1, 1, '+-+-', 'udud'],
    ['fall 3: two failures are not enough', 3, 1, '+--+', 'uuuu'],
    ['fall 3: three in a row are', 3, 1, '+---', 'uuud'],
    ['fall 3: a good one in between begins the count anew', 3, 1, '+--+--+---', 'uuuuuuuuud'],
    ['rise 2: one success is not enough', 1, 2, '-+-+', 'dddd'],
    ['rise 2: two in a row are', 1, 2, '-++', 'ddu'],
    ['rise 3: a bad one in between begins the count anew', 1, 3, '-++-+++', 'ddddddu'],
    ['a final failure needs no repetition', 3, 1, '+!', 'ud'],
    ['a final failure begins the count of rise anew', 3, 2, '-+!++', 'ddddu'],
    ['after fall the count of fall begins anew', 2, 1, '+--+-+--', 'uuduuuud'],
  ])('%s', (_, fall, rise, results, expected) => {
    expect(statuses(fall, rise, results)).toBe(expected);
  });

  test.each([
    ['+', ''],
    ['+-', 'timed out'],
    ['+-+', ''],
    ['+!', 'connection refused'],
    ['!+', 'connection refused'],
    ['!-', 'timed out'],
    ['!++', ''],
  ])('why, after %s: %j', (results, detail) => {
    const limits = { fall: 2, rise: 2 };
    const last = [...results].reduce((state, letter) => judge(limits, state, RESULTS[letter]!), UNCHECKED);
    expect(last.detail).toBe(detail);
  });

  test('a status changes only after fall or rise results in a row that contradict it', () => {
    const limit = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(limit, limit, fc.string({ unit: fc.constantFrom('+', '-') }), (fall, rise, results) => {
        const after = statuses(fall, rise, results);
        for (let i = 1; i < after.length; i++) {
          if (after[i] === after[i - 1]) continue;
          const run = after[i] === 'd' ? '-'.repeat(fall) : '+'.repeat(rise);
          expect(results.slice(0, i + 1).endsWith(run)).toBe(true);
        }
      }),
    );
  });
});

describe('weights and faults', () => {
  const tracked = (weight: number, status: CheckState['status'], name = 'chk'): TrackedStatus => ({
    kind: 'script',
    name,
    weight,
    reverse: false,
    status,
    streak: 0,
    detail: `${name} is ${status}`,
  });
  const fault = { kind: 'script', name: 'chk', detail: 'chk is down' };
  const reversed = (weight: number, status: CheckState['status']) => ({
    ...tracked(weight, status),
    reverse: true,
  });
  const reverseFault = { ...fault, detail: 'is up, and tracked in reverse' };
  const valued = (weight: number, value: number) => ({
    ...tracked(weight, value === 0 ? 'up' : 'down'),
    value,
  });

  test.each([
    ['nothing tracked', 100, [], 100, [], true],
    ['weight 0, up', 100, [tracked(0, 'up')], 100, [], true],
    ['weight 0, down: a fault', 100, [tracked(0, 'down')], 100, [fault], true],
    ['weight 0, unknown: not decided', 100, [tracked(0, 'unknown')], 100, [], false],
    ['a positive weight counts while it is up', 100, [tracked(20, 'up')], 120, [], true],
    ['a positive weight, down', 100, [tracked(20, 'down')], 100, [], true],
    ['a positive weight, unknown: decided, not counted', 100, [tracked(20, 'unknown')], 100, [], true],
    ['a negative weight counts while it is down', 100, [tracked(-20, 'down')], 80, [], true],
    ['a negative weight, up', 100, [tracked(-20, 'up')], 100, [], true],
    ['a negative weight, unknown: decided, not counted', 100, [tracked(-20, 'unknown')], 100, [], true],
    ['reverse, weight 0, up: a fault', 100, [reversed(0, 'up')], 100, [reverseFault], true],
    ['reverse, weight 0, down', 100, [reversed(0, 'down')], 100, [], true],
    ['reverse, a positive weight lowers while it is up', 100, [reversed(20, 'up')], 80, [], true],
    ['reverse, a negative weight raises while it is down', 100, [reversed(-20, 'down')], 120, [], true],
    ['track_file: the number times the weight', 100, [valued(2, 10)], 120, [], true],
    ['track_file: a negative number lowers', 100, [valued(2, -10)], 80, [], true],
    ['track_file in reverse', 100, [{ ...valued(2, 10), reverse: true }], 80, [], true],
    ['track_file: -253 is no fault', 254, [valued(1, -253)], 1, [], true],
    ['track_file: below -253 is a fault', 254, [valued(1, -254)], 1, [fault], true],
    ['track_file, weight 0: zero is good', 100, [valued(0, 0)], 100, [], true],
    ['track_file, weight 0: anything else is a fault', 100, [valued(0, 3)], 100, [fault], true],
    ['weights add up', 100, [tracked(20, 'up'), tracked(-50, 'down'), tracked(5, 'up')], 75, [], true],
    ['clamped to 254', 250, [tracked(20, 'up')], 254, [], true],
    ['clamped to 1', 10, [tracked(-20, 'down')], 1, [], true],
    ['clamped at the end only', 200, [tracked(100, 'up'), tracked(-100, 'down')], 200, [], true],
    ['the owner keeps 255', 255, [tracked(20, 'up'), tracked(-20, 'down')], 255, [], true],
    ['the owner is no less at fault', 255, [tracked(0, 'down')], 255, [fault], true],
    [
      'faults in the order of the configuration, weights beside them',
      100,
      [tracked(0, 'down'), tracked(5, 'up'), tracked(0, 'down', 'other')],
      105,
      [fault, { kind: 'script', name: 'other', detail: 'other is down' }],
      true,
    ],
    [
      'a fault beside an unknown one: not decided',
      100,
      [tracked(0, 'down'), tracked(0, 'unknown')],
      100,
      [fault],
      false,
    ],
  ] as const)('%s', (_, priority, checks, effective, faults, decided) => {
    expect(assess(priority, checks, '10.9.0.3', true)).toEqual({
      decided,
      priority: effective,
      faults,
      cold: [],
      candidate: true,
      localAddress: '10.9.0.3',
    });
  });

  describe('a copy that is compared with its peer', () => {
    const copy = (
      weight: number,
      status: CheckState['status'],
      cold: string | null,
      decided = true,
    ): TrackedStatus => ({ ...tracked(weight, status), kind: 'memcached', warmth: { decided, cold } });
    const WHY = 'cold: generation 3, peer 4';

    test.each([
      ['whole', 100, [copy(0, 'up', null)], 100, 0, true],
      ['cold: fit, and behind everybody else', 100, [copy(0, 'up', WHY)], 1, 0, true],
      ['cold whatever the weight', 100, [copy(20, 'up', WHY)], 1, 0, true],
      ['cold whatever else counts', 100, [copy(0, 'up', WHY), tracked(50, 'up')], 1, 0, true],
      ['the owner keeps 255', 255, [copy(0, 'up', WHY)], 255, 0, true],
      ['cold and at fault', 100, [copy(0, 'up', WHY), tracked(0, 'down')], 1, 1, true],
      ['cold, its last answer late', 100, [{ ...copy(0, 'up', WHY), streak: 1 }], 1, 0, true],
      ['not compared yet: not decided', 100, [copy(0, 'up', null, false)], 100, 0, false],
      ['not compared yet, with a weight: not decided', 100, [copy(20, 'up', null, false)], 120, 0, false],
      ['down: there is nothing to compare', 100, [copy(0, 'down', null, false)], 100, 1, true],
      ['down with a weight: nor is it cold', 100, [copy(-20, 'down', WHY)], 80, 0, true],
    ] as const)('%s', (_, priority, checks, effective, faults, decided) => {
      const readiness = assess(priority, checks, '10.9.0.3', true);
      expect(readiness).toMatchObject({ priority: effective, decided, candidate: true });
      expect(readiness.faults).toHaveLength(faults);
      const isCold = checks[0].warmth?.cold === WHY && checks[0].status === 'up';
      expect(readiness.cold).toEqual(isCold ? [{ kind: 'memcached', name: 'chk', detail: WHY }] : []);
    });

    test('is told in words', () => {
      const { cold } = assess(100, [{ ...copy(0, 'up', WHY), name: 'local' }], null, true);
      expect(coldReasons(cold)).toBe('memcached local is cold: generation 3, peer 4');
    });
  });

  test('whether it is wanted and its address are handed on', () => {
    expect(assess(100, [], null, false)).toMatchObject({ candidate: false, localAddress: null });
  });
});
