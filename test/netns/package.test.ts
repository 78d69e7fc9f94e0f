/** The Debian package, made anew: what is in it, what it asks for, and that the program in it runs without anything else. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM_FILES } from '../../build.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const VERSION = '0.0.1~test';
const PROGRAM = 'usr/lib/memcache-ha';

let directory: string;
let deb: string;
let control: string;
let listing: Map<string, { mode: string; owner: string }>;
const dpkgDeb = (...words: readonly string[]): string =>
  execFileSync('dpkg-deb', words, { encoding: 'utf8' });

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'memcache-ha-package-'));
  const words = ['deploy/package.mjs', '--fast', '--version', VERSION, '--output', directory];
  execFileSync(process.execPath, words, { cwd: ROOT, stdio: 'pipe' });
  deb = join(directory, `memcache-ha_${VERSION}_amd64.deb`);
  control = dpkgDeb('-f', deb);
  listing = new Map(
    dpkgDeb('-c', deb)
      .trim()
      .split('\n')
      .map((line) => {
        const [mode = '', owner = '', , , , path = ''] = line.split(/\s+/);
        return [path.replace('./', ''), { mode, owner }];
      }),
  );
  dpkgDeb('-x', deb, join(directory, 'tree'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test('its control file', () => {
  expect(control).toMatch(/^Package: memcache-ha$/m);
  expect(control).toMatch(/^Version: 0\.0\.1~test$/m);
  expect(control).toMatch(/^Architecture: amd64$/m);
  expect(control).toMatch(/^Depends: .*libc6 \(>= [\d.]+\).*iproute2.*sysusers/m);
  expect(control).not.toMatch(/@[A-Z]+@/);
  expect(dpkgDeb('-I', deb, 'conffiles')).toBe('/etc/memcache-ha/memcache-ha.yaml\n');
});

test('what is in it, root owns, and only root writes', () => {
  const EXECUTABLE = [`${PROGRAM}/node`, `${PROGRAM}/after-stop`, 'usr/bin/memcache-ha'];
  for (const file of [
    ...EXECUTABLE,
    ...PROGRAM_FILES.map((file) => `${PROGRAM}/${file}`),
    'etc/memcache-ha/memcache-ha.yaml',
    'lib/systemd/system/memcache-ha.service',
    'usr/lib/sysusers.d/memcache-ha.conf',
    'usr/share/doc/memcache-ha/copyright',
    'usr/share/doc/memcache-ha/changelog.gz',
    'usr/share/doc/memcache-ha/examples/use-vmac.conf',
  ]) {
    expect(listing.has(file), file).toBe(true);
  }
  for (const [path, { mode, owner }] of listing) {
    const isExecutable = EXECUTABLE.includes(path);
    const expected = mode.startsWith('d') || isExecutable ? 'rwxr-xr-x' : 'rw-r--r--';
    expect({ path, mode: mode.slice(1), owner }).toEqual({ path, mode: expected, owner: 'root/root' });
  }
  // Node.js without npm, and of the packages with native code only what is loaded.
  expect([...listing.keys()].filter((path) => /\/npm\/|\.cc$|\.map$|\.h$/.test(path))).toEqual([]);
});

test('the unit runs what is in it', () => {
  const unit = readFileSync(join(directory, 'tree/lib/systemd/system/memcache-ha.service'), 'utf8');
  const programs = [...unit.matchAll(/^Exec\w+=-?\/(\S+)/gm)].map(([, program]) => program!);
  expect(programs.length).toBe(3);
  for (const program of programs) expect(listing.has(program), program).toBe(true);
});

describe('the program in it', () => {
  const run = (...words: readonly string[]) => {
    const [node, program] = ['node', 'memcache-ha.cjs'].map((file) => join(directory, 'tree', PROGRAM, file));
    // No PATH and no node_modules around it: it has only what it brings.
    return spawnSync(node!, [program!, ...words], { encoding: 'utf8', cwd: '/', env: {}, timeout: 20_000 });
  };

  test('knows its version, and finds its configuration good', () => {
    expect(run('--version').stdout).toBe(`${VERSION}\n`);
    expect(run('proxy', '--help').stdout).toMatch(/^usage: memcache-ha proxy/);
    const { status, stdout } = run(
      'check',
      '--config',
      join(directory, 'tree/etc/memcache-ha/memcache-ha.yaml'),
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/: good; instances: none\n$/),
    });
  });

  test('is loaded with its native modules: it starts, and misses only the rights', () => {
    const words = ['--bounding-set=-all', '--inh-caps=-all', '--', join(directory, 'tree', PROGRAM, 'node')];
    const program = join(directory, 'tree', PROGRAM, 'memcache-ha.cjs');
    const config = join(ROOT, 'config/tutorial2-host-a.yaml');
    const all = [...words, program, 'run', '--config', config];
    const { status, stderr } = spawnSync('setpriv', all, { encoding: 'utf8', timeout: 20_000 });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^memcache-ha: CAP_NET_ADMIN and CAP_NET_RAW are missing/m);
  });
});
