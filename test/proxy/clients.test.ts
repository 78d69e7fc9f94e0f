/** Programs that people use memcached with: libmemcached's own conformance test, and PHP's two session handlers. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProxy, type Running, startMemcached, startProxy } from './support/processes.ts';

const run = promisify(execFile);
const COUNTER = new URL('./support/session-counter.php', import.meta.url).pathname;

let built: Awaited<ReturnType<typeof buildProxy>>;
let copies: [Running, Running];
let oracle: Running;
let proxy: Running;

beforeAll(async () => {
  built = await buildProxy();
  copies = [await startMemcached(), await startMemcached()];
  oracle = await startMemcached();
  proxy = await startProxy(built.file, [copies[0].port], [copies[1].port]);
});

afterAll(async () => {
  for (const program of [proxy, oracle, ...copies]) await program.stop();
  built.remove();
});

describe('memccapable passes what it passes against memcached itself', () => {
  it.each([['-a'], ['-b']])('%s', async (protocol) => {
    const results = [];
    for (const { port } of [oracle, proxy]) {
      const args = ['-h', '127.0.0.1', '-p', String(port), protocol];
      const { stdout } = await run('memccapable', args, { timeout: 30_000 }).catch(
        (error) => error as { stdout: string },
      );
      results.push(stdout.split('\n').filter((line) => /\[\w+\]/.test(line)));
    }
    expect(results[0]!.length).toBeGreaterThan(20);
    expect(results[1]).toEqual(results[0]);
  });
});

describe.each([
  ['memcached', ''],
  ['memcache', 'tcp://'],
])('sessions of pecl-%s', (handler, scheme) => {
  it('keep counting when the server dies, and when it is back and the backup dies', async () => {
    const count = async (): Promise<string> => {
      const path = `${scheme}127.0.0.1:${proxy.port}`;
      const { stdout } = await run('php', [COUNTER, handler, path, `session-${handler}`], {
        timeout: 20_000,
      });
      return stdout.trim();
    };
    for (const expected of ['1', '2', '3']) expect(await count()).toBe(expected);
    await copies[0].stop('SIGKILL');
    for (const expected of ['4', '5']) expect(await count()).toBe(expected);
    copies[0] = await startMemcached(copies[0].port);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    for (const expected of ['6', '7']) expect(await count()).toBe(expected);
    // What was written since its return is on the first one too.
    await copies[1].stop('SIGKILL');
    for (const expected of ['8', '9']) expect(await count()).toBe(expected);
    copies[1] = await startMemcached(copies[1].port);
    await new Promise((resolve) => setTimeout(resolve, 1200));
  });
});
