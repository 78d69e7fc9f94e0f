/** `memcache-ha sync` between real memcacheds: what arrives, what happens to those that fail, and what it says. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GENERATION_KEY } from '../../src/core/generation.ts';
import { systemClock } from '../../src/io/clock.ts';
import { createPeer } from '../../src/sync/peer.ts';
import type { Dial } from '../../src/sync/ports.ts';
import { startRefill } from '../../src/sync/refill.ts';
import { tcpDial } from '../../src/sync/tcp.ts';
import { openConnection, type RawConnection } from '../proxy/support/connection.ts';
import { freePort, type Running, startMemcached } from '../proxy/support/processes.ts';
import { seeded } from '../proxy/support/random.ts';
import { type Cache, type Item, openCache } from './support/cache.ts';
import { buildSync, type SyncProgram } from './support/command.ts';

let program: SyncProgram;
/** What a test started, and what is to be closed behind it. */
let running: Running[] = [];
let open: { close(): void }[] = [];

beforeAll(async () => {
  program = await buildSync();
});
afterAll(() => program.remove());
afterEach(async () => {
  for (const each of open) each.close();
  open = [];
  for (const each of running) await each.stop();
  running = [];
});

async function memcached(...extra: string[]): Promise<Running & { cache: Cache; address: string }> {
  const started = await startMemcached(undefined, ['-m', '256', ...extra]);
  running.push(started);
  const cache = await openCache(started.port);
  open.push(cache);
  return { ...started, cache, address: `127.0.0.1:${started.port}` };
}

const FREE = ['--rate', '0', '--bytes-rate', '0'];
const random = seeded(7);
const FILLER = Buffer.from(Array.from({ length: 2048 }, (_, index) => 97 + (index % 26)));

function items(count: number, prefix = 'key', size = 300): Item[] {
  return Array.from({ length: count }, (_, index) => ({
    key: `${prefix}-${index}`,
    value: FILLER.subarray(index % 700, (index % 700) + random.below(2 * size)),
    flags: index % 5 === 0 ? 4_294_967_295 - index : index % 3,
    ttl: index % 3 === 0 ? 0 : index % 3 === 1 ? 1000 + index : 2_592_000 - index,
  }));
}

/** How many of the items are there as they were set; fails at the first that is there differently. */
async function countEqual(cache: Cache, expected: readonly Item[], elapsed: number): Promise<number> {
  let equal = 0;
  const found = await cache.get(expected.map(({ key }) => key));
  for (const [index, { key, value, flags, ttl }] of expected.entries()) {
    const there = found[index];
    if (there === null || there === undefined) continue;
    if (!there.value.equals(value) || there.flags !== flags) throw new Error(`${key} is another one`);
    const late = ttl === 0 ? Math.abs(there.ttl + 1) : Math.abs(ttl - there.ttl);
    if (late > (ttl === 0 ? 0 : elapsed)) throw new Error(`${key} has ${there.ttl} s left, not ${ttl}`);
    equal++;
  }
  return equal;
}

