/** What the service manager hears: a real datagram socket, read by another process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectServiceManager } from '../../../src/io/service-manager.ts';
import { until } from '../../../src/lab/await.ts';

/** Binds to argv[1] (`@` stands for an abstract name), reads one datagram when it gets a line, and prints it as JSON. */
const MANAGER = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1].replace("@", "\\0", 1))
s.settimeout(10)
print("bound", flush=True)
for _ in sys.stdin:
    print(json.dumps(s.recv(4096).decode()), flush=True)
`;

let directory: string;
let manager: ChildProcessWithoutNullStreams | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-manager-'));
});
afterEach(() => {
  manager?.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** A manager that listens at `address`; `hear` gives its next message. */
async function listen(address: string): Promise<{ hear(): Promise<string> }> {
  manager = spawn('python3', ['-c', MANAGER, address]);
  const lines: string[] = [];
  const child = manager;
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const next = (): Promise<string> => until('the manager says something', () => lines.shift());
  expect(await next()).toBe('bound');
  return {
    async hear() {
      child.stdin.write('\n');
      return JSON.parse(await next()) as string;
    },
  };
}

describe.each([
  ['a path', () => join(directory, 'notify')],
  ['an abstract name', () => `@memcache-ha-${process.pid}-${Math.random()}`],
])('at %s', (_, addressOf) => {
  test('each message, in order', async () => {
    const address = addressOf();
    const { hear } = await listen(address);
    const told = connectServiceManager({ NOTIFY_SOCKET: address });
    expect(told.listens).toBe(true);
    told.ready();
    told.status('VI_1 MASTER,\n10.0.0.5 held');
    told.alive();
    told.stopping(94_000.2);
    const before = process.hrtime.bigint() / 1000n;
    told.reloading();
    const after = process.hrtime.bigint() / 1000n;
    expect(await hear()).toBe('READY=1');
    expect(await hear()).toBe('STATUS=VI_1 MASTER, 10.0.0.5 held');
    expect(await hear()).toBe('WATCHDOG=1');
    expect(await hear()).toBe('STOPPING=1\nEXTEND_TIMEOUT_USEC=94001000');
    const [reloading, usec] = (await hear()).split('\nMONOTONIC_USEC=');
    expect(reloading).toBe('RELOADING=1');
    expect(BigInt(usec!)).toBeGreaterThanOrEqual(before);
    expect(BigInt(usec!)).toBeLessThanOrEqual(after);
  });
});

test('a manager that is behind holds nobody up, and hears the latest later', async () => {
  const address = join(directory, 'notify');
  const { hear } = await listen(address);
  const told = connectServiceManager({ NOTIFY_SOCKET: address });
  for (let i = 0; i < 2_000; i++) told.status(`${i}`);
  told.ready();
  let last = '';
  const heard: string[] = [];
  while (last !== 'READY=1') {
    last = await hear();
    heard.push(last);
  }
  expect(heard[0]).toBe('STATUS=0');
  expect(heard.at(-2)).toBe('STATUS=1999');
  expect(heard.length).toBeLessThan(2_000);
});

test('a manager that has gone is no error', async () => {
  const told = connectServiceManager({ NOTIFY_SOCKET: join(directory, 'nobody') });
  expect(() => told.ready()).not.toThrow();
});

describe('its environment', () => {
  const path = '/run/nobody/notify';
  test.each<[string, NodeJS.ProcessEnv, { listens: boolean; watchdog: number | null }]>([
    ['no manager', {}, { listens: false, watchdog: null }],
    ['no watchdog', { NOTIFY_SOCKET: path }, { listens: true, watchdog: null }],
    ['a watchdog', { NOTIFY_SOCKET: path, WATCHDOG_USEC: '5000000' }, { listens: true, watchdog: 5000 }],
    [
      'a watchdog for this process',
      { NOTIFY_SOCKET: path, WATCHDOG_USEC: '500000', WATCHDOG_PID: `${process.pid}` },
      { listens: true, watchdog: 500 },
    ],
    [
      'a watchdog for another process',
      { NOTIFY_SOCKET: path, WATCHDOG_USEC: '500000', WATCHDOG_PID: '1' },
      { listens: true, watchdog: null },
    ],
    [
      'a watchdog of nothing',
      { NOTIFY_SOCKET: path, WATCHDOG_USEC: 'soon' },
      { listens: true, watchdog: null },
    ],
    ['an address of another kind', { NOTIFY_SOCKET: 'vsock:2:1234' }, { listens: false, watchdog: null }],
    ['a path that is too long', { NOTIFY_SOCKET: `/${'a'.repeat(107)}` }, { listens: false, watchdog: null }],
  ])('%s; and nothing of it is left for children', (_, environment, expected) => {
    const { listens, watchdog } = connectServiceManager(environment);
    expect({ listens, watchdog }).toEqual(expected);
    expect(environment).toEqual({});
  });
});
