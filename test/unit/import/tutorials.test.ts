/** The keepalived.conf files of the two tutorials, with the scripts that came with them: the whole result, word for word. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { importKeepalived } from '../../../src/import/import.ts';
import { memorySources } from './conf.ts';

const FOLDER = new URL('../../fixtures/keepalived/', import.meta.url);
const EXAMPLES = new URL('../../../config/', import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8');
}

/** As on the tutorial's host: everything lies in /etc/keepalived. */
function importHost(tutorial: string, host: string, proxy: 'magent' | null) {
  const names = readdirSync(new URL(`${tutorial}/`, FOLDER));
  const scripts = names.filter((name) => name.endsWith('.sh'));
  const text = (name: string) => read(`${tutorial}/${name}`);
  const files = Object.fromEntries(scripts.map((name) => [`/etc/keepalived/${name}`, text(name)]));
  const loose = scripts.filter((name) => name === `check-${host}.sh`);
  return importKeepalived(
    '/etc/keepalived/keepalived.conf',
    text(`host-${host}.conf`),
    memorySources(files),
    {
      configId: 'x',
      scriptFolders: [],
      scripts: loose.map((name) => ({ file: `/etc/keepalived/${name}`, text: text(name) })),
      proxy,
    },
  );
}

describe.each(['tutorial1', 'tutorial2'])('%s', (tutorial) => {
  test.each(['a', 'b'])('host %s', async (host) => {
    const { yaml, losses, warnings } = importHost(tutorial, host, 'magent');
    expect(losses).toEqual([]);
    expect(warnings).toEqual([]);
    await expect(yaml).toMatchFileSnapshot(new URL(`${tutorial}/host-${host}.yaml.golden`, FOLDER).pathname);
  });

  test.each(['a', 'b'])('host %s is what the example in config/ says', (host) => {
    const example = loadConfig('x', readFileSync(new URL(`${tutorial}-host-${host}.yaml`, EXAMPLES), 'utf8'));
    const imported = loadConfig('x', importHost(tutorial, host, null).yaml);
    expect(imported.problems).toEqual([]);
    const { instances, memcached, proxies, global } = imported.config!;
    expect(global).toEqual(example.config!.global);
    expect(proxies).toEqual(example.config!.proxies);
    // The example has moved the hooks, and asks the first tutorial's memcached twice before it gives up.
    expect(instances.map(({ hooks, ...rest }) => rest)).toEqual(
      example.config!.instances.map(({ hooks, ...rest }) => rest),
    );
    expect(memcached).toEqual(example.config!.memcached);
  });
});
