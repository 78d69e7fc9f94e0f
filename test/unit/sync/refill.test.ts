import { beforeEach, describe, expect, it } from 'vitest';
import { GENERATION_KEY } from '../../../src/core/generation.ts';
import { DUMP_SILENCE, MOST_BUSY } from '../../../src/sync/metadump.ts';
import type { ClientWrites, Clock } from '../../../src/sync/ports.ts';
import { startRefill } from '../../../src/sync/refill.ts';
import type { Outcome, Progress, Refill, RefillOptions } from '../../../src/sync/refill-types.ts';
import type { Scheduler } from '../../simulation/virtual-clock.ts';
import { type FakeMemcached, fakeMemcached, newWorld } from './fake-memcached.ts';

let scheduler: Scheduler;
let clock: Clock;
let source: FakeMemcached;
let target: FakeMemcached;
let seen: Progress[];
let refill: Refill;
let outcome: Outcome | null;

beforeEach(() => {
  ({ scheduler, clock } = newWorld());
  source = fakeMemcached('source', scheduler);
  target = fakeMemcached('target', scheduler);
  seen = [];
  outcome = null;
});

function start(more: Partial<RefillOptions> = {}): void {
  refill = startRefill({
    source,
    target,
    clock,
    targetTime: () => 1_800_000_000,
    wanted: null,
    clientWrites: null,
    rate: { items: 0, bytes: 0 },
    onProgress: (progress) => seen.push(progress),
    progressInterval: 100,
    onEnd(ended) {
      expect(outcome).toBeNull();
      outcome = ended;
    },
    ...more,
  });
}

/** Runs the refill to its end, and beyond it, where nothing may happen any more. */
function finish(within = 600_000): Outcome {
  scheduler.run(scheduler.now + within, () => {});
  const batches = source.batches.length + target.batches.length;
  scheduler.run(scheduler.now + 600_000, () => {});
  if (outcome === null) throw new Error(`no end within ${within} ms`);
  expect(source.batches.length + target.batches.length).toBe(batches);
  expect(source.openDials).toBe(0);
  return outcome;
}

function fill(count: number, value = 'v'): void {
  for (let index = 0; index < count; index++) source.set(`key-${index}`, `${value}${index}`);
}

/** Everything about an item that a copy must keep. */
function state({ items }: FakeMemcached): Map<string, unknown> {
  return new Map(
    [...items].sort().map(([key, { value, flags, ttl, stale }]) => [key, [value, flags, ttl, stale]]),
  );
}

/** How often the source was asked for a value. */
function reads(): number {
  return source.batches.join('').split(' v f t').length - 1;
}

/** Without printing a megabyte when they differ. */
function equalStates(left: Map<string, unknown>, right: Map<string, unknown>): boolean {
  return JSON.stringify([...left].sort()) === JSON.stringify([...right].sort());
}

/** What clients write as the refill is told of it; also checks that it says what it holds. */
function clientWrites(): ClientWrites & {
  readonly write: (key: string) => void;
  readonly held: Map<string, boolean>;
} {
  const held = new Map<string, boolean>();
  return {
    held,
    write(key) {
      if (held.has(key)) held.set(key, true);
    },
    reading(keys) {
      return keys.filter((key) => !held.has(key) && held.set(key, false));
    },
    isWritten: (key) => held.get(key)!,
    settled(keys) {
      for (const key of keys) expect(held.delete(key)).toBe(true);
    },
  };
}

