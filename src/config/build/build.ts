/** A checked file to the daemon's config, with seconds made milliseconds. Checks nothing. */
import type {
  Config,
  Endpoint,
  GlobalConfig,
  MemcachedConfig,
  ProxyConfig,
  ScriptConfig,
} from '../config.ts';
import { parseEndpoint } from '../endpoint.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { globalDefs } from '../schema/global-defs.ts';
import { MEMCACHED_PORT } from '../schema/memcached.ts';
import type { FileConfig } from '../schema.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { buildInstance } from './instance.ts';
import { command, ms, mustParse } from './values.ts';

type Named<T extends keyof FileConfig> = NonNullable<
  NonNullable<FileConfig[T]>[string & keyof NonNullable<FileConfig[T]>]
>;

/** Builds the whole config. `hostName` is the default of router_id. */
export function buildConfig(file: FileConfig, tree: YamlTree, hostName: string): Config {
  return {
    global: buildGlobal(file, tree, hostName),
    memcached: Object.entries(file.memcached ?? {}).map(([name, entry]) => buildMemcached(name, entry)),
    proxies: Object.entries(file.proxy ?? {}).map(([name, entry]) => buildProxy(name, entry, tree)),
    scripts: Object.entries(file.vrrp_script ?? {}).map(([name, entry]) => buildScript(name, entry, tree)),
    instances: Object.entries(file.vrrp_instance ?? {}).map(([name, entry]) =>
      buildInstance(name, entry, file, tree),
    ),
  };
}

function buildGlobal(file: FileConfig, tree: YamlTree, hostName: string): GlobalConfig {
  const defs = file.global_defs ?? globalDefs.parse({});
  return {
    routerId: tree.text(['global_defs', 'router_id']) ?? hostName,
    scriptUser: defs.script_user ?? null,
    control: defs.control,
    metrics: defs.metrics === null ? null : endpoint(defs.metrics.listen),
    logLevel: defs.log.level,
  };
}

function buildMemcached(name: string, entry: Named<'memcached'>): MemcachedConfig {
  return {
    name,
    address: endpoint(entry.address),
    interval: ms(entry.interval),
    timeout: ms(entry.timeout),
    fall: entry.fall,
    rise: entry.rise,
    peer: entry.peer === undefined ? null : endpoint(entry.peer),
  };
}

function buildProxy(name: string, entry: Named<'proxy'>, tree: YamlTree): ProxyConfig {
  const listen = endpoint(entry.listen);
  const words = entry.command == null ? null : command(entry.command, ['proxy', name, 'command'], tree);
  return {
    name,
    listen,
    servers: entry.servers.map(endpoint),
    backups: entry.backups.map(endpoint),
    run: entry.run,
    command: words === null ? null : fillPlaceholders(words, listen),
  };
}

function buildScript(name: string, entry: Named<'vrrp_script'>, tree: YamlTree): ScriptConfig {
  return {
    name,
    script: command(entry.script, ['vrrp_script', name, 'script'], tree),
    interval: ms(entry.interval),
    timeout: ms(entry.timeout ?? entry.interval),
    fall: entry.fall,
    rise: entry.rise,
    weight: entry.weight,
  };
}

// Where a port is mandatory the schema has seen to it, so the default can do no harm there.
function endpoint(text: string): Endpoint {
  return mustParse(parseEndpoint(text, MEMCACHED_PORT));
}
