/**
 * What can be in the way of a refill through the active proxy: a flush_all, a crawler that is busy or turned off, a target
 * that is smaller than the source.
 */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openConnection } from './support/connection.ts';
import { keyOf, readStates, storeItems } from './support/items.ts';
import {
  buildProxy,
  freePort,
  type Running,
  sleep,
  startMemcached,
  startProxy,
} from './support/processes.ts';
import {
  compareCopies,
  giveRecord,
  isWhole,
  recordOf,
  statsOf,
  talk,
  until,
  untilWhole,
} from './support/refilling.ts';

let built: Awaited<ReturnType<typeof buildProxy>>;
let source: Running;
let target: Running;
let proxy: Running;
const running: Running[] = [];

beforeAll(async () => {
  built = await buildProxy();
});
afterAll(() => built.remove());
afterEach(async () => {
  for (const program of running.splice(0).reverse()) await program.stop();
});

/** A source with `items`, an empty target, and the proxy that refills it. */
async function startPair(
  items: number,
  sourceFlags: readonly string[] = [],
  targetFlags: readonly string[] = [],
): Promise<void> {
  source = await startMemcached(undefined, sourceFlags);
  running.push(source);
  target = await startMemcached(undefined, targetFlags);
  running.push(target);
  await storeItems(source.port, items);
  await giveRecord(source.port);
}

async function startRefilling(...flags: string[]): Promise<void> {
  proxy = await startProxy(built.file, [target.port], [source.port], flags);
  running.push(proxy);
}

async function refillStat(name: string): Promise<number> {
  return Number((await statsOf(proxy.port)).get(`refill_${name}`) ?? Number.NaN);
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => keyOf(n));
const setLine = (key: string, value: string): string => `set ${key} 0 0 ${value.length}\r\n${value}\r\n`;

describe('a flush_all half-way', () => {
  const ITEMS = 10_000;
  const AFTER = ['item-0', 'item-1', 'item-9000', 'after-0', 'after-1'];

  async function startHalfWay(): Promise<void> {
    await startPair(ITEMS);
    await startRefilling('--refill-items', '10000');
    await until('it is half-way', async () => (await refillStat('done')) > ITEMS / 3, 10_000, 5);
  }

  async function expectOnlyAfter(): Promise<void> {
    await untilWhole(proxy.port);
    const keys = [...new Set([...names(ITEMS), ...AFTER])];
    const expected = { present: AFTER.length, different: 0 };
    expect(await compareCopies(source.port, target.port, keys)).toMatchObject(expected);
    const [first] = await readStates(proxy.port, ['item-9000']);
    expect(first!.value.toString()).toBe('new');
  }

  it('at once: nothing from before comes back, what is written behind it stays', async () => {
    await startHalfWay();
    const writes = AFTER.map((key) => setLine(key, 'new')).join('');
    expect(await talk(proxy.port, `flush_all\r\n${writes}`, /(STORED\r\n){5}$/)).toMatch(/^OK\r\n/);
    await expectOnlyAfter();
    expect(proxy.log()).toContain('was emptied during the copy (flush_all); again in 0.5 s');
  });

  it('with a delay: the same, once its time has come', async () => {
    await startHalfWay();
    expect(await talk(proxy.port, 'flush_all 1\r\n', /OK\r\n$/)).toBe('OK\r\n');
    // Its clock has whole seconds.
    await sleep(2200);
    await talk(proxy.port, AFTER.map((key) => setLine(key, 'new')).join(''), /(STORED\r\n){5}$/);
    await expectOnlyAfter();
  });

  it.each([
    ['in an hour', () => 3600],
    ['at a date', () => Math.floor(Date.now() / 1000) + 3600],
  ])('%s: the copy is whole long before', async (_name, delay) => {
    await startPair(300);
    await startRefilling();
    await untilWhole(proxy.port);
    expect(await talk(proxy.port, `flush_all ${delay()}\r\n`, /OK\r\n$/)).toBe('OK\r\n');
    await target.stop();
    target = await startMemcached(target.port);
    running.push(target);
    await until('it is out', async () => proxy.log().includes('is out'));
    await untilWhole(proxy.port, 10_000);
    expect(await compareCopies(source.port, target.port, names(300))).toMatchObject({
      present: 300,
      different: 0,
    });
  });
});

