/**
 * The proxy beside memcached itself and nutcracker: one run, the three asked in turn, several rounds, medians. Prints
 * requests per second, the ratio to memcached, p50 and p99, and CPU per request of the program and of all that it needs.
 * The load generator, the program and the memcacheds share the machine's cores; with two of them the generator's share
 * (`gen`, of one core) says how much of a figure is its own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openConnection } from '../proxy/support/connection.ts';
import {
  buildProxy,
  freePort,
  type Running,
  sleep,
  startMemcached,
  startProxy,
} from '../proxy/support/processes.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 2);
const CONNECTIONS = 50;
const TICKS_PER_SECOND = 100;

const MODES = [
  ['get1', 'get1', 100],
  ['mget10', 'mget10', 100],
  ['pipelined 8', 'pipe8', 100],
  ['10 kB values', 'get1', 10_000],
  ['connection per request', 'conn', 100],
] as const;

interface Target {
  readonly name: string;
  readonly port: number;
  readonly pids: readonly number[];
}

interface Result {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly ownCpu: number;
  readonly requests: number;
  readonly failures: number;
  readonly cpuUs: number;
}

let directory: string;
let load: string;
const running: Running[] = [];
let stopNutcracker: () => void = () => {};
let removeBuild: () => void = () => {};
let targets: Target[];
let proxy: Running;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-bench-'));
  load = join(directory, 'proxy-load');
  execFileSync('cc', ['-O2', '-o', load, new URL('./proxy-load.c', import.meta.url).pathname]);
  const built = await buildProxy();
  removeBuild = built.remove;
  const [direct, behindNutcracker, first, second] = [
    await startMemcached(),
    await startMemcached(),
    await startMemcached(),
    await startMemcached(),
  ];
  proxy = await startProxy(built.file, [first.port], [second.port]);
  running.push(direct, behindNutcracker, first, second, proxy);
  const nutcrackerPort = await freePort();
  const config = join(directory, 'nutcracker.yml');
  writeFileSync(
    config,
    `pair:\n  listen: 127.0.0.1:${nutcrackerPort}\n  timeout: 1000\n  servers:\n   - 127.0.0.1:${behindNutcracker.port}:1\n`,
  );
  const nutcracker = spawn('nutcracker', ['-c', config, '-m', '16384', '-s', String(await freePort())], {
    stdio: 'ignore',
  });
  stopNutcracker = () => nutcracker.kill('SIGKILL');
  await sleep(500);
  const pid = (program: Running): number => program.child.pid!;
  targets = [
    { name: 'memcached', port: direct.port, pids: [pid(direct)] },
    { name: 'nutcracker', port: nutcrackerPort, pids: [nutcracker.pid!, pid(behindNutcracker)] },
    { name: 'proxy', port: proxy.port, pids: [pid(proxy), pid(first), pid(second)] },
  ];
});

afterAll(async () => {
  stopNutcracker();
  for (const program of running) await program.stop();
  removeBuild();
  rmSync(directory, { recursive: true, force: true });
});

function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_PER_SECOND;
}

function measure(target: Target, mode: string, bytes: number): Result {
  const before = cpuSeconds(target.pids);
  const args = [String(target.port), mode, String(SECONDS), String(CONNECTIONS), String(bytes)];
  const result = JSON.parse(execFileSync(load, args, { timeout: 60_000 }).toString()) as Omit<
    Result,
    'cpuUs'
  >;
  return { ...result, cpuUs: ((cpuSeconds(target.pids) - before) * 1e6) / result.requests };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)]!;
}

const lines: string[] = [];

it.each(MODES)('%s', { timeout: 300_000 }, (name, mode, bytes) => {
  const results = new Map<string, Result[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) {
      const list = results.get(target.name) ?? [];
      list.push(measure(target, mode, bytes));
      results.set(target.name, list);
    }
  }
  for (const { name: program } of targets) {
    const list = results.get(program)!;
    expect(list.map(({ failures }) => failures)).toEqual(list.map(() => 0));
    // Ratios within each round: what else the machine does then weighs on both.
    const ratio = median(
      list.map(({ perSecond }, round) => perSecond / results.get('memcached')![round]!.perSecond),
    );
    const of = (key: keyof Result): string =>
      median(list.map((result) => result[key])).toFixed(key === 'ownCpu' ? 2 : 0);
    lines.push(
      `${name.padEnd(24)}${program.padEnd(12)}${of('perSecond').padStart(8)}/s  ratio ${ratio.toFixed(2)}  p50 ${of('p50Us')} us  p99 ${of('p99Us')} us  cpu ${of('cpuUs')} us  gen ${of('ownCpu')}`,
    );
  }
  console.log(lines.slice(-targets.length).join('\n'));
});

it('memory with 1 000 connections', { timeout: 60_000 }, async () => {
  const resident = (): number =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.child.pid}/status`, 'utf8'))![1]) / 1024;
  const connections = [];
  for (let count = 0; count < 1000; count++) connections.push(await openConnection(proxy.port));
  for (const connection of connections) connection.send('set memory 0 0 1\r\n1\r\nget memory\r\n');
  for (const connection of connections)
    await connection.receive((bytes) => bytes.toString('latin1').endsWith('END\r\n'));
  const idle = resident();
  measure(targets[2]!, 'get1', 100);
  console.log(
    `proxy with 1 000 connections: ${idle.toFixed(0)} MB, after ${SECONDS} s of load as well ${resident().toFixed(0)} MB`,
  );
  for (const connection of connections) connection.close();
});
