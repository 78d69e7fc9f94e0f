/**
 * The proxy's memory with 1 000 connections that all keep asking, at a bounded rate: a line for each minute, MINUTES of
 * them (10 when not given). Small gets and sets, multi-gets of ten keys, and now and then a value of 10 kB.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnection, type RawConnection } from '../proxy/support/connection.ts';
import { buildProxy, type Running, startMemcached, startProxy } from '../proxy/support/processes.ts';
import { seeded } from '../proxy/support/random.ts';

const MINUTES = Number(process.env.MINUTES ?? 10);
const CONNECTIONS = 1000;
/** Between two requests of one connection, in ms: 4 000 requests a second in all. */
const EVERY = 250;
const KEYS = 2000;
/** The contract, in MB. */
const LIMIT = 90;

const running: Running[] = [];
let proxy: Running;
let removeBuild: () => void = () => {};

beforeAll(async () => {
  const built = await buildProxy();
  removeBuild = built.remove;
  const [first, second] = [await startMemcached(), await startMemcached()];
  proxy = await startProxy(built.file, [first.port], [second.port]);
  running.push(first, second, proxy);
});

afterAll(async () => {
  for (const program of running) await program.stop();
  removeBuild();
});

const random = seeded(1);
const key = (): string => `key-${random.below(KEYS)}`;

/** A request, and how its answer ends. */
function request(): readonly [string, string] {
  const choice = random.below(100);
  const set = (bytes: number) =>
    [`set ${key()} 0 0 ${bytes}\r\n${'v'.repeat(bytes)}\r\n`, 'STORED\r\n'] as const;
  if (choice === 0) return set(10_000);
  if (choice < 10) return set(100);
  if (choice < 20) return [`get ${Array.from({ length: 10 }, key).join(' ')}\r\n`, 'END\r\n'];
  return [`get ${key()}\r\n`, 'END\r\n'];
}

async function keepAsking(connection: RawConnection, until: number): Promise<number> {
  let requests = 0;
  await sleep(random.below(EVERY));
  while (performance.now() < until) {
    const started = performance.now();
    const [asked, end] = request();
    connection.send(asked);
    const answer = await connection.receive(
      (bytes) => bytes.subarray(-end.length).toString() === end,
      10_000,
    );
    expect(answer.subarray(0, 6).toString()).toMatch(/^(VALUE |STORED|END\r\n$)/);
    requests++;
    await sleep(Math.max(0, EVERY - (performance.now() - started)));
  }
  return requests;
}

const resident = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.child.pid}/status`, 'utf8'))![1]) / 1024;

it('memory under 1 000 connections that keep asking', { timeout: (MINUTES + 2) * 60_000 }, async () => {
  const connections: RawConnection[] = [];
  for (let count = 0; count < CONNECTIONS; count++) connections.push(await openConnection(proxy.port));
  const end = performance.now() + MINUTES * 60_000;
  const asking = Promise.all(connections.map((connection) => keepAsking(connection, end)));
  const perMinute: number[] = [];
  while (perMinute.length < MINUTES) {
    await sleep(60_000);
    perMinute.push(resident());
    console.log(`minute ${perMinute.length}: ${perMinute.at(-1)!.toFixed(1)} MB`);
  }
  const requests = (await asking).reduce((sum, count) => sum + count, 0);
  console.log(`${requests} requests, ${(requests / (MINUTES * 60)).toFixed(0)} a second`);
  for (const connection of connections) connection.close();
  // The first minute warms up; from the second on it must not grow.
  const settled = perMinute.slice(1);
  expect(Math.max(...perMinute)).toBeLessThanOrEqual(LIMIT);
  if (settled.length > 1) expect(settled.at(-1)! - settled[0]!).toBeLessThan(5);
});