describe('what arrives', () => {
  it('is everything: 50 000 items, every one compared', async () => {
    const [source, target] = [await memcached(), await memcached()];
    const all = [
      ...items(50_000),
      { key: 'empty', value: Buffer.alloc(0), flags: 1, ttl: 0 },
      { key: 'large', value: Buffer.alloc(2 ** 20 - 200, 'l'), flags: 2, ttl: 100 },
      { key: 'month', value: FILLER.subarray(0, 9), flags: 2, ttl: 2_592_000 },
      { key: 'a b\nc\0d', value: FILLER.subarray(0, 100), flags: 3, ttl: 500 },
      { key: '\xff%20\xe9', value: FILLER.subarray(0, 100), flags: 3, ttl: 0 },
      { key: 'k'.repeat(250), value: FILLER, flags: 4, ttl: 0 },
    ];
    const setAt = performance.now();
    await source.cache.set(all);
    // A date beyond thirty days.
    const year = Math.floor(Date.now() / 1000) + 365 * 86_400;
    await source.cache.set([{ key: 'year', value: FILLER.subarray(0, 9), flags: 5, ttl: year }]);
    const sync = program.start('--from', source.address, '--to', target.address, ...FREE);
    const { code, stdout, stderr } = await sync.end();
    expect(stderr).not.toMatch(/memcache-ha sync:/);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^copied 50 007 items \(\d+ MB\) from 127.0.0.1:\d+ to 127.0.0.1:\d+ in /);
    expect(stdout).toContain('not guaranteed: what clients deleted or overwrote during the copy');
    expect(stdout).not.toContain('not copied');
    const elapsed = Math.ceil((performance.now() - setAt) / 1000) + 1;
    expect(await countEqual(target.cache, all, elapsed)).toBe(all.length);
    // Against the source as it is now: to the second.
    const keys = all.map(({ key }) => key);
    const [there, here] = [
      await source.cache.get([...keys, 'year']),
      await target.cache.get([...keys, 'year']),
    ];
    const off = there.map((found, index) => Math.abs(found!.ttl - here[index]!.ttl));
    expect(Math.max(...off)).toBeLessThanOrEqual(2);
    expect(here.at(-1)).toMatchObject({ flags: 5 });
    expect(Math.abs(here.at(-1)!.ttl - 365 * 86_400)).toBeLessThanOrEqual(elapsed);
  });

  it('is everything of a small cache that is read all the time: memcached moves its items while it lists them', async () => {
    const source = await memcached();
    const all = items(300);
    const keys = all.map(({ key }) => key);
    await source.cache.set(all);
    const reader = await openCache(source.port);
    open.push(reader);
    let reading = true;
    const reads = (async () => {
      while (reading) {
        await reader.get(keys);
        await sleep(3);
      }
    })();
    const found: number[] = [];
    for (let round = 0; round < 12; round++) {
      const target = await memcached();
      const { code } = await program.start('--from', source.address, '--to', target.address, ...FREE).end();
      expect(code).toBe(0);
      found.push((await target.cache.get(keys)).filter((item) => item !== null).length);
    }
    reading = false;
    await reads;
    expect(found).toEqual(found.map(() => all.length));
  });

  it('is what the target lacks: what it has stays as it is', async () => {
    const [source, target] = [await memcached(), await memcached()];
    const all = items(4000);
    const newer = all
      .filter((_, index) => index % 2 === 0)
      .map((item) => ({ ...item, value: Buffer.from('newer'), flags: 9 }));
    await source.cache.set(all);
    await target.cache.set(newer);
    const { code, stdout } = await program
      .start('--from', source.address, '--to', target.address, ...FREE)
      .end();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^copied 2 000 items/);
    expect(await countEqual(target.cache, newer, 30)).toBe(2000);
    const rest = all.filter((_, index) => index % 2 === 1);
    expect(await countEqual(target.cache, rest, 30)).toBe(2000);
  });

  it('is read without a use: the source forgets in the same order as before', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(100));
    await program.start('--from', source.address, '--to', target.address, ...FREE).end();
    expect(await source.cache.ask('me key-5\r\n', /\r\n$/)).toContain('fetch=no');
    expect(await target.cache.ask('me key-5\r\n', /\r\n$/)).toContain('fetch=no');
  });

  it('is no stale item, whose token stays with the clients', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(10));
    await source.cache.ask('md key-3 I T30\r\n', /HD\r\n/);
    const { code, stdout } = await program
      .start('--from', source.address, '--to', target.address, ...FREE)
      .end();
    expect(code).toBe(0);
    expect(stdout).toContain('not copied: 1 (marked stale');
    expect(await target.cache.ask('mg key-3\r\n', /\r\n$/)).toBe('EN\r\n');
    expect(await source.cache.ask('mg key-3\r\n', /\r\n$/)).toBe('HD X W\r\n');
  });

  it('is not what the target has no item size for, and leaves what it has under that key', async () => {
    const [source, target] = [await memcached('-I', '2m'), await memcached()];
    await source.cache.set([
      ...items(10),
      { key: 'large', value: Buffer.alloc(1_500_000, 'l'), flags: 0, ttl: 0 },
    ]);
    await source.cache.set([{ key: 'large two', value: Buffer.alloc(1_500_000, 'l'), flags: 0, ttl: 0 }]);
    await target.cache.set([{ key: 'large two', value: Buffer.from('small'), flags: 0, ttl: 0 }]);
    const { code, stdout } = await program
      .start('--from', source.address, '--to', target.address, ...FREE)
      .end();
    expect(code).toBe(0);
    expect(stdout).toContain("not copied: 2 (larger than the target's item_size_max)");
    expect((await target.cache.get(['large two']))[0]?.value.toString()).toBe('small');
  });
});

