/** `memcache-ha proxy`: the process around the proxy. Listens, becomes another user, goes to the background, stops on signals. */
import { spawn } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import { createServer, type ListenOptions, type Server } from 'node:net';
import { PROXY_ENVIRONMENT, PROXY_NODE_FLAGS } from '../config/bundled-proxy.ts';
import { acceptClient } from './accept.ts';
import { activate, leave, lookOut, recheck } from './activate.ts';
import { startMetrics } from './metrics.ts';
import { type ProxyOptions, parseOptions, USAGE } from './options.ts';
import { createProxy, startBackends } from './proxy.ts';
import { rehearse } from './rehearsal.ts';
import { startReporting } from './report.ts';
import { awaitAccept, stopAwaiting, tellAccepting, tellReport, tellSearching } from './standby.ts';
import type { ProxyState } from './types.ts';

/** How long clients get for what they still have under way when the proxy is told to stop. */
const LINGER_MS = 500;
/** Between two looks at who has something under way. */
const LOOK_AGAIN_MS = 2;
const BACKGROUND_START_MS = 10_000;
const BACKLOG = 1024;
/** One that is to take clients at once has no time for it. */
const REHEARSAL_MS = 150;

/** Runs the proxy with its arguments (without program and command) until a signal ends it. Answers the exit code. */
export async function runProxy(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if ('error' in options) {
    process.stderr.write(`memcache-ha proxy: ${options.error}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  return options.foreground ? serve(options) : detach(argv);
}

/** magent goes to the background unless told otherwise; the start counts as good once the port is open. */
function detach(argv: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...PROXY_NODE_FLAGS, process.argv[1]!, 'proxy', '-D', ...argv],
    {
      detached: true,
      env: { ...process.env, ...PROXY_ENVIRONMENT },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  // Passed on only until the start is done: whoever reads our stderr must not wait for the background's end.
  child.stderr!.on('data', (text: Buffer) => process.stderr.write(text));
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      process.stderr.write('memcache-ha proxy: did not start in time\n');
      child.kill('SIGKILL');
    }, BACKGROUND_START_MS);
    const done = (code: number) => {
      clearTimeout(timer);
      if (child.connected) child.disconnect();
      child.stderr!.destroy();
      child.unref();
      resolve(code);
    };
    child.once('message', () => done(0));
    child.once('error', (error) => {
      process.stderr.write(`memcache-ha proxy: ${error.message}\n`);
      done(1);
    });
    child.once('close', (code) => done(code ?? 1));
  });
}

function log(message: string): void {
  process.stderr.write(`memcache-ha proxy: ${message}\n`);
}

function listenTargets(options: ProxyOptions): ListenOptions[] {
  const targets: ListenOptions[] = [];
  if (options.listenFd !== null) targets.push({ fd: options.listenFd } as ListenOptions);
  else if (options.listenPort !== 0) {
    targets.push({ host: options.listenHost, port: options.listenPort, backlog: BACKLOG });
  }
  if (options.socketPath !== null) targets.push({ path: options.socketPath, backlog: BACKLOG });
  return targets;
}

function listen(proxy: ProxyState, target: ListenOptions): Promise<Server> {
  const server = createServer({ pauseOnConnect: true }, (socket) => acceptClient(proxy, socket));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(target, () => {
      server.removeListener('error', reject);
      server.on('error', (error) => log(`listening: ${error.message}`));
      resolve(server);
    });
  });
}

async function serve(options: ProxyOptions): Promise<number> {
  process.title = 'memcache-ha proxy';
  // In the background there is nobody left to read it.
  process.stderr.on('error', () => {});
  const proxy = createProxy(options, log);
  const targets = listenTargets(options);
  if (targets.length === 0) {
    log('nowhere to listen: -p is 0 and there is no -f');
    return 2;
  }
  if (options.socketPath !== null) removeSocket(options.socketPath);
  const servers: { close(): void }[] = [];
  const stopBackends = startBackends(proxy);
  let orphaned: () => void = () => {};
  const leftAlone = new Promise<void>((resolve) => {
    orphaned = resolve;
  });
  const orders = {
    onRecheck: () => recheck(proxy),
    onLookOut: () => lookOut(proxy),
    onOrphaned: () => orphaned(),
  };
  if (options.standby) {
    const curtain = new AbortController();
    const rehearsal = setTimeout(rehearse, REHEARSAL_MS, options, curtain.signal);
    const isWanted = await awaitAccept(orders);
    clearTimeout(rehearsal);
    curtain.abort();
    if (!isWanted) {
      stopBackends();
      return 0;
    }
  }
  await activate(proxy);
  try {
    for (const target of targets) servers.push(await listen(proxy, target));
    if (options.metrics !== null) servers.push(await startMetrics(proxy, options.metrics));
    become(options);
  } catch (error) {
    for (const server of servers) server.close();
    stopBackends();
    if (options.standby) stopAwaiting();
    log((error as Error).message);
    return 1;
  }
  if (options.standby) {
    tellAccepting();
    startReporting(proxy, tellReport);
    proxy.onSearch = tellSearching;
  }
  process.send?.('listening');
  if (process.connected) process.disconnect();
  proxy.log(1, `listening on ${options.listenHost}:${options.listenPort}`);
  await Promise.race([stopSignal(), leftAlone]);
  leave(proxy);
  for (const server of servers) server.close();
  await dismissClients(proxy);
  stopBackends();
  if (options.standby) stopAwaiting();
  return 0;
}

/** One that was left by a proxy that was killed; whatever else is there is in the way, and nobody's to remove. */
function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path, { force: true });
}

/** The user and group of `-u` and `-g`, with nothing left of root's other groups. */
function become({ user, group }: ProxyOptions): void {
  if ((user !== null || group !== null) && process.getuid?.() === 0) process.setgroups?.([]);
  if (group !== null) process.setgid?.(idOf(group));
  if (user !== null) process.setuid?.(idOf(user));
}

function idOf(name: string): string | number {
  return /^\d+$/.test(name) ? Number(name) : name;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

/** Closes each client's connection as soon as it has no request under way, all of them after LINGER_MS. */
async function dismissClients({ clients }: ProxyState): Promise<void> {
  const deadline = performance.now() + LINGER_MS;
  while (clients.size > 0) {
    const isLate = performance.now() >= deadline;
    for (const client of [...clients]) {
      const isBusy =
        client.head !== null || client.dirty || client.input !== null || client.socket.writableLength > 0;
      if (isLate || !isBusy) client.socket.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