describe('what a refill copies', () => {
  it('is every item with its value, flags and time to live', () => {
    fill(1000);
    source.set('forever', 'x', { flags: 4_294_967_295 });
    source.set('soon', 'x', { ttl: 5 });
    source.set('far', 'x', { ttl: 2_592_001 });
    source.set('empty', '');
    source.set('large', 'x'.repeat(2 ** 20 - 100));
    source.set('a b\nc', 'binary', { flags: 7, ttl: 100 });
    source.set('per%cent', 'x');
    start();
    expect(finish()).toMatchObject({ kind: 'complete', secondPass: 'done' });
    const expected = state(source);
    // A date, by the target's clock.
    expected.set('far', ['x', 0, 1_800_000_000 + 2_592_001, false]);
    expect(equalStates(state(target), expected)).toBe(true);
    expect(outcome?.progress).toMatchObject({ copied: 1007, done: 1007, total: 1007, pass: 'checking' });
    expect(outcome?.progress.skipped.present).toBe(1007);
    // The second pass asks the target only.
    expect(reads()).toBe(1007);
  });

  it('is nothing from an empty memcached', () => {
    start();
    expect(finish()).toMatchObject({ kind: 'complete', progress: { copied: 0, total: 0 } });
  });

  it('is nothing that the target has', () => {
    fill(10);
    target.set('key-3', 'newer');
    start();
    finish();
    expect(target.items.get('key-3')?.value).toBe('newer');
    expect(target.items.size).toBe(10);
    expect(outcome?.progress.copied).toBe(9);
  });

  it('is neither the generation nor a key that nobody wants', () => {
    fill(10);
    source.set(GENERATION_KEY, '1 0123456789abcdef');
    start({ wanted: (key) => key !== 'key-3' });
    finish();
    expect(target.items.size).toBe(9);
    expect(target.items.has(GENERATION_KEY)).toBe(false);
    expect(outcome?.progress.skipped.unwanted).toBe(2);
    expect(source.batches.join('')).not.toMatch(/key-3 |generation/);
  });

  it('is what the list missed, too', () => {
    fill(1000);
    source.unlisted.add('key-500');
    start({
      onProgress: ({ pass }) => {
        if (pass === 'checking') source.unlisted.clear();
      },
    });
    finish();
    expect(target.items.size).toBe(1000);
    expect(outcome?.progress.copied).toBe(1000);
  });

  /** The keys that the target was asked for. */
  const asked = (): string[] =>
    [...target.batches.join('').matchAll(/^mg (\S+) c u\r$/gm)].map(([, key]) => key!);

  it('and only for what it neither put nor found there is the target asked', () => {
    fill(1000);
    target.items.set('key-7', source.items.get('key-7')!);
    source.unlisted.add('key-500');
    start({
      onProgress: ({ pass }) => {
        if (pass === 'checking') source.unlisted.clear();
      },
    });
    finish();
    expect(asked()).toEqual(['key-500']);
    expect(outcome?.progress).toMatchObject({
      copied: 999,
      done: 1000,
      total: 1000,
      skipped: { present: 999 },
    });
    expect(state(target)).toEqual(state(source));
  });

  it('of more keys than are remembered it is asked for each', () => {
    fill(1000);
    source.stat.set('curr_items', '4000001');
    start({
      onProgress: ({ done }) => {
        if (done === 1000) source.stat.set('curr_items', '1000');
      },
    });
    finish();
    expect(new Set(asked()).size).toBe(1000);
    expect(state(target)).toEqual(state(source));
  });

  it('is what five lists missed in turn, while the source counts more than it lists', () => {
    fill(1000);
    for (let index = 0; index < 300; index++) source.unlisted.add(`key-${index}`);
    // Each list has another part; the last has all.
    let dumps = 0;
    source.onDump = () => {
      dumps++;
      for (let index = 0; dumps > 2 && index < 60 * dumps; index++) source.unlisted.delete(`key-${index}`);
    };
    start();
    expect(finish()).toMatchObject({ kind: 'complete', secondPass: 'done' });
    expect(target.items.size).toBe(1000);
    expect(outcome?.progress).toMatchObject({ copied: 1000, done: 1000, total: 1000 });
    expect(dumps).toBe(5);
    // What a list of the second look has named is asked for once.
    expect(reads()).toBe(1000);
    expect(outcome?.progress.skipped.present).toBe(700);
  });

  it('also where a list names other keys twice, so that the number of its lines is right', () => {
    fill(100);
    source.listedAgainAfter = 1;
    for (let index = 0; index < 50; index++) source.unlisted.add(`key-${index}`);
    source.onDump = () => {
      if (source.dumps === 4) source.unlisted.clear();
    };
    start();
    finish();
    expect(target.items.size).toBe(100);
  });

  it('ends when lists have nothing new again and again: what has expired is counted and in no list', () => {
    fill(100);
    source.set('expired', 'x');
    source.unlisted.add('expired');
    start();
    expect(finish(10_000)).toMatchObject({ kind: 'complete', secondPass: 'done' });
    expect(source.dumps).toBe(8);
    expect(outcome?.progress).toMatchObject({ copied: 100, done: 100, total: 100 });
  });

  it('can be stopped between two lists', () => {
    fill(100);
    source.unlisted.add('key-7');
    start({
      onProgress: ({ pass, done }) => {
        if (pass === 'checking' && done === 99) refill.stop('enough');
      },
    });
    expect(finish()).toMatchObject({ kind: 'stopped', reason: 'enough' });
  });

  it('is not a stale item, whose token goes back to the clients', () => {
    fill(10);
    source.set('stale', 'old', { stale: true });
    source.set('asked', 'old', { stale: true, tokenSent: true });
    target.set('stale-there', 'old', { stale: true });
    source.set('stale-there', 'old');
    start();
    finish();
    expect(target.items.size).toBe(11);
    expect(source.items.get('stale')).toMatchObject({ stale: true, tokenSent: false });
    expect(source.items.get('asked')).toMatchObject({ stale: true, tokenSent: true });
    expect(target.items.get('stale-there')).toMatchObject({ stale: true, tokenSent: false });
    expect(outcome?.progress.skipped.stale).toBe(2);
  });

  it('does not make a value stale that a client wrote before its token came back', () => {
    source.set('stale', 'old', { stale: true });
    source.onCommand = (command) => {
      if (command === 'md') source.set('stale', 'new');
    };
    start();
    finish();
    expect(source.items.get('stale')).toMatchObject({ value: 'new', stale: false });
  });

  it('is not what expires or is deleted before it is read', () => {
    fill(300);
    source.onListed = (key) => {
      if (key === 'key-299') scheduler.at(scheduler.now + 1, () => source.items.delete('key-7'));
    };
    start();
    finish();
    expect(target.items.size).toBe(299);
  });

  it('is not what is too large for the target, nor a key that no command can name', () => {
    fill(10);
    target.settings.set('item_size_max', '1000');
    source.set('large', 'x'.repeat(2000));
    source.set(' '.repeat(200), 'x');
    start();
    finish();
    expect(target.items.size).toBe(10);
    expect(outcome?.progress.skipped).toMatchObject({ 'too-large': 1, unnameable: 1, error: 0 });
    expect(source.batches.join('')).not.toContain('large');
  });

  it('grew too large since it was listed', () => {
    fill(10);
    target.settings.set('item_size_max', '1000');
    source.onListed = () => scheduler.at(scheduler.now, () => source.set('key-3', 'x'.repeat(2000)));
    start();
    finish();
    expect(outcome?.progress.skipped['too-large']).toBe(1);
    expect(target.batches.join('')).not.toContain('xxxx');
  });
});