describe('a target that is smaller', () => {
  it('gets what was used last', async () => {
    const [source, target] = [await memcached(), await memcached('-m', '24')];
    const all = items(60_000, 'key', 500);
    await source.cache.set(all);
    // Times of last use are whole seconds, and move with the second read.
    await sleep(2100);
    const hot = all.filter((_, index) => index % 6 === 0);
    const keys = hot.map(({ key }) => key);
    await source.cache.get(keys);
    await source.cache.get(keys);
    await sleep(1100);
    const { code, stdout } = await program
      .start('--from', source.address, '--to', target.address, ...FREE)
      .end();
    expect(code).toBe(0);
    expect(stdout).toMatch(/not copied: \d+ \d+ \(used longest ago: the target has no room for them\)/);
    const kept = await countEqual(target.cache, hot, 60);
    const present = await target.cache.stat('curr_items');
    console.log(
      `${kept} of ${hot.length} hot items kept, ${present} in all, ${await target.cache.stat('evictions')} evicted`,
    );
    expect(kept).toBeGreaterThan(0.98 * hot.length);
    // And the rest of its room is used.
    expect(await target.cache.stat('bytes')).toBeGreaterThan(0.65 * 24 * 2 ** 20);
    // Nothing is pushed through it again and again.
    expect(await target.cache.stat('total_items')).toBeLessThan(1.1 * present);
  });

  it('and evicts nothing (-M) says what found no room', async () => {
    const [source, target] = [await memcached(), await memcached('-m', '8', '-M')];
    const there = Array.from({ length: 6000 }, (_, index) => ({
      key: `there-${index}`,
      value: FILLER.subarray(0, 1000),
      flags: 0,
      ttl: 0,
    }));
    await target.cache.set(there);
    await source.cache.set(there.map((item) => ({ ...item, key: item.key.replace('there', 'lacked') })));
    const { code, stdout } = await program
      .start('--from', source.address, '--to', target.address, ...FREE)
      .end();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^copied \d+ (\d+ )?items/);
    expect(stdout).toMatch(/not copied: \d \d+ \(no memory on the target\)/);
    expect(await countEqual(target.cache, there, 30)).toBe(there.length);
  });
});

