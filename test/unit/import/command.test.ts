/** The command: its options, exit codes and streams, with real files. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { importConf } from '../../../src/cli/import.ts';
import { instance } from './conf.ts';

let folder = '';
let out = '';
let err = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'memcache-ha-import-'));
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text;
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('all carried: the config alone, exit 0', async () => {
  const conf = file('keepalived.conf', instance());
  expect(await importConf([conf, '--strict'])).toBe(0);
  expect(out).toBe(
    `# Made from ${conf} by \`memcache-ha import\`.\n\nvrrp_instance:\n  VI_1:\n    interface: eth0\n` +
      '    virtual_router_id: 51\n    virtual_ipaddress:\n      - 10.0.0.5\n',
  );
  expect(err).toBe('');
});

test('not all carried: exit 0, with --strict 1, named on both streams', async () => {
  const conf = file('keepalived.conf', instance('smtp_alert'));
  expect(await importConf([conf])).toBe(0);
  expect(err).toMatch(/keepalived\.conf:5: not carried: smtp_alert: no e-mail is sent/);
  expect(out).toContain(`    # not carried (${conf}:5): smtp_alert\n    #   because: no e-mail is sent`);
  expect(await importConf([conf, '--strict'])).toBe(1);
});

test('nothing to make a config of: exit 1', async () => {
  expect(await importConf([file('keepalived.conf', 'global_defs {\n}')])).toBe(1);
  expect(err).toMatch(/has no vrrp_instance that could be carried over, so there is no config/);
});

test.each([
  [[], /which keepalived.conf\?\nusage: memcache-ha import KEEPALIVED_CONF/],
  [['a', 'b'], /only one file can be imported, not b too/],
  [['--nonsense', 'a'], /--nonsense/],
  [['--proxy', 'x', 'a'], /--proxy is x, must be bundled or magent/],
  [['/nonexistent/x'], /\/nonexistent\/x does not exist/],
  [['/'], /is no file/],
])('%j: exit 2', async (argv, message) => {
  expect(await importConf(argv)).toBe(2);
  expect(err).toMatch(message);
  expect(out).toBe('');
});

test('a named pipe and a script that cannot be read: exit 2, at once', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(await importConf([join(folder, 'pipe')])).toBe(2);
  const conf = file('keepalived.conf', instance());
  expect(await importConf([conf, '--script', join(folder, 'no.sh')])).toBe(2);
  expect(err).toMatch(/no\.sh does not exist/);
});

test('includes, conditions and scripts from the disk', async () => {
  mkdirSync(join(folder, 'conf.d'));
  file('conf.d/a.conf', instance('@beta priority 7', '@alpha priority 9', 'track_script { m }'));
  file('conf.d/b.conf', 'vrrp_script m { script /elsewhere/m.sh }');
  file('m.sh', '#!/bin/sh\npidof memcached\n');
  const conf = file('keepalived.conf', 'include conf.d/[ab].conf\n');
  expect(await importConf([conf, '-i', 'beta'])).toBe(0);
  expect(out).toContain('    priority: 7\n');
  expect(out).toContain('    track_memcached: [local]\n');
  expect(err).toBe('lines for @alpha were left out, this host is @beta (--config-id says otherwise)\n');
});

test('warnings of check are told', async () => {
  expect(
    await importConf([file('keepalived.conf', instance('state MASTER', 'priority 9', 'nopreempt'))]),
  ).toBe(0);
  expect(err).toMatch(/^warning: vrrp_instance\.VI_1\.nopreempt: has no effect with state MASTER/);
});