describe('what clients write meanwhile', () => {
  it('is not undone: a key that was written between its read and its add is not added', () => {
    const writes = clientWrites();
    fill(1000);
    // Right behind the read, before its answer has come back: the client's delete is on its way to both.
    source.onCommand = (command, key) => {
      if (command !== 'mg' || key !== 'key-500') return;
      source.onCommand = () => {};
      scheduler.at(scheduler.now, () => {});
      writes.write('key-500');
      scheduler.at(scheduler.now, () => source.items.delete('key-500'));
    };
    start({ clientWrites: writes });
    finish();
    expect(target.items.has('key-500')).toBe(false);
    expect(target.items.size).toBe(999);
    expect(writes.held.size).toBe(0);
  });

  it.each([0, 1, 100])(
    'is told of one reading of a key at a time, though it is listed again %i keys later',
    (again) => {
      const writes = clientWrites();
      fill(1000);
      source.listedAgainAfter = again;
      source.latency = 20;
      start({ clientWrites: writes });
      finish();
      expect(outcome).toMatchObject({ kind: 'complete', progress: { copied: 1000 } });
      expect(outcome?.progress.done).toBe(outcome?.progress.total);
    },
  );

  it('is left to the second pass', () => {
    const writes = clientWrites();
    fill(100);
    let first = true;
    source.onCommand = (_, key) => {
      if (first && key === 'key-50') writes.write(key);
      if (key === 'key-99') first = false;
    };
    start({ clientWrites: writes });
    finish();
    expect(seen.some(({ skipped }) => skipped.written === 1)).toBe(true);
    expect(target.items.size).toBe(100);
  });

  it.each(['source', 'target'] as const)('is forgotten when the %s dies', (name) => {
    const writes = clientWrites();
    fill(2000);
    source.latency = 20;
    target.latency = 20;
    start({ clientWrites: writes });
    scheduler.at(scheduler.now + 135, () => expect(writes.held.size > 0 || name === 'target').toBe(true));
    scheduler.at(scheduler.now + 135, () => (name === 'source' ? source : target).kill('was reset'));
    finish();
    expect(writes.held.size).toBe(0);
  });
});

