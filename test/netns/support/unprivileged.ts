/** The daemon as an ordinary user with a few capabilities, as a systemd unit may start it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from '../../../src/lab/host.ts';
import type { LabProcess } from '../../../src/lab/process.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const NOBODY = '65534';

/** Runs the program as nobody, who owns the host's directory until `reclaim`. */
export async function spawnUnprivileged(
  host: Host,
  words: readonly string[],
  {
    capabilities = '+net_raw,+net_admin',
    env = {},
  }: { capabilities?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<LabProcess> {
  await host.exec(['chown', 'nobody', host.directory]);
  // The checkout, or Node.js itself, may lie in a home that only its owner may enter.
  const [node, program] = [join(host.directory, 'node'), join(host.directory, 'program')];
  writeFileSync(node, '');
  mkdirSync(program, { recursive: true });
  const mounts = 'mount --bind "$1" "$2" && mount --bind "$3" "$4" && shift 4 && exec "$@"';
  const sets = [`--inh-caps=-all,${capabilities}`, `--ambient-caps=-all,${capabilities}`];
  return host.spawn(
    [
      ...['unshare', '--mount', 'sh', '-c', mounts, 'mounts', process.execPath, node, REPOSITORY, program],
      ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', ...sets, '--'],
      ...[node, join(program, 'dist/memcache-ha.cjs'), ...words],
    ],
    { env },
  );
}

/** The host's directory is root's again. */
export async function reclaim(host: Host): Promise<void> {
  await host.exec(['chown', 'root', host.directory]);
}
