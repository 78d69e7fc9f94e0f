/**
 * Refills through the active proxy, from one real memcached into another, while clients write: every key is compared on
 * both copies afterwards, and every read meanwhile. Nothing is lost, nothing old is read, nothing deleted comes back.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, openConnection } from './support/connection.ts';
import { keyOf, metaKey, readStates, storeItems } from './support/items.ts';
import { createModel } from './support/model.ts';
import { buildProxy, type Running, sleep, startMemcached, startProxy } from './support/processes.ts';
import { refillUnderWrites } from './support/refill-under-writes.ts';
import { compareCopies, giveRecord, isRefilling, talk, until, untilWhole } from './support/refilling.ts';
import { startRelay } from './support/relay.ts';
import { startWriters } from './support/writers.ts';

const UNBOUNDED = ['--refill-items', '0', '--refill-bytes', '0'];
const WRITES_PER_SECOND = 5000;
/** Each way to a source that is far away. */
const SLOW_MS = 40;

let built: Awaited<ReturnType<typeof buildProxy>>;
beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());

it('the writers know what memcached answers', async () => {
  const memcached = await startMemcached();
  try {
    await storeItems(memcached.port, 2000);
    const model = createModel(2000);
    const writers = await startWriters(memcached.port, model, 2100, WRITES_PER_SECOND, 1);
    await sleep(1000);
    await writers.stop();
    expect(writers.failures).toEqual([]);
    expect(writers.sent()).toBeGreaterThan(1000);
    const numbers = new Map(Array.from({ length: 2100 }, (_, n) => [keyOf(n), n]));
    const known = (key: string) => model.state(numbers.get(key)!);
    const compared = await compareCopies(memcached.port, memcached.port, [...numbers.keys()], known);
    expect([compared.different, compared.examples]).toEqual([0, []]);
  } finally {
    await memcached.stop();
  }
});

describe(`with ${WRITES_PER_SECOND} writes per second meanwhile`, () => {
  it.each([
    ['without bound', 100_000, UNBOUNDED],
    ['with the default bound', 60_000, []],
  ])('%s: every key is on both copies as it was written last', async (_name, items, flags) => {
    const { compared, failures, commandsPerSecond, wantedPerSecond, log } = await refillUnderWrites(
      built.file,
      items,
      WRITES_PER_SECOND,
      flags,
    );
    expect(failures, log).toEqual([]);
    expect([compared.different, compared.examples], log).toEqual([0, []]);
    expect(compared.present).toBeGreaterThan(items * 0.8);
    // Only where the machine let a memcached's clock stand still for a while.
    expect(compared.apart).toBeLessThan(items * 0.1);
    expect(commandsPerSecond).toBeGreaterThan(wantedPerSecond * 0.7);
    expect(log).toMatch(/refilled \S+ from \S+: \d+ items, [\d.]+ MB, [\d.]+ s/);
  });
});

/** A source with `items`, far away, and an empty target; the proxy refills it at once. */
async function withSlowSource(
  items: number,
  test: (pair: { source: Running; target: Running; proxy: Running }) => Promise<void>,
): Promise<void> {
  const source = await startMemcached();
  const target = await startMemcached();
  await storeItems(source.port, items);
  await giveRecord(source.port);
  const link = await startRelay(source.port, SLOW_MS);
  const proxy = await startProxy(built.file, [target.port], [link.port]);
  try {
    await test({ source, target, proxy });
  } finally {
    for (const running of [proxy, source, target]) await running.stop();
    await link.close();
  }
}