describe('a target that is smaller than the source', () => {
  const SIZE = 1000;

  beforeEach(() => {
    for (let index = 0; index < 1000; index++) {
      // Every other one was used lately.
      const lastAccess = 1_800_000_000 - (index % 2 === 0 ? 10 : 5000 + index);
      source.set(`key-${index}`, 'x'.repeat(SIZE - 56 - `key-${index}`.length), { lastAccess });
    }
    target.stat.set('limit_maxbytes', String((600 * SIZE) / 0.8));
  });

  it('gets what was used last', () => {
    start();
    expect(finish()).toMatchObject({ kind: 'complete', secondPass: 'done' });
    expect(seen.map(({ pass }) => pass)).toContain('measuring');
    const kept = [...target.items.keys()].map((key) => Number(key.slice(4)));
    expect(kept.filter((index) => index % 2 === 0)).toHaveLength(500);
    expect(kept.length).toBeGreaterThan(590);
    expect(kept.length).toBeLessThanOrEqual(600);
    // Of the others those that were used later; they are in steps of a minute.
    expect(Math.max(...kept.filter((index) => index % 2 === 1))).toBeLessThan(300);
    expect(outcome?.progress.skipped.cold).toBe(1000 - kept.length);
    expect(outcome?.progress.copied).toBe(kept.length);
    expect(reads()).toBe(kept.length);
    // The hottest came last, so that they would be the last to be evicted.
    const odd = kept.flatMap((index, place) => (index % 2 === 1 ? [place] : []));
    expect(Math.max(...odd)).toBeLessThan(0.9 * kept.length);
    expect(kept.slice(-50).every((index) => index % 2 === 0)).toBe(true);
  });

  it.each([
    ['is nearly full', (1000 * SIZE) / 0.7, true],
    ['has room enough', (1000 * SIZE) / 0.5, false],
    ['tells no limit', 0, false],
  ])('or that %s', (_, limit, measures) => {
    target.stat.set('limit_maxbytes', String(limit));
    start();
    expect(finish()).toMatchObject({ kind: 'complete', secondPass: 'done' });
    expect(seen.some(({ pass }) => pass === 'measuring')).toBe(measures);
    expect(target.items.size).toBe(1000);
    expect(outcome?.progress.skipped.cold).toBe(0);
  });

  it('gets no second pass once it evicts', () => {
    target.mostItems = 550;
    start();
    expect(finish()).toMatchObject({ kind: 'complete', secondPass: 'evictions' });
    expect(seen.map(({ pass }) => pass)).not.toContain('checking');
    expect(target.items.size).toBe(550);
    expect(outcome?.progress.copied).toBeLessThanOrEqual(600);
  });

  it('ends the second pass when it begins to evict during it', () => {
    target.stat.set('limit_maxbytes', String(2 ** 30));
    for (let index = 0; index < 900; index++) source.unlisted.add(`key-${index}`);
    start({
      rate: { items: 100, bytes: 0 },
      onProgress: ({ pass }) => {
        if (pass === 'checking') source.unlisted.clear();
      },
    });
    scheduler.run(scheduler.now + 3000, () => {});
    expect(refill.progress()).toMatchObject({ pass: 'checking' });
    expect(refill.progress().copied).toBeLessThan(1000);
    target.stat.set('evictions', '1');
    expect(finish(2_000)).toMatchObject({ kind: 'complete', secondPass: 'evictions' });
    expect(outcome?.progress.done).toBeLessThan(1000);
  });
});

