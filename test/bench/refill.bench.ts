/**
 * A refill of ITEMS items (500 000) of 100 to 1 000 bytes: whether every key is right afterwards under 5 000 writes a
 * second, how fast it is without bound, and what clients notice of it with the default bound. The latter two are measured
 * in turn in one run: windows of a second of the same load with both copies whole and while one is refilled, as many of
 * each, first paced, then in a closed loop at full speed. A window's p99 is the 40th worst of 4 000 requests; medians over
 * all windows, because whatever else the machine does spoils some of them. The load, the proxy and both memcacheds share
 * its cores.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { REFILL_BYTES, REFILL_ITEMS } from '../../src/config/bundled-proxy.ts';
import { itemOf, keyOf, storeItems } from '../proxy/support/items.ts';
import { buildProxy, type Running, startMemcached, startProxy } from '../proxy/support/processes.ts';
import { refillUnderWrites } from '../proxy/support/refill-under-writes.ts';
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
/** Of each kind in each round, with and without a refill. */
const WINDOWS = Number(process.env.WINDOWS ?? 8);
const CONNECTIONS = 20;
/** Requests per second of the paced load: nine gets to a set. */
const RATE = 4000;
const VALUE_BYTES = 500;
const WRITES_PER_SECOND = 5000;
const UNBOUNDED = ['--refill-items', '0', '--refill-bytes', '0'];
/** What the contract allows, and what it asks for. */
const MOST_RATIO = 2;
const LEAST_ITEMS_PER_SECOND = 100_000;
const MOST_RESIDENT_MB = 120;

const KINDS = { paced: [String(RATE)], 'closed loop': [] } as const;
type Kind = keyof typeof KINDS;

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

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-bench-'));
  program = join(directory, 'proxy-load');
  execFileSync('cc', ['-O2', '-o', program, new URL('./proxy-load.c', import.meta.url).pathname]);
  built = await buildProxy();
});

afterAll(() => {
  built.remove();
  rmSync(directory, { recursive: true, force: true });
});

async function load(port: number, rate: readonly string[]): Promise<Load> {
  const args = [port, 'get1', 1, CONNECTIONS, VALUE_BYTES, ...rate].map(String);
  const { stdout } = await promisify(execFile)(program, args, { timeout: 60_000 });
  const result = JSON.parse(stdout) as Load;
  expect(result.failures).toBe(0);
  return result;
}

async function windows(port: number): Promise<Record<Kind, Load[]>> {
  const loads: Record<Kind, Load[]> = { paced: [], 'closed loop': [] };
  for (const kind of ['paced', 'closed loop'] as const)
    for (let count = 0; count < WINDOWS; count++) loads[kind].push(await load(port, KINDS[kind]));
  return loads;
}

const resident = (running: Running): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))![1]) / 1024;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}

/** The last refill that the proxy tells of, in items per second. */
function rateOf(log: string): number {
  const told = [...log.matchAll(/refilled .*: (\d+) items, .* MB, ([\d.]+) s/g)].at(-1);
  if (told === undefined) throw new Error(`no refill: ${log}`);
  return Number(told[1]) / Number(told[2]);
}

it(`${ITEMS} items, ${WRITES_PER_SECOND} writes per second meanwhile`, { timeout: 600_000 }, async () => {
  const result = await refillUnderWrites(built.file, ITEMS, WRITES_PER_SECOND, UNBOUNDED);
  const { compared, failures, commandsPerSecond, log } = result;
  console.log(
    `${Math.round(rateOf(log))} items/s under ${Math.round(commandsPerSecond)} writes and reads per second; ` +
      `${compared.compared} keys compared, ${compared.present} there, ${compared.different} not as written last, ` +
      `${compared.apart} times to live more than a second apart, ${failures.length} wrong answers`,
  );
  expect(failures).toEqual([]);
  expect([compared.different, compared.examples]).toEqual([0, []]);
  expect(commandsPerSecond).toBeGreaterThan(result.wantedPerSecond * 0.9);
});

