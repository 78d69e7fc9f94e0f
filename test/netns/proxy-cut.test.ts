/**
 * A memcached that is cut off: its packets are dropped, nobody refuses or closes anything. The proxy and the other copy
 * live in one namespace, the copy that is cut off in a second one, a bridge in a third. Clients come by Unix socket.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, runClients } from '../proxy/support/clients.ts';
import { ask, openConnection } from '../proxy/support/connection.ts';
import { buildProxy, sleep } from '../proxy/support/processes.ts';

const PREFIX = `mhapx${process.pid % 10_000}`;
const [NEAR, FAR, BRIDGE] = [`${PREFIX}-n`, `${PREFIX}-f`, `${PREFIX}-b`];
const NEAR_ADDRESS = '10.77.0.1';
const FAR_ADDRESS = '10.77.0.2';
const CLIENTS = 50;
const HOT_KEYS = 200;

let built: Awaited<ReturnType<typeof buildProxy>>;
let directory: string;
const children: ChildProcess[] = [];

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function inside(namespace: string, ...command: string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: 'ignore' });
  children.push(child);
  return child;
}

beforeAll(async () => {
  built = await buildProxy();
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-cut-'));
  for (const namespace of [NEAR, FAR, BRIDGE]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  ip('-n', BRIDGE, 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', BRIDGE, 'link', 'set', 'br0', 'up');
  for (const [namespace, port, address] of [
    [NEAR, 'near', NEAR_ADDRESS],
    [FAR, 'far', FAR_ADDRESS],
  ] as const) {
    ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', BRIDGE);
    ip('-n', BRIDGE, 'link', 'set', port, 'master', 'br0', 'up');
    ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }
  inside(NEAR, 'memcached', '-u', 'root', '-l', NEAR_ADDRESS, '-p', '11211');
  inside(FAR, 'memcached', '-u', 'root', '-l', FAR_ADDRESS, '-p', '11211');
  await sleep(500);
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await sleep(100);
  for (const namespace of [NEAR, FAR, BRIDGE]) {
    const pids = execFileSync('ip', ['netns', 'pids', namespace]).toString().split('\n');
    for (const pid of pids) if (pid !== '') process.kill(Number(pid), 'SIGKILL');
    ip('netns', 'del', namespace);
  }
  rmSync(directory, { recursive: true, force: true });
  built.remove();
});

/** A proxy in the near namespace, reached through the path that is answered. */
async function proxy(name: string, ...backends: string[]): Promise<string> {
  return (await startProxy(name, ...backends)).path;
}

async function startProxy(
  name: string,
  ...backends: string[]
): Promise<{ readonly path: string; readonly child: ChildProcess }> {
  const path = join(directory, name);
  const child = inside(NEAR, 'node', built.file, '-D', '-p', '0', '-f', path, ...backends);
  for (let turn = 0; turn < 200; turn++) {
    const connection = await openConnection(path).catch(() => null);
    if (connection !== null) {
      connection.close();
      return { path, child };
    }
    await sleep(25);
  }
  throw new Error('the proxy did not start');
}

async function farIsUp(path: string, number: 1 | 2): Promise<boolean> {
  const connection = await openConnection(path);
  const stats = await ask(connection, 'stats\r\n', /END\r\n$/);
  connection.close();
  return stats.includes(`STAT backend_${number}_up 1`);
}

it('attempts to reach it end with their time, and with the proxy', async () => {
  const words = ['-s', `${NEAR_ADDRESS}:11211`, '-b', `${FAR_ADDRESS}:11211`];
  const { path, child } = await startProxy('attempts', ...words);
  ip('-n', BRIDGE, 'link', 'set', 'far', 'down');
  try {
    while (await farIsUp(path, 2)) await sleep(20);
    await sleep(2000);
    const opening = execFileSync('ip', ['netns', 'exec', NEAR, 'ss', '-Htnp', 'state', 'syn-sent']);
    const own = opening
      .toString()
      .split('\n')
      .filter((line) => line.includes(`pid=${child.pid},`));
    expect(own.length).toBeLessThanOrEqual(1);
    const told = performance.now();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    expect(performance.now() - told).toBeLessThan(1000);
  } finally {
    ip('-n', BRIDGE, 'link', 'set', 'far', 'up');
  }
});

describe.each([
  ['the server', 1, ['-s', `${FAR_ADDRESS}:11211`, '-b', `${NEAR_ADDRESS}:11211`]],
  ['the backup', 2, ['-s', `${NEAR_ADDRESS}:11211`, '-b', `${FAR_ADDRESS}:11211`]],
] as const)('%s is cut off and reached again', (name, number, backends) => {
  it('no request fails, one wait at most, its return is noticed within a second', async () => {
    const path = await proxy(name.replace(' ', '-'), ...backends);
    let over = false;
    const clients = runClients(path, CLIENTS, HOT_KEYS, () => over);
    await sleep(1000);
    ip('-n', BRIDGE, 'link', 'set', 'far', 'down');
    await sleep(3000);
    expect(await farIsUp(path, number)).toBe(false);
    ip('-n', BRIDGE, 'link', 'set', 'far', 'up');
    const healed = performance.now();
    while (!(await farIsUp(path, number)) && performance.now() - healed < 5000) await sleep(10);
    const noticed = performance.now() - healed;
    await sleep(500);
    over = true;
    const account = await clients;
    expect(account.failures.slice(0, 5)).toEqual([]);
    // Somebody must have waited, or nothing was cut.
    expect(account.slow.flat().length).toBeGreaterThan(CLIENTS / 2);
    for (const waits of account.slow) {
      expect(waits.length).toBeLessThanOrEqual(1);
      for (const wait of waits) expect(wait).toBeLessThan(400);
    }
    expect(noticed).toBeLessThan(1000);
    const hot = Array.from({ length: HOT_KEYS }, (_, index) => `hot${index}`);
    const connection = await openConnection(path);
    for (const key of hot) await ask(connection, `set ${key} 1 0 2\r\nok\r\n`, /STORED/);
    connection.close();
    const near = await proxy(`near-${number}`, '-s', `${NEAR_ADDRESS}:11211`);
    const far = await proxy(`far-${number}`, '-s', `${FAR_ADDRESS}:11211`);
    expect(await differences(near, far, hot)).toEqual([]);
    console.log(
      `${name}: waits ${Math.max(...account.slow.flat()).toFixed(0)} ms at most, back after ${noticed.toFixed(0)} ms`,
    );
  });
});