describe('a rate', () => {
  it.each([
    ['items', { items: 1000, bytes: 0 }, 2000],
    ['bytes', { items: 0, bytes: 100_000 }, (2000 * (56 + 'key-1000'.length + 100)) / 100],
  ])('of %s is kept, evenly', (_, rate, takes) => {
    for (let index = 0; index < 2000; index++) source.set(`key-${index}`, 'x'.repeat(100));
    start({ rate, progressInterval: 100 });
    const startedAt = scheduler.now;
    let mostAtOnce = 0;
    let before = 0;
    while (refill.progress().copied < 2000) {
      scheduler.run(scheduler.now + 50, () => {});
      const { copied } = refill.progress();
      mostAtOnce = Math.max(mostAtOnce, copied - before);
      before = copied;
      if (scheduler.now - startedAt > 2 * takes) throw new Error('too slow');
    }
    const took = scheduler.now - startedAt;
    expect(took).toBeGreaterThan(0.95 * takes);
    expect(took).toBeLessThan(1.05 * takes + 100);
    expect(mostAtOnce).toBeLessThan((2 * 2000 * 50) / takes);
    finish();
  });

  it('is kept where values grew since they were listed', () => {
    for (let index = 0; index < 1000; index++) source.set(`key-${index}`, 'x');
    source.onListed = (key) => {
      if (key === 'key-999')
        scheduler.at(scheduler.now, () => {
          for (const item of source.items.values()) item.value = 'x'.repeat(10_000);
        });
    };
    start({ rate: { items: 0, bytes: 1_000_000 } });
    scheduler.run(scheduler.now + 5000, () => {});
    expect(refill.progress().copied).toBeLessThan(650);
    expect(refill.progress().copied).toBeGreaterThan(450);
    finish();
  });

  it('is kept by the second pass', () => {
    fill(2000);
    for (const key of source.items.keys()) source.unlisted.add(key);
    start({
      rate: { items: 1000, bytes: 0 },
      onProgress: ({ pass }) => {
        if (pass === 'checking') source.unlisted.clear();
      },
    });
    scheduler.run(scheduler.now + 1000, () => {});
    expect(refill.progress().copied).toBeGreaterThan(850);
    expect(refill.progress().copied).toBeLessThan(1050);
    finish();
    expect(outcome?.progress.copied).toBe(2000);
  });

  it('does not starve a single item that is larger than the rate', () => {
    source.set('large', 'x'.repeat(500_000));
    source.set('larger', 'x'.repeat(600_000));
    start({ rate: { items: 0, bytes: 1_000_000 } });
    scheduler.run(scheduler.now + 400, () => {});
    expect(refill.progress().copied).toBe(1);
    scheduler.run(scheduler.now + 400, () => {});
    expect(refill.progress().copied).toBe(2);
    finish();
  });
});

describe('progress', () => {
  it('is told now and then, with what is left', () => {
    fill(5000);
    start({ rate: { items: 1000, bytes: 0 } });
    scheduler.run(scheduler.now + 2500, () => {});
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.length).toBeLessThan(30);
    const { done, total, itemsPerSecond, remaining, elapsed } = seen.at(-1)!;
    expect(done).toBeGreaterThan(2200);
    expect(total).toBe(5000);
    expect(itemsPerSecond).toBeGreaterThan(950);
    expect(itemsPerSecond).toBeLessThan(1100);
    expect(remaining).toBeGreaterThan(2300);
    expect(remaining).toBeLessThan(2900);
    expect(elapsed).toBeGreaterThan(2300);
    finish();
  });
});

describe('what waits', () => {
  it('is bounded: the list has to wait for a target that is slow', () => {
    fill(20_000);
    target.latency = 500;
    start({ listBytes: 131_072 });
    let paused = false;
    scheduler.run(scheduler.now + 2000, () => {
      paused ||= source.isPaused;
    });
    expect(paused).toBe(true);
    target.latency = 1;
    finish();
    expect(outcome).toMatchObject({ kind: 'complete', progress: { copied: 20_000 } });
  });
});

