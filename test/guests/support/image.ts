/**
 * The Debian that all guests start from: made once by debootstrap, kept outside the repository, never written to again.
 * Owns what is in it. A guest writes to an overlay of its own (guest.ts).
 */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../src/lab/run.ts';

const SUITE = 'bookworm';
const MIRROR = process.env.MEMCACHE_HA_MIRROR ?? 'http://deb.debian.org/debian';
const CACHE = process.env.MEMCACHE_HA_GUEST_CACHE ?? '/var/cache/memcache-ha-guests';

/** What a small Debian server has when its administrator first logs in. */
const INSTALLED = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'iputils-ping', 'procps', 'sudo', 'nano'];

/**
 * What apt may be asked for in a guest: a guest's network ends at the lab's switch, so apt's lists and these packages,
 * with what they depend on, are in apt's own cache.
 */
const FETCHED = ['memcached'];

/** Changes when the recipe below does. */
const RECIPE = 1;

/**
 * The directory with the image; the first call on a machine makes it, in 1 to 2 minutes and with 400 MB.
 * `MEMCACHE_HA_GUEST_CACHE` names another place for it, `MEMCACHE_HA_MIRROR` another mirror.
 * @throws Error with what debootstrap or apt said
 */
export async function baseImage(): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([SUITE, MIRROR, INSTALLED, FETCHED, RECIPE]))
    .digest('hex')
    .slice(0, 12);
  const image = join(CACHE, `${SUITE}-${key}`);
  if (existsSync(image)) return image;
  mkdirSync(CACHE, { recursive: true });
  process.stderr.write(`guests: making a Debian ${SUITE} in ${image}; once, 1 to 2 minutes\n`);
  const growing = mkdtempSync(join(CACHE, 'growing-'));
  try {
    await grow(growing);
    chmodSync(growing, 0o755);
    // Whoever was first keeps its own: a directory that is not empty is not replaced.
    if (!existsSync(image)) renameSync(growing, image);
  } finally {
    rmSync(growing, { recursive: true, force: true });
  }
  return image;
}

async function grow(root: string): Promise<void> {
  const include = `--include=${INSTALLED.join(',')}`;
  const long = { deadline: 900_000, env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' } };
  await run(['debootstrap', '--variant=minbase', include, SUITE, root, MIRROR], long);
  await run(['chroot', root, 'apt-get', 'clean'], long);
  await run(['chroot', root, 'apt-get', 'update', '-qq'], long);
  await run(['chroot', root, 'apt-get', 'install', '-qq', '--download-only', ...FETCHED], long);
  // Empty: each guest gets a number of its own when it boots, and the boot does not count as a first one.
  writeFileSync(join(root, 'etc/machine-id'), '');
  writeFileSync(join(root, 'etc/resolv.conf'), '');
}
