/**
 * A copy that comes back empty and is refilled while clients write: from the moment that it is there until it is whole, and
 * then every key on both copies beside what was written last.
 */
import { keyOf, storeItems } from './items.ts';
import { createModel } from './model.ts';
import { type Running, sleep, startMemcached, startProxy } from './processes.ts';
import { compareCopies, type Differences, giveRecord, untilWhole } from './refilling.ts';
import { startWriters } from './writers.ts';

const MEMORY = ['-m', '2048'];
/** Of the writers' commands so many are reads. */
const READ_SHARE = 0.25;

export interface RefillUnderWrites {
  readonly compared: Differences;
  /** Answers that were not what they had to be, to reads and to writes. */
  readonly failures: readonly string[];
  /** Writes and reads per second while it was refilled. */
  readonly commandsPerSecond: number;
  readonly wantedPerSecond: number;
  /** What the proxy said. */
  readonly log: string;
}

/** Refills `items` through the proxy `file` with its `flags`, under so many writes per second. */
export async function refillUnderWrites(
  file: string,
  items: number,
  writesPerSecond: number,
  flags: readonly string[],
): Promise<RefillUnderWrites> {
  const keys = items + items / 50;
  const source = await startMemcached(undefined, MEMORY);
  let target: Running = await startMemcached(undefined, MEMORY);
  let proxy: Running | null = null;
  try {
    await storeItems(source.port, items);
    await giveRecord(source.port);
    await target.stop();
    proxy = await startProxy(file, [target.port], [source.port], flags);
    const model = createModel(items);
    const wantedPerSecond = writesPerSecond / (1 - READ_SHARE);
    const writers = await startWriters(proxy.port, model, keys, wantedPerSecond, items);
    await sleep(300);
    const before = writers.sent();
    const startedAt = performance.now();
    target = await startMemcached(target.port, MEMORY);
    await untilWhole(proxy.port, 120_000);
    await sleep(300);
    const commandsPerSecond = ((writers.sent() - before) / (performance.now() - startedAt)) * 1000;
    await writers.stop();
    const names = Array.from({ length: keys }, (_, n) => keyOf(n));
    const numbers = new Map(names.map((key, n) => [key, n]));
    const compared = await compareCopies(source.port, target.port, names, (key) =>
      model.state(numbers.get(key)!),
    );
    return { compared, failures: writers.failures, commandsPerSecond, wantedPerSecond, log: proxy.log() };
  } finally {
    for (const running of [proxy, source, target]) await running?.stop();
  }
}