it('tells how far it is, in stats, in metrics and in the log', async () => {
  const items = 8000;
  await startPair(items);
  const metrics = await freePort();
  await startRefilling('--refill-items', '2500', '--metrics', `127.0.0.1:${metrics}`);
  await until('it is logged', async () => / left$/m.test(proxy.log()), 10_000, 100);
  const stats = await statsOf(proxy.port);
  const number = (name: string): number => Number(stats.get(`refill_${name}`));
  expect(stats.get('refill_target')).toBe(`127.0.0.1:${target.port}`);
  expect(stats.get('refill_source')).toBe(`127.0.0.1:${source.port}`);
  expect(stats.get('refill_pass')).toBe('copying');
  expect(number('waiting')).toBe(0);
  // Its own record is one of them, unless memcached was just replacing it as it was asked.
  const total = number('total');
  expect([items, items + 1]).toContain(total);
  expect(number('done')).toBeGreaterThan(1000);
  expect(number('stored')).toBeGreaterThan(1000);
  expect(number('items_per_second')).toBeGreaterThan(1000);
  expect(number('items_per_second')).toBeLessThan(3000);
  expect(number('seconds_left')).toBeGreaterThan(0);
  expect(number('seconds_left')).toBeLessThan(10);
  expect(stats.get('proxy_refilled_items')).toBe(stats.get('refill_stored'));
  const text = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const metric = (name: string): number =>
    Number(new RegExp(`^memcache_ha_proxy_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  expect(metric('refill_items')).toBeGreaterThanOrEqual(number('done'));
  expect(metric('refill_items_expected')).toBe(total);
  expect(metric('refilled_items_total')).toBeGreaterThanOrEqual(number('stored'));
  await untilWhole(proxy.port);
  expect(proxy.log()).toMatch(/refilling \S+: copying, \d+ of 800[01] items, \d+\/s, \d+ s left/);
  expect(proxy.log()).toMatch(/refilled \S+ from \S+: 8000 items, \d+\.\d MB, \d+\.\d s\n/);
  expect((await statsOf(proxy.port)).has('refill_done')).toBe(false);
});

it("of two servers with one backup: each gets its own keys, the backup both servers'", async () => {
  const [first, second, backup] = [await startMemcached(), await startMemcached(), await startMemcached()];
  running.push(first, second, backup);
  const servers = [first, second];
  proxy = await startProxy(built.file, [first.port, second.port], [backup.port]);
  running.push(proxy);
  const keys = names(2000).filter((key) => !key.includes(' '));
  await talk(proxy.port, `${keys.map((key) => setLine(key, `v${key}`)).join('')}mn\r\n`, /MN\r\n$/);
  const held = async (): Promise<string[][]> =>
    Promise.all(
      [first, second, backup].map(async ({ port }) =>
        (await readStates(port, keys)).flatMap((state, n) => (state === null ? [] : [keys[n]!])),
      ),
    );
  const before = await held();
  expect(before[0]!.length + before[1]!.length).toBe(keys.length);
  expect(before[2]).toEqual(keys);
  for (const copy of [...servers, backup]) {
    const said = proxy.log().length;
    await copy.stop();
    running.push(await startMemcached(copy.port));
    await until('it is whole again', async () =>
      proxy.log().slice(said).includes(`:${copy.port} is whole again`),
    );
    await until('the record is there', async () => (await recordOf(copy.port))?.filling === false);
    expect(await held()).toEqual(before);
  }
});

describe('a crawler', () => {
  it('that is busy with a list that somebody reads slowly is waited for', async () => {
    const items = 60_000;
    await startPair(0, ['-m', '256']);
    const lines = Array.from({ length: items }, (_, n) => `ms key-${n} 1 q\r\nx\r\n`).join('');
    expect(await talk(source.port, `${lines}mn\r\n`, /MN\r\n$/)).toBe('MN\r\n');
    const slow = await openConnection(source.port);
    slow.socket.pause();
    slow.send('lru_crawler metadump all\r\n');
    await until('it is busy', async () => (await statsOf(source.port)).get('lru_crawler_running') === '1');
    await startRefilling('--refill-items', '0');
    await until('it is told', async () => proxy.log().includes('waits:'));
    expect(proxy.log()).toContain(
      `refilling 127.0.0.1:${target.port} waits: 127.0.0.1:${source.port} lists its keys for somebody else`,
    );
    expect(await refillStat('waiting')).toBe(1);
    expect(await isWhole(proxy.port)).toBe(false);
    // The source answers all the while.
    expect(await talk(proxy.port, 'get key-7\r\n', /END\r\n$/)).toBe('VALUE key-7 0 1\r\nx\r\nEND\r\n');
    slow.close();
    await untilWhole(proxy.port);
    expect((await statsOf(target.port)).get('curr_items')).toBe(String(items + 1));
    expect(proxy.log().match(/waits:/g)!.length).toBeLessThanOrEqual(2);
  });

  it('that is turned off: the log says so, the copy follows the writes and is not read, and nothing turns in circles', async () => {
    await startPair(300, ['-o', 'no_lru_crawler']);
    await startRefilling();
    await until('it is told', async () => proxy.log().includes('ended early'));
    expect(proxy.log()).toContain(
      `ended early: source 127.0.0.1:${source.port}: its LRU crawler is disabled (lru_crawler enable, or no -o no_lru_crawler); again in 0.5 s`,
    );
    const before = cpuTicks();
    expect(await talk(proxy.port, setLine('new', 'value'), /STORED\r\n$/)).toBe('STORED\r\n');
    await sleep(2000);
    expect(cpuTicks() - before).toBeLessThan(100);
    expect(proxy.log().match(/ended early/g)!.length).toBeLessThanOrEqual(4);
    expect(await isWhole(proxy.port)).toBe(false);
    expect((await readStates(target.port, ['new']))[0]!.value.toString()).toBe('value');
    expect((await readStates(proxy.port, names(300))).filter((state) => state === null)).toEqual([]);
    // As the message says.
    await talk(source.port, 'lru_crawler enable\r\n', /OK\r\n$/);
    await untilWhole(proxy.port);
    expect(await compareCopies(source.port, target.port, names(300))).toMatchObject({
      present: 300,
      different: 0,
    });
  });

  /** Of 10 ms. */
  function cpuTicks(): number {
    const fields = readFileSync(`/proc/${proxy.child.pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }
});

describe('a target that is smaller than the source', () => {
  it('gets what was used last, and keeps its generation while it evicts', async () => {
    const cold = 40_000;
    const hot = 5_000;
    await startPair(cold, ['-m', '64'], ['-m', '16']);
    // Time of use is told by the second.
    await sleep(2100);
    await storeItems(source.port, cold + hot, cold);
    const keys = names(cold + hot).slice(cold);
    await startRefilling('--refill-items', '0', '--refill-bytes', '0');
    await untilWhole(proxy.port);
    const kept = (await readStates(target.port, keys)).filter((state) => state !== null).length;
    // Which slab class evicts is memcached's choice: one or two of them may go.
    expect(kept).toBeGreaterThanOrEqual(0.998 * hot);
    expect(Number((await statsOf(target.port)).get('curr_items'))).toBeGreaterThan(2 * hot);
    const record = await recordOf(target.port);
    expect(record).toEqual(await recordOf(source.port));
    // From here on the target decides, and is full.
    for (let round = 0; round < 20; round++) {
      const flood = Array.from({ length: 2000 }, (_, n) =>
        setLine(`flood-${round}-${n}`, 'f'.repeat(40 + n)),
      );
      await talk(proxy.port, `${flood.join('')}mn\r\n`, /MN\r\n$/);
    }
    expect(Number((await statsOf(target.port)).get('evictions'))).toBeGreaterThan(1000);
    await until('the record is there', async () => (await recordOf(target.port)) !== null);
    expect(await recordOf(target.port)).toEqual(record);
    expect(await isWhole(proxy.port)).toBe(true);
    expect((await statsOf(target.port)).get('cmd_flush')).toBe('1');
  });
});
