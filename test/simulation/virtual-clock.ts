/** Virtual time: what is due runs in the order of its time, and time jumps from one happening to the next. */
import type { Millis } from '../../src/core/vrrp/parameters.ts';

export interface Scheduler {
  readonly now: Millis;
  /** Runs `action` at `time`, or now when that is over; equal times run in the order of asking. Returns what cancels it. */
  at(time: Millis, action: () => void): () => void;
  /** Runs everything that is due until `end`, with `afterEach` behind each happening. */
  run(end: Millis, afterEach: () => void): void;
}

interface Happening {
  readonly time: Millis;
  readonly order: number;
  action: (() => void) | null;
}

/** Starts at `origin`: not 0, because a monotonic clock does not either. */
export function createScheduler(origin: Millis): Scheduler {
  const heap: Happening[] = [];
  let now = origin;
  let asked = 0;

  return {
    get now() {
      return now;
    },
    at(time, action) {
      const happening: Happening = { time: Math.max(time, now), order: asked++, action };
      push(heap, happening);
      return () => {
        happening.action = null;
      };
    },
    run(end, afterEach) {
      for (let next = heap[0]; next !== undefined && next.time <= end; next = heap[0]) {
        pop(heap);
        if (next.action === null) continue;
        now = next.time;
        next.action();
        afterEach();
      }
      now = Math.max(now, end);
    },
  };
}

const sooner = (a: Happening, b: Happening): boolean =>
  a.time < b.time || (a.time === b.time && a.order < b.order);

function push(heap: Happening[], happening: Happening): void {
  let i = heap.push(happening) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!sooner(happening, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = happening;
}

function pop(heap: Happening[]): void {
  const last = heap.pop()!;
  if (heap.length === 0) return;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && sooner(heap[child + 1]!, heap[child]!)) child++;
    if (!sooner(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
}
