/** The files in config/: they load, the pairs fit together, and the reference is complete and tells the true defaults. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { loadConfig } from '../../../src/config/load.ts';

const FOLDER = new URL('../../../config/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

function configOf(name: string): Config {
  const { config, problems } = loadConfig(name, read(name), 'this-host');
  expect(problems).toEqual([]);
  return config!;
}

test('all five files are here', () => {
  expect(FILES.toSorted()).toEqual([
    'memcache-ha.yaml',
    'tutorial1-host-a.yaml',
    'tutorial1-host-b.yaml',
    'tutorial2-host-a.yaml',
    'tutorial2-host-b.yaml',
  ]);
});

test.each(FILES)('%s loads without a warning and names its schema', (name) => {
  configOf(name);
  expect(read(name)).toMatch(/^# yaml-language-server: \$schema=\.\/memcache-ha\.schema\.json\n/);
});

describe.each(['tutorial1', 'tutorial2'])('%s', (tutorial) => {
  const instances = () => ['a', 'b'].map((host) => configOf(`${tutorial}-host-${host}.yaml`).instances[0]!);

  test('the hosts agree on what VRRP compares, and differ in priority', () => {
    const [a, b] = instances().map(({ vrrp: { priority, ...vrrp } }) => ({ priority, vrrp }));
    expect(a!.vrrp).toEqual(b!.vrrp);
    expect(a!.priority).toBeGreaterThan(b!.priority);
    expect(a!.vrrp).toMatchObject({
      version: 2,
      virtualRouterId: 51,
      advertisementInterval: 1000,
      addresses: ['192.168.100.250'],
    });
    expect(Buffer.from(a!.vrrp.authPass!).toString()).toBe('1111\0\0\0\0');
  });
});

test("the first tutorial's numbers", () => {
  const [a, b] = ['a', 'b'].map((host) => configOf(`tutorial1-host-${host}.yaml`));
  expect([a!, b!].map(({ instances }) => [instances[0]!.initialState, instances[0]!.vrrp.priority])).toEqual([
    ['MASTER', 100],
    ['BACKUP', 99],
  ]);
  const proxy = (self: string, peer: string) => ({
    listen: { host: '192.168.100.250', port: 12000 },
    servers: [{ host: self, port: 11211 }],
    backups: [{ host: peer, port: 11211 }],
    engine: 'bundled',
    run: 'on_master',
  });
  expect(a!.proxies[0]).toMatchObject(proxy('192.168.100.101', '192.168.100.102'));
  expect(b!.proxies[0]).toMatchObject(proxy('192.168.100.102', '192.168.100.101'));
  expect(a!.instances[0]!.proxy).toBe(a!.proxies[0]!.name);
});

test.each(['a', 'b'])(
  'the first tutorial, host %s, holds with `warm` when its lines are uncommented',
  (host) => {
    const text = read(`tutorial1-host-${host}.yaml`)
      .replace(/^ *track_memcached: \[local\].*\n/m, '')
      .replaceAll(/^( *)# ((?:peer|track_memcached): .*)$/gm, '$1$2');
    const { config, problems } = loadConfig('x', text, 'this-host');
    expect(problems).toEqual([]);
    const [proxy, memcached] = [config!.proxies[0]!, config!.memcached[0]!];
    expect([memcached.address, memcached.peer]).toEqual([proxy.servers[0], proxy.backups[0]]);
    expect(config!.instances[0]!.trackMemcached).toEqual([
      { name: 'local', weight: 0, reverse: false, warm: true },
    ]);
  },
);

test("the second tutorial's numbers", () => {
  const [a, b] = ['a', 'b'].map((host) => configOf(`tutorial2-host-${host}.yaml`));
  for (const config of [a!, b!]) {
    expect(config.proxies).toEqual([]);
    expect(config.memcached[0]).toMatchObject({ interval: 2000, fall: 3 });
    expect(config.instances[0]).toMatchObject({
      initialState: 'BACKUP',
      vrrp: { preempt: false, garpMasterDelay: 10_000 },
      trackInterfaces: [{ name: 'eth0', weight: 0, reverse: false }],
      trackMemcached: [{ name: 'local', weight: 0 }],
      hooks: {
        master: ['/etc/memcache-ha/notify.sh', 'Master'],
        backup: ['/etc/memcache-ha/notify.sh', 'Backup'],
        fault: ['/etc/memcache-ha/notify.sh', 'Fault'],
        stop: ['/etc/memcache-ha/notify.sh', 'Stop'],
      },
    });
  }
  expect([a!, b!].map(({ instances }) => instances[0]!.vrrp.priority)).toEqual([150, 100]);
});

test.each(FILES)('%s: the command of its memcached holds when it is uncommented', (name) => {
  const text = read(name).replaceAll(/^ {4}# ((?:peer:|command: \[(?:mem|rep)cached,) .*)$/gm, '    $1');
  const { config, problems } = loadConfig(name, text, 'this-host');
  expect(problems).toEqual([]);
  const [{ command, address, peer }] = config!.memcached as [Config['memcached'][number]];
  expect(command).toContain(String(address.port));
  expect(command!.includes('{peer}')).toBe(name.startsWith('tutorial2'));
  expect(peer?.port ?? 11211).toBe(11211);
});

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly default?: unknown;
}

/** Every key of the schema as [path in the reference, key, node]; `*` stands for a name that the operator chooses. */
function keysOf(node: SchemaNode, path: readonly string[] = []): [readonly string[], string, SchemaNode][] {
  const inner = Object.entries(node.properties ?? {}).flatMap(
    ([key, child]): [readonly string[], string, SchemaNode][] => [
      [path, key, child],
      ...keysOf(child, [...path, key]),
    ],
  );
  const named = node.additionalProperties ? keysOf(node.additionalProperties, [...path, '*']) : [];
  const lists = node.items ? keysOf(node.items, [...path, '[]']) : [];
  return [...inner, ...named, ...lists, ...(node.anyOf ?? []).flatMap((option) => keysOf(option, path))];
}

