/** Reading a config file: whatever the path leads to, the answer is a finding, and it takes no more than it may. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfigFile } from '../../../src/cli/config-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-config-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const messages = (file: string) => readConfigFile(file).problems.map(({ message }) => message);

test('a file without an end is not read to its end', () => {
  expect(messages('/dev/zero')).toEqual(['is larger than 1000000 bytes']);
});

test('a file of this many bytes is looked at, one byte more is not', () => {
  const file = join(directory, 'large.yaml');
  writeFileSync(file, '#'.padEnd(1_000_000, 'x'));
  expect(messages(file)).toEqual([expect.stringMatching('128 KiB')]);
  writeFileSync(file, '#'.padEnd(1_000_001, 'x'));
  expect(messages(file)).toEqual(['is larger than 1000000 bytes']);
});

test.each([
  ['/no/such/file', /^ENOENT/],
  ['/', /^EISDIR/],
])('%s', (file, message) => {
  expect(messages(file)).toEqual([expect.stringMatching(message)]);
});

test('a program that is not installed is told, one that only services find is not', () => {
  const file = join(directory, 'programs.yaml');
  const proxy = (engine: string, port: number) =>
    `  ${engine}: { listen: 127.0.0.1:${port}, servers: [127.0.0.1], engine: ${engine} }\n`;
  writeFileSync(
    file,
    `vrrp_instance: {}\nproxy:\n${proxy('magent', 12000)}${proxy('memcached-proxy', 12001)}`,
  );
  const { PATH } = process.env;
  try {
    process.env.PATH = '/nowhere';
    expect(messages(file).filter((message) => message.includes('program'))).toEqual([
      'this host has no program magent, so it cannot be started',
    ]);
  } finally {
    process.env.PATH = PATH;
  }
});