describe('a refill ends with a reason', () => {
  const failed = (peer: 'source' | 'target', reason: string | RegExp) => ({
    kind: 'failed',
    peer,
    reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
  });

  beforeEach(() => fill(5000));

  it.each([
    ['source', 0],
    ['source', 30],
    ['source', 250],
    ['target', 0],
    ['target', 30],
    ['target', 250],
  ] as const)('when the %s dies after %i ms', (name, after) => {
    start({ rate: { items: 20_000, bytes: 0 } });
    scheduler.at(scheduler.now + after, () => (name === 'source' ? source : target).kill('was reset'));
    expect(finish(1000)).toMatchObject(failed(name, /^was reset/));
  });

  it('when the list breaks off', () => {
    source.dumpBreaksAfter = 100;
    start();
    expect(finish(1000)).toMatchObject(
      failed('source', 'closed the connection in the middle of the list of its keys'),
    );
  });

  it('when the list stops coming', () => {
    source.dumpAnswers.push('');
    start();
    expect(finish(DUMP_SILENCE + 1000)).toMatchObject(failed('source', 'no list of its keys came for 10 s'));
  });

  it.each([
    ['CLIENT_ERROR lru crawler disabled\r\n', /crawler is disabled/],
    ['ERROR metadump not allowed\r\n', /memcached -X/],
    ['ERROR\r\n', /does not know lru_crawler metadump/],
    ['SERVER_ERROR out of memory\r\n', /SERVER_ERROR out of memory/],
  ])('when the list is refused: %j', (answer, reason) => {
    source.dumpAnswers.push(answer);
    start();
    expect(finish(1000)).toMatchObject(failed('source', reason));
  });

  it.each([
    ['source', '1.5.22', /version is 1.5.22, and meta commands need memcached 1.6/],
    ['target', '1.2.8-repcached-2.3.1', /version is 1.2.8/],
    ['target', '', /version is not told/],
  ] as const)('when the %s is version %j', (name, version, reason) => {
    (name === 'source' ? source : target).stat.set('version', version);
    start();
    expect(finish(1000)).toMatchObject(failed(name, reason));
  });

  it('when somebody else lists the keys for ever', () => {
    source.stat.set('lru_crawler_running', '1');
    start();
    expect(finish(MOST_BUSY + 10_000)).toMatchObject(
      failed('source', /busy with somebody else's list for 120 s/),
    );
    expect(source.dumps).toBe(0);
    expect(outcome?.progress.busyWaits).toBeLessThan(100);
  });

  it.each(['source', 'target'] as const)('when the %s is emptied', (name) => {
    start({ rate: { items: 1000, bytes: 0 } });
    scheduler.at(scheduler.now + 1500, () =>
      (name === 'source' ? source : target).stat.set('cmd_flush', '1'),
    );
    expect(finish(3000)).toMatchObject(failed(name, 'was emptied during the copy (flush_all)'));
    expect(outcome?.progress.copied).toBeLessThan(2600);
  });

  it('when one is emptied in its last moment', () => {
    start();
    let flushed = false;
    scheduler.run(scheduler.now + 60_000, () => {
      const { pass, done, total } = refill.progress();
      if (flushed || pass !== 'checking' || done < total) return;
      flushed = true;
      source.stat.set('cmd_flush', '1');
    });
    expect(finish(1000)).toMatchObject(failed('source', /emptied/));
  });

  it('when the target has no memory for anything', () => {
    fill(12_000);
    target.mostItems = 0;
    target.full = 'refuses';
    start();
    expect(finish(10_000)).toMatchObject(
      failed(
        'target',
        'refused 10000 items in a row, the last with: SERVER_ERROR out of memory storing object',
      ),
    );
  });

  it('and goes on when it has none for some', () => {
    target.mostItems = 1000;
    target.full = 'refuses';
    start();
    expect(finish(10_000)).toMatchObject({ kind: 'complete' });
    expect(target.items.size).toBe(1000);
    expect(outcome?.progress.skipped['no-memory']).toBe(4000);
  });

  it('but not when one in a hundred finds some', () => {
    fill(30_000);
    target.full = 'refuses';
    let count = 0;
    target.onCommand = (command) => {
      if (command === 'add') target.mostItems = count++ % 100 === 0 ? Number.POSITIVE_INFINITY : 0;
    };
    start();
    expect(finish(60_000)).toMatchObject({ kind: 'complete' });
  });

  it('and adds nothing that was read before it was stopped', () => {
    source.latency = 50;
    start();
    scheduler.run(scheduler.now + 1000, () => {
      if (source.batches.length === 3) refill.stop('because');
    });
    expect(finish(3000)).toMatchObject({ kind: 'stopped', progress: { copied: 0 } });
    expect(target.batches).toEqual([]);
  });

  it.each([0, 1, 5, 30, 100, 250, 2000])('when it is stopped after %i ms', (after) => {
    start({ rate: { items: 20_000, bytes: 0 } });
    scheduler.at(scheduler.now + after, () => {
      refill.stop('because');
      refill.stop('again');
    });
    expect(finish(3000)).toMatchObject(
      after < 2000 ? { kind: 'stopped', reason: 'because' } : { kind: 'complete' },
    );
    // What was under way was answered: nothing is half counted.
    expect(outcome?.progress.copied).toBe(target.items.size);
  });

  it('when it is stopped while the crawler is busy, or the target measured', () => {
    source.stat.set('lru_crawler_running', '1');
    start();
    scheduler.at(scheduler.now + 1000, () => refill.stop('because'));
    expect(finish(3000)).toMatchObject({ kind: 'stopped' });
    outcome = null;
    source.stat.set('lru_crawler_running', '0');
    target.stat.set('limit_maxbytes', '1000');
    start();
    scheduler.at(scheduler.now + 20, () => refill.stop('because'));
    expect(finish(3000)).toMatchObject({ kind: 'stopped', progress: { pass: 'measuring' } });
  });
});

describe('a crawler that is busy for a while', () => {
  it.each(['by its statistics', 'by its answer'])('is asked again, %s', (how) => {
    fill(10);
    if (how === 'by its answer')
      source.dumpAnswers.push(...Array(5).fill('BUSY currently processing crawler request\r\n'));
    else {
      source.stat.set('lru_crawler_running', '1');
      scheduler.at(scheduler.now + 1500, () => source.stat.set('lru_crawler_running', '0'));
    }
    start();
    finish();
    expect(outcome).toMatchObject({ kind: 'complete', progress: { copied: 10, busyWaits: 5 } });
    expect(outcome?.progress.busyFor).toBe(50 + 100 + 200 + 400 + 800);
  });
});

describe('an answer that does not fit its question', () => {
  it.each(['source', 'target'] as const)('fails the refill: %s', (name) => {
    fill(10);
    const fake = name === 'source' ? source : target;
    const real = fake.exchange;
    fake.exchange = (batch, _take, lost) => real(batch, () => _take(Buffer.from('EN\r\nMN\r\n'), 0, 8), lost);
    start();
    expect(finish(1000)).toMatchObject({
      kind: 'failed',
      peer: name,
      reason: expect.stringMatching(/^gave 1 answers to \d+ commands$/),
    });
  });

  it.each([
    ['once is made up for by the second pass', 1, 10, 0],
    ['again and again is counted', 100, 9, 1],
  ])('of one item, %s', (_, times, copied, error) => {
    fill(10);
    const real = source.exchange;
    let left = times;
    source.exchange = (batch, take, lost) =>
      real(
        batch,
        (buffer, start, end) => {
          const text = buffer.toString('latin1', start, end);
          if (!text.includes('v3') || left-- <= 0) {
            take(buffer, start, end);
            return;
          }
          const wrong = text.replace(
            /VA [^\n]*\nv3\r\n/,
            'SERVER_ERROR out of memory writing get response\r\n',
          );
          take(Buffer.from(wrong, 'latin1'), 0, wrong.length);
        },
        lost,
      );
    start();
    finish();
    const lastError = 'SERVER_ERROR out of memory writing get response';
    expect(outcome).toMatchObject({ kind: 'complete', progress: { copied, skipped: { error }, lastError } });
  });
});