describe('the reference', () => {
  const text = read('memcache-ha.yaml');
  const keys = keysOf(configJsonSchema() as SchemaNode);

  test('the schema has keys to compare with', () => {
    expect(keys.length).toBeGreaterThan(60);
  });

  test.each(keys.map(([path, key]) => [[...path, key].join('.'), key]))('names %s', (_, key) => {
    expect(text).toMatch(new RegExp(`\\b${key}:`));
  });

  // What the reference shows with a value of its own, because the default is that there is none.
  const shown = ['servers', 'backups'];
  // Second names of sections.
  const aliases = ['track_process', 'vrrp_track_file'];
  const withDefault = keys.filter(
    ([path, key, node]) =>
      node.default !== undefined &&
      !path.includes('[]') &&
      !shown.includes(key) &&
      !aliases.includes(path[0] ?? ''),
  );

  test.each(withDefault.map(([path, key, node]) => ({ at: [...path, key], value: node.default })))(
    'shows the default of $at',
    ({ at, value }) => {
      const found = at.reduce<unknown>((object, key) => {
        const map = object as Record<string, unknown>;
        return map[key === '*' ? Object.keys(map)[0]! : key];
      }, parse(text));
      expect(found).toEqual(value);
    },
  );

  test('shows the defaults that depend on other keys', () => {
    const section = (config: Config) => {
      const { authPass, addresses, ...vrrp } = config.instances[0]!.vrrp;
      return vrrp;
    };
    const withoutDefaults = text.replaceAll(
      /^ +(?:vrrp_)?(?:version|garp_|down_timer|lower_|higher_).*$/gm,
      '',
    );
    const { config } = loadConfig('reference', withoutDefaults, 'this-host');
    expect(section(configOf('memcache-ha.yaml'))).toEqual(section(config!));
  });

  test('has an example of a group that holds when it is uncommented and its second instance is there', () => {
    const second = `\n  VI_2: { interface: eth0, virtual_router_id: 52, virtual_ipaddress: [192.168.100.251] }\n`;
    const [, example] = /^# (vrrp_sync_group:\n(?:# {3}.*\n)+)/m.exec(text) ?? [];
    const { config, problems } = loadConfig('x', `${text}${second}${example!.replaceAll('\n# ', '\n')}`, 'h');
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(config!.syncGroups[0]!.members).toEqual(['VI_1', 'VI_2']);
  });
});
