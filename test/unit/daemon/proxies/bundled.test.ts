/** The bundled proxy's spare, with other programs in its place. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ProxyConfig } from '../../../../src/config/config.ts';
import { bundledProgram } from '../../../../src/daemon/proxies/bundled.ts';
import type { ProxyProgram } from '../../../../src/daemon/proxies/program.ts';

const config: ProxyConfig = {
  name: 'front',
  listen: { host: '127.0.0.1', port: 12999 },
  servers: [{ host: '127.0.0.1', port: 11211 }],
  backups: [],
  run: 'always',
  engine: 'bundled',
  command: null,
  refillItems: 1,
  refillBytes: 1,
};

let program: ProxyProgram | null = null;
afterEach(() => program?.close());

test('a spare that dies as soon as it is started is started more and more seldom', async () => {
  const ends: string[] = [];
  program = bundledProgram(config, { runtime: ['false'], program: [] }, (line) => void ends.push(line));
  await sleep(3_000);
  expect(ends[0]).toBe('the spare ended: exit code 1');
  // 0.2, 0.4, 0.8 and 1.6 s later.
  expect(ends.length).toBeGreaterThan(1);
  expect(ends.length).toBeLessThan(6);
});
