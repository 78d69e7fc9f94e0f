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

const programs: ProxyProgram[] = [];
afterEach(() => {
  for (const program of programs.splice(0)) program.close();
});

/** What becomes of spares that are this shell script. */
function spare(script: string): string[] {
  const lines: string[] = [];
  const listen = { host: '127.0.0.1', port: 12_999 - programs.length };
  const self = { runtime: ['sh', '-c', script], program: [] };
  programs.push(bundledProgram({ ...config, listen }, self, (line) => void lines.push(line)));
  return lines;
}

test('a spare that dies as soon as it is started is started more and more seldom', async () => {
  const ends = spare('exit 1');
  await sleep(3_000);
  expect(ends[0]).toBe('the spare ended: exit code 1');
  // 0.2, 0.4, 0.8 and 1.6 s later.
  expect(ends.length).toBeGreaterThan(1);
  expect(ends.length).toBeLessThan(6);
});

test('one that hangs is killed; one that is busy, or knows nothing of the question, is not', {
  timeout: 15_000,
}, async () => {
  const hanging = spare('read ping; echo alive; exec sleep 60');
  const busy = spare('while read ping; do sleep 2; echo alive; done');
  const old = spare('exec sleep 60');
  await sleep(6_500);
  expect(hanging).toEqual(['the spare ended: hung: no sign of life for 3 s, killed']);
  expect([busy, old]).toEqual([[], []]);
});