describe('what fails', () => {
  const SLOW = ['--rate', '4000'];

  it.each(['source', 'target'] as const)('the %s is killed half-way', async (name) => {
    const pair = { source: await memcached(), target: await memcached() };
    await pair.source.cache.set(items(20_000));
    const sync = program.start('--from', pair.source.address, '--to', pair.target.address, ...SLOW);
    await untilCopied(pair.target.cache, 1000);
    await pair[name].stop();
    const killedAt = performance.now();
    const { code, stdout, stderr } = await sync.end(10_000);
    expect(performance.now() - killedAt).toBeLessThan(5000);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^copied \d \d{3} items/);
    expect(stderr).toMatch(
      new RegExp(`memcache-ha sync: ${name} ${pair[name].address}: (closed|reset) the connection`),
    );
  });

  it.each(['source', 'target'] as const)('the %s is emptied half-way', async (name) => {
    const pair = { source: await memcached(), target: await memcached() };
    await pair.source.cache.set(items(20_000));
    const sync = program.start('--from', pair.source.address, '--to', pair.target.address, ...SLOW);
    await untilCopied(pair.target.cache, 1000);
    await pair[name].cache.ask('flush_all\r\n', /OK\r\n/);
    const { code, stderr } = await sync.end(10_000);
    expect(code).toBe(1);
    expect(stderr).toContain(`${name} ${pair[name].address}: was emptied during the copy (flush_all)`);
  });

  it('SIGINT ends it, and it says what was copied', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(20_000));
    const sync = program.start('--from', source.address, '--to', target.address, ...SLOW);
    await untilCopied(target.cache, 1000);
    sync.child.kill('SIGINT');
    const { code, stdout, stderr } = await sync.end(5000);
    expect(code).toBe(1);
    expect(stderr).toContain('stopped by SIGINT before the end');
    const copied = Number(/^copied ([\d ]+) items/.exec(stdout)![1]!.replaceAll(' ', ''));
    expect(copied).toBe(await target.cache.stat('curr_items'));
    // And goes on where it was.
    const again = await program.start('--from', source.address, '--to', target.address, ...FREE).end();
    expect(again.code).toBe(0);
    expect(await target.cache.stat('curr_items')).toBe(20_000);
  });

  it.each([
    [['-o', 'no_lru_crawler'], 'its LRU crawler is disabled'],
    [['-X'], 'it was started without the right to list its keys'],
  ])('the source was started with %j', async (extra, reason) => {
    const [source, target] = [await memcached(...extra), await memcached()];
    const { code, stdout, stderr } = await program
      .start('--from', source.address, '--to', target.address)
      .end();
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(reason);
  });

  it('and what is behind the proxy is named: nobody needs to copy by hand there', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(10));
    const record = `3 ${'0'.repeat(16)} filling`;
    await target.cache.ask(`set ${GENERATION_KEY} 0 0 ${record.length}\r\n${record}\r\n`, /STORED\r\n/);
    const { code, stderr } = await program.start('--from', source.address, '--to', target.address).end();
    expect(code).toBe(0);
    expect(stderr).toContain(
      `${target.address} is a copy behind memcache-ha's proxy, which fills it by itself`,
    );
  });

  it('nobody is there, or the same one twice', async () => {
    const source = await memcached();
    const nobody = `127.0.0.1:${await freePort()}`;
    const refused = await program.start('--from', source.address, '--to', nobody).end();
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toBe(`memcache-ha sync: target ${nobody}: refused the connection\n`);
    const twice = await program.start('--from', source.address, '--to', `localhost:${source.port}`).end();
    expect(twice).toMatchObject({ code: 2, stdout: '' });
    expect(twice.stderr).toContain('are the same memcached');
    const usage = await program.start('--from', source.address).end();
    expect(usage).toMatchObject({ code: 2, stdout: '' });
    expect(usage.stderr).toContain('--to HOST:PORT is missing');
    const help = await program.start('--help').end();
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('What cannot be guaranteed');
  });
});

/** Waits, for at most ten seconds, until the target has so many items. */
async function untilCopied(target: Cache, count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while ((await target.stat('curr_items')) < count) {
    if (performance.now() > deadline) throw new Error('nothing is copied');
    await sleep(20);
  }
}

