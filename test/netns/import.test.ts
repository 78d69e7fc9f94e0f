/** What `import` makes of the tutorials' files runs: the pairs elect, fail over and come back, with nothing added by hand. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { openSources } from '../../src/import/files.ts';
import { importKeepalived } from '../../src/import/import.ts';
import { until } from '../../src/lab/await.ts';
import type { Host } from '../../src/lab/host.ts';
import { nutcrackerCommand } from '../../src/lab/programs.ts';
import { type Config, type Pair, PROXY, PROXY_PORT, startPair, VIP, waitServes } from './support/pair.ts';

const FIXTURES = new URL('../fixtures/keepalived/', import.meta.url);

/** The tutorial's files as they would stand on this host: its addresses, and its folder for /etc/keepalived. */
function install(host: Host, tutorial: string): string {
  const folder = join(host.directory, 'keepalived');
  mkdirSync(folder, { recursive: true });
  const { pathname } = new URL(`${tutorial}/`, FIXTURES);
  for (const name of readdirSync(pathname)) {
    const text = readFileSync(join(pathname, name), 'utf8')
      .replaceAll('192.168.100.250', VIP)
      .replaceAll('192.168.100.', '10.9.0.')
      .replaceAll('/etc/keepalived', folder)
      .replaceAll('/var/log', host.directory)
      .replaceAll(/^( *)magent /gm, `$1${folder}/magent `);
    writeFileSync(join(folder, name), text);
    if (name.endsWith('.sh')) chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** The config that import makes, as the file that it prints; nothing may be left out. */
function imported(host: Host, folder: string, scripts: readonly string[]): Config {
  const file = join(folder, `host-${host.name}.conf`);
  const { yaml, losses } = importKeepalived(file, readFileSync(file, 'utf8'), openSources(), {
    configId: host.name,
    scriptFolders: [],
    scripts: scripts.map((script) => ({ file: script, text: readFileSync(script, 'utf8') })),
    proxy: 'magent',
  });
  expect(losses).toEqual([]);
  return parse(yaml) as Config;
}

describe('the first tutorial, with its loop as a script', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({
      config: (host) => {
        const folder = install(host, 'tutorial1');
        // magent is in no package. Under its name runs a proxy that asks this host's own memcached.
        const proxy = nutcrackerCommand(host, {
          listen: PROXY,
          servers: [`${host.address}:11211`],
          autoEjectHosts: false,
        });
        writeFileSync(
          join(folder, 'magent'),
          `#!/bin/sh\necho "$@" >${folder}/flags\nexec ${proxy.join(' ')}\n`,
        );
        chmodSync(join(folder, 'magent'), 0o755);
        return imported(host, folder, [join(folder, `check-${host.name}.sh`)]);
      },
    });
  });
  afterAll(() => pair.destroy());

  test('A serves at the virtual address, with the flags of the loop', async () => {
    await waitServes(pair.a);
    const flags = readFileSync(join(pair.a.host.directory, 'keepalived/flags'), 'utf8').trim();
    const { a, b } = pair;
    expect(flags).toBe(
      `-D -u root -n 51200 -l ${VIP} -p ${PROXY_PORT} -s ${a.host.address}:11211 -b ${b.host.address}:11211`,
    );
  });

  test('kill -9 of memcached on A: B has it all; memcached back: A again', async () => {
    const { a, b } = pair;
    a.memcached.kill('SIGKILL');
    await waitServes(b);
    await pair.waitHolder('b');
    await until('the proxy left A', async () => !(await a.host.listens(PROXY_PORT)));
    await a.startMemcached();
    await waitServes(a);
    await pair.waitHolder('a');
  });
});

describe('the second tutorial, with its check and its hooks', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ config: (host) => imported(host, install(host, 'tutorial2'), []) });
  });
  afterAll(() => pair.destroy());

  /** The words that notify.sh wrote down, in their order. */
  const told = (host: Host): string[] => {
    const file = join(host.directory, 'keepalived-notify.log');
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1)!);
  };
  const waitTold = (host: Host, words: readonly string[]) =>
    until(`notify.sh on ${host.name} was told`, () => told(host).length >= words.length).then(() =>
      expect(told(host)).toEqual(words),
    );

  test('the hooks are told of A as MASTER', async () => {
    await waitTold(pair.a.host, ['Backup', 'Master']);
    await waitTold(pair.b.host, ['Backup']);
  });

  test('kill -9 of memcached on A: B is MASTER and stays so, for nopreempt', async () => {
    const { a, b } = pair;
    a.memcached.kill('SIGKILL');
    await b.daemon.waitState('MASTER');
    await pair.waitHolder('b');
    await waitTold(a.host, ['Backup', 'Master', 'Fault']);
    await a.startMemcached();
    await a.daemon.waitState('BACKUP');
    await waitTold(a.host, ['Backup', 'Master', 'Fault', 'Backup']);
    await pair.waitHolder('b');
  });
});
