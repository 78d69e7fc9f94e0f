/**
 * A refill of ITEMS items (500 000) of 100 to 1 000 bytes: how fast it is without bound, and what clients notice of it
 * with the default bound, both in one run. Every key is compared afterwards. In a round the same clients are measured
 * with both copies whole and while one is refilled: a paced load, and a closed loop at full speed; ratios are within a
 * round, medians of ROUNDS. The load, the proxy and both memcacheds share the machine's cores.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { itemOf, keyOf, storeItems } from '../proxy/support/items.ts';
import { buildProxy, type Running, sleep, startMemcached, startProxy } from '../proxy/support/processes.ts';
import {
  compareCopies,
  giveRecord,
  isRefilling,
  talk,
  until,
  untilWhole,
} from '../proxy/support/refilling.ts';

const ITEMS = Number(process.env.ITEMS ?? 500_000);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 5);
const CONNECTIONS = 20;
/** Requests per second of the paced load: nine gets to a set. */
const RATE = 4000;
const VALUE_BYTES = 500;
const UNBOUNDED = ['--refill-items', '0', '--refill-bytes', '0'];
/** What the contract allows, and what it asks for. */
const MOST_RATIO = 2;
const LEAST_ITEMS_PER_SECOND = 100_000;
const MOST_RESIDENT_MB = 120;

interface Load {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
  readonly failures: number;
}

let directory: string;
let program: string;
let built: Awaited<ReturnType<typeof buildProxy>>;
let source: Running;
let target: Running;
let proxy: Running | null = null;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-bench-'));
  program = join(directory, 'proxy-load');
  execFileSync('cc', ['-O2', '-o', program, new URL('./proxy-load.c', import.meta.url).pathname]);
  built = await buildProxy();
  source = await startMemcached(undefined, ['-m', '2048']);
  target = await startMemcached(undefined, ['-m', '2048']);
  await storeItems(source.port, ITEMS);
  await giveRecord(source.port);
});

afterAll(async () => {
  for (const running of [proxy, source, target]) await running?.stop();
  built.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function startNew(extra: readonly string[]): Promise<Running> {
  await proxy?.stop();
  proxy = await startProxy(built.file, [target.port], [source.port], extra);
  return proxy;
}

async function load(port: number, rate: readonly string[]): Promise<Load> {
  const args = [port, 'get1', SECONDS, CONNECTIONS, VALUE_BYTES, ...rate].map(String);
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 });
  const result = JSON.parse(stdout) as Load;
  expect(result.failures).toBe(0);
  return result;
}

const resident = (running: Running): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))![1]) / 1024;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}

const PACED = [String(RATE)];
const results = { paced: [] as [Load, Load][], closed: [] as [Load, Load][] };
const rates: number[] = [];
const peaks: number[] = [];

/** The last refill that the proxy tells of: items and seconds. */
function lastRefill(log: string): { items: number; seconds: number } {
  const told = [...log.matchAll(/refilled .*: (\d+) items, .* MB, ([\d.]+) s/g)].at(-1);
  if (told === undefined) throw new Error(`no refill: ${log}`);
  return { items: Number(told[1]), seconds: Number(told[2]) };
}

async function refillUnbounded(): Promise<void> {
  const { port, log } = await startNew(UNBOUNDED);
  let peak = 0;
  await until(
    'it is refilled',
    async () => {
      peak = Math.max(peak, resident(proxy!));
      return log().includes('is whole again');
    },
    120_000,
    50,
  );
  await untilWhole(port);
  const { items, seconds } = lastRefill(log());
  rates.push(items / seconds);
  peaks.push(peak);
  console.log(
    `without bound: ${items} items in ${seconds} s, ${Math.round(items / seconds)}/s; proxy at most ${peak.toFixed(0)} MB`,
  );
}

function show(name: string, [before, during]: readonly [Load, Load]): string {
  const of = ({ perSecond, p50Us, p99Us, maxUs }: Load) =>
    `${perSecond}/s p50 ${p50Us} p99 ${p99Us} max ${maxUs} us`;
  const ratio = (during.p99Us / before.p99Us).toFixed(2);
  return `${name}: without ${of(before)}; with a refill ${of(during)}; p99 ratio ${ratio}`;
}

it(`a refill of ${ITEMS} items`, { timeout: 1_800_000 }, async () => {
  await refillUnbounded();
  for (let round = 0; round < ROUNDS; round++) {
    const { port } = await startNew([]);
    await untilWhole(port);
    const before = { paced: await load(port, PACED), closed: await load(port, []) };
    await talk(target.port, 'flush_all\r\n', /OK\r\n$/);
    await until('the refill goes on', () => isRefilling(port));
    await sleep(500);
    const during = { paced: await load(port, PACED), closed: await load(port, []) };
    expect(await isRefilling(port)).toBe(true);
    const lines = [...proxy!.log().matchAll(/refilling .* items.*/g)].map(([line]) => line);
    peaks.push(resident(proxy!));
    for (const kind of ['paced', 'closed'] as const) {
      results[kind].push([before[kind], during[kind]]);
      console.log(show(kind, results[kind].at(-1)!));
    }
    console.log(lines.join('\n'));
    await talk(target.port, 'flush_all\r\n', /OK\r\n$/);
    await refillUnbounded();
  }
  const keys = Array.from({ length: ITEMS }, (_, n) => keyOf(n));
  const numbers = new Map(keys.map((key, n) => [key, n]));
  const compared = await compareCopies(source.port, target.port, keys, (key) => itemOf(numbers.get(key)!));
  expect(compared).toEqual({ compared: ITEMS, present: ITEMS, different: 0, examples: [] });
  const ratio = (kind: 'paced' | 'closed') =>
    median(results[kind].map(([before, during]) => during.p99Us / before.p99Us));
  console.log(
    `medians: ${Math.round(median(rates))} items/s without bound; with the default bound p99 times ${ratio('paced').toFixed(2)} (${RATE} requests/s), ` +
      `${ratio('closed').toFixed(2)} (closed loop); ${ITEMS} keys compared; proxy at most ${Math.max(...peaks).toFixed(0)} MB`,
  );
  expect(median(rates)).toBeGreaterThanOrEqual(LEAST_ITEMS_PER_SECOND);
  expect(ratio('paced')).toBeLessThanOrEqual(MOST_RATIO);
  expect(ratio('closed')).toBeLessThanOrEqual(MOST_RATIO);
  expect(Math.max(...peaks)).toBeLessThan(MOST_RESIDENT_MB);
});