describe('a crawler that lists the keys for somebody else', () => {
  it('is waited for, and nobody is frozen meanwhile', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(60_000));
    // Somebody who asks for the list and does not read it holds the crawler.
    const slow: RawConnection = await openConnection(source.port);
    open.push(slow);
    slow.send('lru_crawler metadump all\r\n');
    slow.socket.pause();
    await sleep(300);
    expect(await source.cache.stat('lru_crawler_running')).toBe(1);
    const sync = program.start('--from', source.address, '--to', target.address, ...FREE);
    const worst = await worstAnswer(source.port, 1500);
    expect(sync.said().stdout).toBe('');
    slow.close();
    const { code, stdout } = await sync.end();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^copied 60 000 items/);
    expect(worst).toBeLessThan(500);
  });
});

/** The longest answer, in ms, of sixteen connections that ask in turn; they are spread over all worker threads. */
async function worstAnswer(port: number, ms: number): Promise<number> {
  const connections = [];
  for (let count = 0; count < 16; count++) connections.push(await openConnection(port));
  open.push(...connections);
  const end = performance.now() + ms;
  let worst = 0;
  while (performance.now() < end) {
    for (const connection of connections) {
      const askedAt = performance.now();
      connection.send('mn\r\n');
      await connection.receive((bytes) => bytes.length >= 4, 10_000);
      worst = Math.max(worst, performance.now() - askedAt);
    }
    await sleep(20);
  }
  return worst;
}

describe('a list that has to wait', () => {
  it('goes on when there is room again', async () => {
    const [source, target] = [await memcached(), await memcached()];
    await source.cache.set(items(60_000));
    let pauses = 0;
    const dial: Dial = (events) => {
      const connection = tcpDial({ host: '127.0.0.1', port: source.port })(events);
      return {
        ...connection,
        pause() {
          pauses++;
          connection.pause();
        },
      };
    };
    const from = createPeer('source', dial, systemClock);
    const to = createPeer('target', tcpDial({ host: '127.0.0.1', port: target.port }), systemClock);
    open.push(from, to);
    const outcome = await new Promise((onEnd) =>
      startRefill({
        source: { ...from, dial },
        target: to,
        clock: systemClock,
        targetTime: () => Math.floor(Date.now() / 1000),
        wanted: null,
        clientWrites: null,
        rate: { items: 60_000, bytes: 0 },
        listBytes: 262_144,
        onProgress: () => {},
        progressInterval: 1000,
        onEnd,
      }),
    );
    expect(outcome).toMatchObject({ kind: 'complete', progress: { copied: 60_000 } });
    expect(pauses).toBeGreaterThan(2);
  });
});

describe('a cache that changes meanwhile', () => {
  it('is copied whole where it did not change', async () => {
    const [source, target] = [await memcached(), await memcached()];
    const still = items(30_000, 'still');
    const moving = items(5_000, 'moving');
    await source.cache.set(still);
    await source.cache.set(moving);
    const writer = await openCache(source.port);
    open.push(writer);
    let writes = 0;
    let isOver = false;
    const write = async (): Promise<void> => {
      while (!isOver) {
        const some = Array.from({ length: 20 }, () => random.pick(moving));
        await writer.set(some.map((item) => ({ ...item, value: FILLER.subarray(0, random.below(600)) })));
        const gone = Array.from({ length: 5 }, () => `md ${random.pick(moving).key} q\r\n`).join('');
        await writer.ask(`${gone}mn\r\n`, /MN\r\n$/);
        writes += 25;
        await sleep(5);
      }
    };
    const writing = write();
    const sync = program.start('--from', source.address, '--to', target.address, '--rate', '15k');
    const { code } = await sync.end();
    isOver = true;
    await writing;
    expect(code).toBe(0);
    expect(writes).toBeGreaterThan(1000);
    expect(await countEqual(target.cache, still, 60)).toBe(still.length);
    // Of the others every one that is on the source: the second pass came after most of the writes.
    const keys = moving.map(({ key }) => key);
    const [there, here] = [await source.cache.get(keys), await target.cache.get(keys)];
    const missing = there.filter((found, index) => found !== null && here[index] === null).length;
    expect(missing).toBeLessThan(0.1 * keys.length);
  });
});
