/** What is installed on a host: the unit's promises, the template of the configuration, and what follows the daemon's end. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { formatProblem } from '../../src/config/problem.ts';

const path = (file: string): string => fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url));
const text = (file: string): string => readFileSync(path(file), 'utf8');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-deploy-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('the template of the configuration', () => {
  test('is good as it stands, and takes no address', () => {
    const { config, problems } = loadConfig('memcache-ha.yaml', text('memcache-ha.yaml'));
    expect(config?.instances).toEqual([]);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/warning: vrrp_instance: is empty: this host takes part in no election$/),
    ]);
  });

  test('is good with its comment signs taken away, and nothing else', () => {
    const [, below = ''] = text('memcache-ha.yaml').split(/^vrrp_instance: \{\}$/m);
    const { config, problems } = loadConfig('memcache-ha.yaml', below.replaceAll(/^# ?/gm, ''));
    expect(problems).toEqual([]);
    expect(config?.instances.map(({ name }) => name)).toEqual(['VI_1']);
  });

  test('with the signs taken away and the line forgotten says so', () => {
    const { problems } = loadConfig('memcache-ha.yaml', text('memcache-ha.yaml').replaceAll(/^# ?/gm, ''));
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('after-stop', () => {
  /** Runs it with a `memcache-ha` and a `sleep` that say what they are asked. */
  function afterStop(environment: Readonly<Record<string, string>>): string[] {
    const log = join(directory, 'log');
    writeFileSync(log, '');
    const stand = (name: string) =>
      writeFileSync(join(directory, name), `#!/bin/sh\necho ${name} "$@" >>${log}\n`, { mode: 0o755 });
    stand('memcache-ha');
    stand('sleep');
    const script = text('after-stop').replaceAll('/usr/bin/memcache-ha', join(directory, 'memcache-ha'));
    const PATH = `${directory}:${process.env.PATH}`;
    const env = { PATH, RUNTIME_DIRECTORY: directory, ...environment };
    const { status } = spawnSync('sh', ['-c', script], { env, timeout: 10_000 });
    expect(status).toBe(0);
    return readFileSync(log, 'utf8').split('\n').slice(0, -1);
  }
  const KILLED = { SERVICE_RESULT: 'signal', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' };
  const diedAgo = (seconds: number) =>
    writeFileSync(join(directory, 'last-death'), `${Math.max(0, Math.floor(uptime()) - seconds)}\n`);

  test('a clean end leaves nothing to do', () => {
    diedAgo(1);
    expect(afterStop({ SERVICE_RESULT: 'success', EXIT_CODE: 'exited', EXIT_STATUS: '0' })).toEqual([]);
  });

  test('the first death is followed by a start at once, which needs the addresses', () => {
    expect(afterStop(KILLED)).toEqual([]);
  });

  test.each([
    ['killed', KILLED],
    ['hung', { ...KILLED, SERVICE_RESULT: 'watchdog', EXIT_STATUS: 'ABRT' }],
    ['could not start', { SERVICE_RESULT: 'exit-code', EXIT_CODE: 'exited', EXIT_STATUS: '1' }],
  ])('a second death within ten seconds is followed by a pause: %s', (_, environment) => {
    afterStop(KILLED);
    expect(afterStop(environment)).toEqual(['sleep 2']);
  });

  test('a death long after the last one is a first one, and so is one after a file of nonsense', () => {
    diedAgo(60);
    expect(afterStop(KILLED)).toEqual([]);
    writeFileSync(join(directory, 'last-death'), 'soon; rm -rf\n');
    expect(afterStop(KILLED)).toEqual([]);
  });

  test('a bad config is not tried again, and not waited for', () => {
    diedAgo(1);
    expect(afterStop({ SERVICE_RESULT: 'exit-code', EXIT_CODE: 'exited', EXIT_STATUS: '2' })).toEqual([]);
  });

  test('a stop that had to be a kill is followed by nobody: what is left is released', () => {
    expect(afterStop({ SERVICE_RESULT: 'timeout', EXIT_CODE: 'killed', EXIT_STATUS: 'KILL' })).toEqual([
      'memcache-ha release --config /etc/memcache-ha/memcache-ha.yaml',
    ]);
  });
});

describe('setup.sh', () => {
  test.each([0, 1])(
    'leaves nothing that would keep services from starting, apt-get exiting with %i',
    (code) => {
      const policy = join(directory, 'policy-rc.d');
      const stubs = { 'apt-get': `[ -x ${policy} ] || exit 9\nexit ${code}`, id: 'echo 0' };
      for (const [name, script] of Object.entries(stubs)) {
        writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      }
      const script = text('setup.sh')
        .replace('g++:g++', 'nothing:no-such-program')
        .replace('/usr/sbin/policy-rc.d', policy)
        .replace('/run/systemd/system', join(directory, 'none'));
      const env = { PATH: `${directory}:${process.env.PATH}`, TMPDIR: directory };
      expect(spawnSync('sh', ['-c', script], { env, timeout: 10_000 }).status).toBe(code);
      expect(readdirSync(directory).sort()).toEqual(['apt-get', 'id']);
    },
  );
});

describe('removing the package', () => {
  test('ends a drill that is under way, which undoes what it did, before the daemon is stopped', () => {
    const log = join(directory, 'log');
    for (const name of ['deb-systemd-invoke', 'systemctl']) {
      writeFileSync(join(directory, name), `#!/bin/sh\necho ${name} "$@" >>${log}\n`, { mode: 0o755 });
    }
    const script = text('deb/prerm').replaceAll('/run/systemd/system', directory);
    const env = { PATH: `${directory}:${process.env.PATH}` };
    expect(spawnSync('sh', ['-c', script, 'prerm', 'remove'], { env, timeout: 10_000 }).status).toBe(0);
    expect(readFileSync(log, 'utf8').split('\n')).toEqual([
      'deb-systemd-invoke stop memcache-ha-drill.timer memcache-ha-drill.service',
      'deb-systemd-invoke stop memcache-ha.service',
      'systemctl kill memcache-ha.service',
      '',
    ]);
  });
});

describe('the unit', () => {
  const unit = text('memcache-ha.service');
  const valuesOf = (key: string): string[] =>
    [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);

  test('has no right that the daemon does not need', () => {
    expect(valuesOf('User')).toEqual(['memcache-ha']);
    for (const key of ['AmbientCapabilities', 'CapabilityBoundingSet']) {
      expect(valuesOf(key)).toEqual(['CAP_NET_ADMIN CAP_NET_RAW']);
    }
    expect(valuesOf('NoNewPrivileges')).toEqual(['yes']);
    expect(valuesOf('ProtectSystem')).toEqual(['strict']);
  });

  test('starts again after every death, for ever, and not after a bad config', () => {
    expect(valuesOf('Restart')).toEqual(['always']);
    expect(valuesOf('StartLimitIntervalSec')).toEqual(['0']);
    expect(valuesOf('RestartPreventExitStatus')).toEqual(['2']);
    // The record of the run before, and of the caches that it ran, must be there.
    expect(valuesOf('RuntimeDirectoryPreserve')).toEqual(['yes']);
    expect(valuesOf('KillMode')).toEqual(['process']);
  });
});