describe('keys that are written whenever the copying looks at them', () => {
  const HOT = Array.from({ length: 20 }, (_, n) => `item-${n + 20}`);

  it.each([
    ['touch', (key: string) => `touch ${key} 5000 noreply\r\n`],
    ['gat', (key: string) => `gat 5000 ${key}\r\n`],
    ['add', (key: string) => `add ${key} 0 0 1 noreply\r\nx\r\n`],
    ['append', (key: string) => `append ${key} 0 0 1 noreply\r\nx\r\n`],
  ])('%s: are on both copies all the same', async (_name, command) => {
    await withSlowSource(500, async ({ source, target, proxy }) => {
      const stop = await keepWriting(proxy.port, () => HOT.map(command).join(''));
      await untilWhole(proxy.port);
      const states = await readStates(target.port, HOT);
      expect(states.flatMap((state, n) => (state === null ? [HOT[n]] : []))).toEqual([]);
      await stop();
      const all = Array.from({ length: 500 }, (_, n) => keyOf(n));
      expect(await compareCopies(source.port, target.port, all)).toMatchObject({
        present: 500,
        different: 0,
      });
    });
  });

  it('deleted: do not come back', async () => {
    await withSlowSource(500, async ({ source, target, proxy }) => {
      await until('it goes on', () => isRefilling(proxy.port), 10_000, 5);
      const all = Array.from({ length: 500 }, (_, n) => keyOf(n));
      const deletions = all.map((key) => {
        const { token, flag } = metaKey(key);
        return `md ${token}${flag} q\r\n`;
      });
      await talk(proxy.port, `${deletions.join('')}mn\r\n`, /MN\r\n$/);
      await untilWhole(proxy.port);
      expect(await compareCopies(source.port, target.port, all)).toMatchObject({ present: 0, different: 0 });
    });
  });

  /** Sends what `commands` says four times in the time that the source takes for an answer, until it is stopped. */
  async function keepWriting(port: number, commands: () => string): Promise<() => Promise<void>> {
    const connection = await openConnection(port);
    const timer = setInterval(() => connection.send(commands()), SLOW_MS / 4);
    return async () => {
      clearInterval(timer);
      await ask(connection, 'mn\r\n', /MN\r\n$/);
      connection.close();
    };
  }
});

describe('leases of meta get', () => {
  it('N on a key that the target lacks yet makes no empty item of it there', async () => {
    await withSlowSource(500, async ({ source, target, proxy }) => {
      const keys = Array.from({ length: 40 }, (_, n) => `item-${n}`);
      const lines = keys.map((key) => `mg ${key} s N30\r\n`).join('');
      const answer = await talk(proxy.port, `${lines}mn\r\n`, /MN\r\n$/);
      expect(answer).not.toContain('W');
      expect(await talk(proxy.port, 'mg new v N30\r\n', /\r\n\r\n$/)).toBe('VA 0 W\r\n\r\n');
      await untilWhole(proxy.port);
      expect(await compareCopies(source.port, target.port, keys)).toMatchObject({
        present: 40,
        different: 0,
      });
      expect(await talk(target.port, 'mg new v N30\r\n', /\r\n\r\n$/)).toBe('VA 0 Z\r\n\r\n');
    });
  });

  it('an item that one client was told to make anew is no value of its own on the target', async () => {
    const source = await startMemcached();
    const target = await startMemcached();
    await storeItems(source.port, 100);
    await giveRecord(source.port);
    expect(await talk(source.port, 'mg vivified v N30\r\n', /\r\n\r\n$/)).toBe('VA 0 W\r\n\r\n');
    const proxy = await startProxy(built.file, [target.port], [source.port]);
    try {
      await untilWhole(proxy.port);
      expect(await talk(proxy.port, 'mg vivified v N30\r\n', /\r\n$/)).toMatch(/^VA 0 (W|Z)\r\n/);
    } finally {
      for (const running of [proxy, source, target]) await running.stop();
    }
  });
});

it('a source that is silent for a moment is not given up: nothing else has what it has', async () => {
  const source = await startMemcached();
  const target = await startMemcached();
  await storeItems(source.port, 3000);
  await giveRecord(source.port);
  const proxy = await startProxy(built.file, [target.port], [source.port], ['--refill-items', '5000']);
  try {
    await until('it goes on', () => isRefilling(proxy.port));
    source.child.kill('SIGSTOP');
    const reading = readStates(proxy.port, ['item-1']);
    await sleep(500);
    source.child.kill('SIGCONT');
    expect(await reading).not.toContain(null);
    await untilWhole(proxy.port);
    expect(proxy.log()).not.toContain('is out');
    const all = Array.from({ length: 3000 }, (_, n) => keyOf(n));
    expect(await compareCopies(source.port, target.port, all)).toMatchObject({ present: 3000, different: 0 });
  } finally {
    for (const running of [proxy, source, target]) await running.stop();
  }
});
