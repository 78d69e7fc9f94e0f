/**
 * Before the namespace tests: they start real daemons and real memcacheds, so without root they must fail, never pass
 * in silence, and they run the built program, so a build that is older than its source is made anew.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROGRAM_FILES } from '../../build.mjs';

const repository = fileURLToPath(new URL('../../', import.meta.url));

export function setup(): void {
  if (process.getuid?.() !== 0) {
    throw new Error('test/netns needs root (network namespaces, VRRP sockets): run `sudo npm test`');
  }
  // Root's PATH after a plain `su` has no sbin, where Debian has keepalived and nutcracker; the workers inherit this one.
  process.env.PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  if (isStale()) execFileSync('npm', ['run', '-s', 'build'], { cwd: repository, stdio: 'inherit' });
}

/** True when something that goes into the built program is newer than it. */
function isStale(): boolean {
  const built = PROGRAM_FILES.map((file) => join(repository, 'dist', file));
  if (!built.every((file) => existsSync(file))) return true;
  const sources = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('src', file));
  const oldest = Math.min(...built.map((file) => statSync(file).mtimeMs));
  return [...sources, 'build.mjs', 'package.json'].some(
    (file) => statSync(join(repository, file)).mtimeMs > oldest,
  );
}