it(`${ITEMS} items without bound, and clients beside the default`, { timeout: 1_800_000 }, async () => {
  const source = await startMemcached(undefined, ['-m', '2048']);
  const target = await startMemcached(undefined, ['-m', '2048']);
  const rates: number[] = [];
  const peaks: number[] = [];
  let proxy: Running | null = null;
  const startNew = async (flags: readonly string[]): Promise<Running> => {
    await proxy?.stop();
    proxy = await startProxy(built.file, [target.port], [source.port], flags);
    return proxy;
  };
  const refillUnbounded = async (): Promise<void> => {
    const started = await startNew(UNBOUNDED);
    let peak = 0;
    const isDone = async (): Promise<boolean> => {
      peak = Math.max(peak, resident(started));
      return started.log().includes('is whole again');
    };
    await until('it is refilled', isDone, 120_000, 50);
    await untilWhole(started.port);
    rates.push(rateOf(started.log()));
    peaks.push(peak);
  };
  try {
    await storeItems(source.port, ITEMS);
    await giveRecord(source.port);
    await refillUnbounded();
    const before: Record<Kind, Load[]> = { paced: [], 'closed loop': [] };
    const during: Record<Kind, Load[]> = { paced: [], 'closed loop': [] };
    for (let round = 0; round < ROUNDS; round++) {
      const { port, log } = await startNew([]);
      await untilWhole(port);
      const quiet = await windows(port);
      await talk(target.port, 'flush_all\r\n', /OK\r\n$/);
      await until('the refill goes on', () => isRefilling(port));
      const busy = await windows(port);
      expect(await isRefilling(port)).toBe(true);
      peaks.push(resident(proxy!));
      for (const kind of ['paced', 'closed loop'] as const) {
        before[kind].push(...quiet[kind]);
        during[kind].push(...busy[kind]);
      }
      console.log([...log().matchAll(/refilling .* items.*/g)].map(([line]) => line).join('\n'));
      await talk(target.port, 'flush_all\r\n', /OK\r\n$/);
      await refillUnbounded();
    }
    const keys = Array.from({ length: ITEMS }, (_, n) => keyOf(n));
    const numbers = new Map(keys.map((key, n) => [key, n]));
    const compared = await compareCopies(source.port, target.port, keys, (key) => itemOf(numbers.get(key)!));
    const lines = [
      `without bound: ${rates.map(Math.round).join(', ')} items/s, median ${Math.round(median(rates))}`,
    ];
    const ratios: number[] = [];
    for (const kind of ['paced', 'closed loop'] as const) {
      const of = (loads: readonly Load[], key: keyof Load) => median(loads.map((one) => one[key]));
      const tell = (loads: readonly Load[]): string =>
        `${of(loads, 'perSecond')}/s p50 ${of(loads, 'p50Us')} p99 ${of(loads, 'p99Us')} max ${of(loads, 'maxUs')} us`;
      ratios.push(of(during[kind], 'p99Us') / of(before[kind], 'p99Us'));
      lines.push(
        `${kind}: ${tell(before[kind])}; with a refill ${tell(during[kind])}; p99 times ${ratios.at(-1)!.toFixed(2)}`,
      );
    }
    lines.push(
      `default bound ${REFILL_ITEMS} items/s, ${REFILL_BYTES} bytes/s; ${compared.compared} keys compared, ${compared.apart} times to live more than a second apart`,
    );
    lines.push(`the proxy at most ${Math.max(...peaks).toFixed(0)} MB`);
    console.log(lines.join('\n'));
    expect(compared).toMatchObject({ compared: ITEMS, present: ITEMS, different: 0, examples: [] });
    expect(Math.max(...peaks)).toBeLessThan(MOST_RESIDENT_MB);
    expect(median(rates)).toBeGreaterThanOrEqual(LEAST_ITEMS_PER_SECOND);
    for (const ratio of ratios) expect(ratio).toBeLessThanOrEqual(MOST_RATIO);
  } finally {
    for (const running of [proxy as Running | null, source, target]) await running?.stop();
  }
});
