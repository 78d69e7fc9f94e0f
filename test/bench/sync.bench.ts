/**
 * The refill beside `memcached-tool dump`, the plain way to get at what a memcached holds: 500 000 items of 100 to 1 000
 * bytes, one run, the two in turn, several rounds, medians. Then what other clients of the two memcacheds notice of a copy
 * at the default rate. Prints items per second, the ratio, the peak memory, and the clients' 50th and 99th percentile.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnection } from '../proxy/support/connection.ts';
import { type Running, startMemcached } from '../proxy/support/processes.ts';
import { seeded } from '../proxy/support/random.ts';
import { type Cache, type Item, openCache } from '../sync/support/cache.ts';
import { buildSync, type Sync, type SyncProgram } from '../sync/support/command.ts';

const ITEMS = Number(process.env.ITEMS ?? 500_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 4);
const TOOL = '/usr/share/memcached/scripts/memcached-tool';
const CONNECTIONS = 20;
/** Between two requests of one connection, in ms, on average: 10 000 requests a second to each memcached. */
const EVERY = 2;

let program: SyncProgram;
let source: Running;
let target: Running;
let sourceCache: Cache;
let targetCache: Cache;
let all: Item[];

beforeAll(async () => {
  program = await buildSync();
  [source, target] = [
    await startMemcached(undefined, ['-m', '1024']),
    await startMemcached(undefined, ['-m', '1024']),
  ];
  [sourceCache, targetCache] = [await openCache(source.port), await openCache(target.port)];
  const random = seeded(1);
  const filler = Buffer.alloc(2000, 'abcdefghij');
  all = Array.from({ length: ITEMS }, (_, index) => {
    const from = random.below(900);
    return {
      key: `user:${index}:session`,
      value: filler.subarray(from, from + 100 + random.below(901)),
      flags: index,
      ttl: index % 2 === 0 ? 0 : 100_000 + index,
    };
  });
  await sourceCache.set(all);
});

afterAll(async () => {
  for (const cache of [sourceCache, targetCache]) cache?.close();
  for (const memcached of [source, target]) await memcached?.stop();
  program?.remove();
});

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]!;

async function emptyTarget(): Promise<void> {
  await targetCache.ask('flush_all\r\n', /OK\r\n/);
  // What was there is gone a second later.
  await sleep(1100);
}

function start(...rate: string[]): Sync {
  return program.start('--from', `127.0.0.1:${source.port}`, '--to', `127.0.0.1:${target.port}`, ...rate);
}

/** Items per second of the whole command, its start included, and its peak memory in MB. */
async function measureSync(): Promise<{ perSecond: number; peak: number; said: string }> {
  await emptyTarget();
  const sync = start('--rate', '0', '--bytes-rate', '0');
  let peak = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${sync.child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended.
    }
  }, 20);
  const { code, stdout, stderr, ms } = await sync.end(300_000);
  clearInterval(look);
  expect({ code, stderr: /memcache-ha/.test(stderr) ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  return { perSecond: (ITEMS * 1000) / ms, peak, said: stdout.split('\n')[0]! };
}

/** Items per second of memcached-tool, which writes them to a file. */
async function measureTool(): Promise<number> {
  const startedAt = performance.now();
  const tool = spawn(TOOL, [`127.0.0.1:${source.port}`, 'dump'], { stdio: 'ignore' });
  const code = await new Promise((resolve) => tool.once('close', resolve));
  expect(code).toBe(0);
  return (ITEMS * 1000) / (performance.now() - startedAt);
}

it('items per second without a bound', { timeout: 600_000 }, async () => {
  expect(existsSync(TOOL)).toBe(true);
  const syncs: Awaited<ReturnType<typeof measureSync>>[] = [];
  const tools: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    tools.push(await measureTool());
    syncs.push(await measureSync());
  }
  const ratio = median(syncs.map(({ perSecond }, round) => perSecond / tools[round]!));
  console.log(
    `sync ${median(syncs.map(({ perSecond }) => perSecond)).toFixed(0)} items/s with its start and its second pass, ` +
      `memcached-tool dump ${median(tools).toFixed(0)}, ratio ${ratio.toFixed(1)}, ` +
      `peak ${median(syncs.map(({ peak }) => peak)).toFixed(0)} MB; ${syncs.at(-1)!.said}`,
  );
  expect(ratio).toBeGreaterThan(2);
});

it('every item is there as it was', { timeout: 600_000 }, async () => {
  let wrong = 0;
  // A few at a time, so that both sides are asked at about the same time.
  for (let from = 0; from < ITEMS; from += 5000) {
    const some = all.slice(from, from + 5000);
    const keys = some.map(({ key }) => key);
    const [there, here] = [await sourceCache.get(keys), await targetCache.get(keys)];
    for (const [index, { value, flags }] of some.entries()) {
      const [one, other] = [there[index], here[index]];
      const isEqual = other?.value.equals(value) && other.flags === flags;
      if (!isEqual || Math.abs(one!.ttl - (other?.ttl ?? 0)) > 2) wrong++;
    }
  }
  expect(wrong).toBe(0);
});

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** What clients of both memcacheds wait, in ms, over SECONDS. */
async function latencies(): Promise<Latency> {
  const connections = [];
  for (let count = 0; count < CONNECTIONS; count++)
    for (const { port } of [source, target]) connections.push(await openConnection(port));
  const random = seeded(2);
  const waits: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        const askedAt = performance.now();
        connection.send(`get user:${random.below(ITEMS)}:session\r\n`);
        await connection.receive((bytes) => bytes.subarray(-5).toString('latin1') === 'END\r\n');
        waits.push(performance.now() - askedAt);
        await sleep(random.below(2 * EVERY * 1000) / 1000);
      }
    }),
  );
  for (const connection of connections) connection.close();
  waits.sort((left, right) => left - right);
  const at = (share: number): number => waits[Math.floor(share * waits.length)]!;
  return { p50: at(0.5), p99: at(0.99) };
}

it('what other clients notice of a copy at the default rate', { timeout: 600_000 }, async () => {
  const alone: Latency[] = [];
  const beside: Latency[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await emptyTarget();
    alone.push(await latencies());
    const sync = start();
    await sleep(500);
    beside.push(await latencies());
    sync.child.kill('SIGTERM');
    await sync.end();
  }
  const of = (list: readonly Latency[], key: keyof Latency): string =>
    median(list.map((each) => each[key])).toFixed(2);
  const ratio = median(beside.map(({ p99 }, round) => p99 / alone[round]!.p99));
  console.log(
    `clients beside a copy at the default rate: p50 ${of(alone, 'p50')} -> ${of(beside, 'p50')} ms, ` +
      `p99 ${of(alone, 'p99')} -> ${of(beside, 'p99')} ms, ratio ${ratio.toFixed(2)}`,
  );
});
