/**
 * What `import` makes of the two tutorials' keepalived.conf, on a host of the lab: their files with the lab's addresses
 * and folders, and nothing else changed. Owns the files' place on the host; what runs on the configs is elsewhere.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openSources } from '../../../src/import/files.ts';
import { importKeepalived } from '../../../src/import/import.ts';
import type { Host } from '../../../src/lab/host.ts';
import { nutcrackerCommand } from '../../../src/lab/programs.ts';
import type { Config } from './pair.ts';

const FIXTURES = new URL('../../fixtures/keepalived/', import.meta.url);

export type Tutorial = 'tutorial1' | 'tutorial2';

/** `import`'s own `--proxy`; null: not given, so that the bundled proxy takes magent's place. */
export type ProxyChoice = 'magent' | null;

/** A tutorial's files on a host. */
export interface Installed {
  /** The folder that stands for /etc/keepalived. */
  readonly folder: string;
  readonly conf: string;
  /** Scripts that ran beside keepalived, unknown to its configuration. */
  readonly loose: readonly string[];
}

/** Writes the tutorial's files as they would stand on this host, and a `magent` beside them. May be called again. */
export function install(host: Host, tutorial: Tutorial): Installed {
  const folder = join(host.directory, 'keepalived');
  mkdirSync(folder, { recursive: true });
  const { pathname } = new URL(`${tutorial}/`, FIXTURES);
  for (const name of readdirSync(pathname)) {
    const text = readFileSync(join(pathname, name), 'utf8')
      .replaceAll('192.168.100.', '10.9.0.')
      .replaceAll('/etc/keepalived', folder)
      .replaceAll('/var/log', host.directory)
      .replaceAll(/^( *)magent /gm, `$1${folder}/magent `);
    write(join(folder, name), text);
  }
  const loose = tutorial === 'tutorial1' ? [join(folder, `check-${host.name}.sh`)] : [];
  if (tutorial === 'tutorial1') write(join(folder, 'magent'), magent(host, folder));
  return { folder, conf: join(folder, `host-${host.name}.conf`), loose };
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  if (text.startsWith('#!')) chmodSync(file, 0o755);
}

/**
 * magent is in no package. Under its name runs a nutcracker that asks this host's own memcached only, so that what a
 * client misses while that is down is the takeover's time. The flags it was given are left in a file.
 */
function magent(host: Host, folder: string): string {
  const proxy = nutcrackerCommand(host, {
    listen: '10.9.0.250:12000',
    servers: [`${host.address}:11211`],
    autoEjectHosts: false,
  });
  return `#!/bin/sh\necho "$@" >${folder}/flags\nexec ${proxy.join(' ')}\n`;
}

/** The config that `import` prints for this host. @throws Error when anything is not carried over or warned of */
export function importTutorial(host: Host, tutorial: Tutorial, proxy: ProxyChoice): Config {
  const { conf, loose } = install(host, tutorial);
  const { yaml, losses, warnings } = importKeepalived(conf, readFileSync(conf, 'utf8'), openSources(), {
    configId: host.name,
    scriptFolders: [],
    scripts: loose.map((file) => ({ file, text: readFileSync(file, 'utf8') })),
    proxy,
  });
  if (losses.length + warnings.length > 0) {
    throw new Error(`import of ${conf}: ${JSON.stringify([...losses, ...warnings])}`);
  }
  return parse(yaml) as Config;
}
