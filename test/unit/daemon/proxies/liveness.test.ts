/** When a program counts as hung, and when it does not: on a clock that the test turns. */
import { expect, test } from 'vitest';
import { ASK_EVERY, UNANSWERED, watchLiveness } from '../../../../src/daemon/proxies/liveness.ts';

/** `pass` lets time go by, whose timers come `late`; whether the program answers is the test's. */
function watched() {
  let now = 0;
  let timer: { deadline: number; callback: () => void } | null = null;
  let answers = true;
  let asked = 0;
  const hangs: number[] = [];
  const queue: (() => void)[] = [];
  const clock = {
    now: () => now,
    at(deadline: number, callback: () => void) {
      const mine = { deadline, callback };
      timer = mine;
      return () => {
        if (timer === mine) timer = null;
      };
    },
  };
  const liveness = watchLiveness({
    clock,
    ask() {
      asked++;
      if (answers) queue.push(() => liveness.answered());
    },
    onHang: (silence) => void hangs.push(silence),
  });
  const hear = () => {
    for (const answer of queue.splice(0)) answer();
  };
  const pass = (ms: number, late = 0) => {
    hear();
    const until = now + ms;
    while (timer !== null && timer.deadline + late <= until) {
      const { deadline, callback } = timer;
      timer = null;
      now = deadline + late;
      callback();
      hear();
    }
    now = until;
  };
  return {
    ...{ pass, hangs, liveness },
    asked: () => asked,
    answer: (does: boolean) => {
      answers = does;
    },
  };
}

const SILENCE = UNANSWERED * ASK_EVERY;

test('one that answers is asked again and again, and never hangs', () => {
  const { pass, hangs, asked } = watched();
  pass(60_000);
  expect(hangs).toEqual([]);
  expect(asked()).toBe(61);
});

test('one that falls silent hangs, told once, after no less than three seconds', () => {
  const { pass, hangs, answer } = watched();
  pass(5_500);
  answer(false);
  pass(SILENCE);
  expect(hangs).toEqual([]);
  pass(ASK_EVERY);
  expect(hangs).toEqual([SILENCE]);
  pass(60_000);
  expect(hangs).toEqual([SILENCE]);
});

test('an answer that comes late is one', () => {
  const { pass, hangs, answer, liveness } = watched();
  pass(5_500);
  answer(false);
  for (let turn = 0; turn < 10; turn++) {
    pass(SILENCE);
    liveness.answered();
  }
  expect(hangs).toEqual([]);
});

test('one that has not spoken yet is starting', () => {
  const hangs: number[] = [];
  let now = 0;
  let due: () => void = () => {};
  watchLiveness({
    clock: {
      now: () => now,
      at(deadline, callback) {
        due = () => {
          now = deadline;
          callback();
        };
        return () => {};
      },
    },
    ask() {},
    onHang: (silence) => void hangs.push(silence),
  });
  for (let turn = 0; turn < 30; turn++) due();
  expect(hangs).toEqual([]);
});

test('nobody is to blame when we stood still ourselves: the counting begins anew', () => {
  const { pass, hangs, answer } = watched();
  pass(5_500);
  answer(false);
  pass(SILENCE);
  // A machine that sleeps for a minute: the timer comes then, before any answer is read.
  pass(60_000, 60_000 - ASK_EVERY);
  expect(hangs).toEqual([]);
  answer(true);
  pass(60_000);
  expect(hangs).toEqual([]);
});

test('one that keeps us waiting only because each of our own timers is late is left alone', () => {
  const { pass, hangs, answer } = watched();
  pass(5_500);
  answer(false);
  pass(60_000, 400);
  expect(hangs).toEqual([]);
});

test('one that is watched no more is not asked', () => {
  const { pass, hangs, answer, asked, liveness } = watched();
  pass(5_500);
  answer(false);
  liveness.stop();
  const before = asked();
  pass(60_000);
  expect(asked()).toBe(before);
  expect(hangs).toEqual([]);
});
