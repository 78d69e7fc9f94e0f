/** Starts real memcacheds and the real proxy on free loopback ports, and ends them, and only them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { PROXY_ENVIRONMENT, PROXY_NODE_FLAGS } from '../../../src/config/bundled-proxy.ts';

/** A program under test. */
export interface Running {
  readonly port: number;
  readonly child: ChildProcess;
  /** What it said on stderr so far. */
  readonly log: () => string;
  /** Ends it and waits until it has. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

const START_MS = 10_000;

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(),
      );
    });
  });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function waitForPort(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${log()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(20);
  }
  throw new Error(`port ${port} did not open: ${log()}`);
}

async function start(
  program: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-100_000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGCONT');
      child.kill(signal);
    }
    await ended;
  };
  const running = { port, child, log: () => said, stop };
  try {
    await waitForPort(port, child, running.log);
  } catch (error) {
    await stop();
    throw error;
  }
  return running;
}

/** A memcached on loopback. */
export async function startMemcached(port?: number, extra: readonly string[] = []): Promise<Running> {
  const chosen = port ?? (await freePort());
  return start(
    'memcached',
    ['-u', 'root', '-l', '127.0.0.1', '-p', String(chosen), '-t', '2', ...extra],
    chosen,
  );
}

/** Bundles the proxy as a program; answers its path and how to remove it. */
export async function buildProxy(): Promise<{ file: string; remove: () => void }> {
  const directory = mkdtempSync(join(tmpdir(), 'memcache-ha-proxy-'));
  const file = join(directory, 'proxy.mjs');
  await build({
    entryPoints: [new URL('./proxy-cli.ts', import.meta.url).pathname],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  });
  return { file, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** The proxy in the foreground, with the servers and backups given by port. */
export async function startProxy(
  file: string,
  servers: readonly number[],
  backups: readonly number[],
  extra: readonly string[] = [],
): Promise<Running> {
  const port = await freePort();
  const address = (flag: string) => (backend: number) => [flag, `127.0.0.1:${backend}`];
  const backends = [...servers.flatMap(address('-s')), ...backups.flatMap(address('-b'))];
  return start(
    'node',
    [...PROXY_NODE_FLAGS, file, '-D', '-l', '127.0.0.1', '-p', String(port), ...backends, ...extra],
    port,
    PROXY_ENVIRONMENT,
  );
}

/** A proxy that waits for orders on its standard input, as the daemon keeps one; `said`: its standard output so far. */
export async function startStandby(
  file: string,
  servers: readonly number[],
  backups: readonly number[],
): Promise<Running & { readonly said: () => string }> {
  const port = await freePort();
  const address = (flag: string) => (backend: number) => [flag, `127.0.0.1:${backend}`];
  const words = ['-D', '--standby', '-l', '127.0.0.1', '-p', String(port)];
  const child = spawn(
    'node',
    [
      ...PROXY_NODE_FLAGS,
      file,
      ...words,
      ...servers.flatMap(address('-s')),
      ...backups.flatMap(address('-b')),
    ],
    { env: { ...process.env, ...PROXY_ENVIRONMENT } },
  );
  let [said, log] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return { port, child, log: () => log, said: () => said, stop };
}
