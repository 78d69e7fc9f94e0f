/** A supervisor on a clock of the test's own: what it launches and when, and the fitness in between. */
import { describe, expect, test } from 'vitest';
import { createSupervisor, type Supervisor } from '../../../src/daemon/supervisor.ts';
import type { Clock } from '../../../src/io/clock.ts';

interface Bench {
  readonly supervisor: Supervisor;
  readonly told: string[];
  /** Lets the time pass and what is due happen. */
  pass(milliseconds: number): void;
}

function bench(): Bench {
  let now = 0;
  const timers: { at: number; call: (() => void) | null }[] = [];
  const clock: Clock = {
    now: () => now,
    at(deadline, callback) {
      const timer: (typeof timers)[number] = { at: deadline, call: callback };
      timers.push(timer);
      return () => {
        timer.call = null;
      };
    },
  };
  const told: string[] = [];
  const supervisor = createSupervisor({
    clock,
    onDied: (how, { action, pause }) => told.push(`${how}: ${action} ${pause}`),
    launch: () => told.push('launch'),
    onForgiven: () => told.push('forgiven'),
    onFitness: () => told.push(supervisor.fitness.status),
  });
  return {
    supervisor,
    told,
    pass(milliseconds) {
      now += milliseconds;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        const { call } = timer;
        timer.call = null;
        call?.();
      }
    },
  };
}

describe('restarts', () => {
  test('at once, then after the pause', () => {
    const { supervisor, told, pass } = bench();
    supervisor.died('x', false);
    expect(told).toEqual(['x: restart 0', 'launch']);
    supervisor.died('y', false);
    pass(99);
    expect(told.slice(2)).toEqual(['y: restart 100']);
    pass(1);
    expect(told.slice(3)).toEqual(['launch']);
    expect(supervisor.restarts).toBe(2);
    expect(supervisor.fitness).toEqual({ status: 'up', streak: 0, detail: '' });
  });

  test('none when it is not wanted any more', () => {
    const { supervisor, told, pass } = bench();
    supervisor.died('x', false);
    supervisor.died('y', false);
    supervisor.rest();
    pass(1000);
    expect(told.filter((what) => what === 'launch')).toHaveLength(1);
    expect(supervisor.restarts).toBe(1);
  });
});

describe('a fault', () => {
  const down = { status: 'down', streak: 0, detail: 'keeps dying (exit code 1), given up for 1 min' };

  test('lasts its time', () => {
    const { supervisor, told, pass } = bench();
    supervisor.died('exit code 1', true);
    expect(supervisor.fitness).toEqual(down);
    pass(59_999);
    expect(told).toEqual(['exit code 1: fault 60000', 'down']);
    pass(1);
    expect(told.slice(2)).toEqual(['forgiven', 'up']);
  });

  test('goes on while it is not wanted', () => {
    const { supervisor, pass } = bench();
    supervisor.died('exit code 1', true);
    supervisor.rest();
    expect(supervisor.fitness).toEqual(down);
    pass(60_000);
    expect(supervisor.fitness.status).toBe('up');
  });

  test('can be forgiven, once', () => {
    const { supervisor, told, pass } = bench();
    supervisor.forgive();
    expect(told).toEqual([]);
    supervisor.died('exit code 1', true);
    supervisor.forgive();
    pass(60_000);
    expect(told.slice(2)).toEqual(['forgiven', 'up']);
  });
});
