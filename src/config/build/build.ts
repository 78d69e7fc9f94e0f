/** A checked file to the daemon's config, with seconds made milliseconds. Checks nothing. */
import type {
  Config,
  Endpoint,
  GlobalConfig,
  InterfaceDelay,
  MemcachedConfig,
  ProxyConfig,
  SyncGroupConfig,
} from '../config.ts';
import { parseEndpoint } from '../endpoint.ts';
import { delaysOf, type FileDelays } from '../interface-delays.ts';
import { fillPlaceholders } from '../placeholders.ts';
import { globalDefs } from '../schema/global-defs.ts';
import { MEMCACHED_PORT } from '../schema/memcached.ts';
import type { FileConfig } from '../schema.ts';
import type { YamlTree } from '../yaml-tree.ts';
import { buildProcesses, buildScript, buildTrackFiles } from './checks.ts';
import { buildHooks } from './hooks.ts';
import { buildInstance } from './instance.ts';
import { metricsPeersOf } from './metrics-peers.ts';
import { command, ms, mustParse, type Named } from './values.ts';

/** Builds the whole config. `hostName` is the default of router_id. */
export function buildConfig(file: FileConfig, tree: YamlTree, hostName: string): Config {
  return {
    global: buildGlobal(file, tree, hostName),
    memcached: Object.entries(file.memcached ?? {}).map(([name, entry]) => buildMemcached(name, entry, tree)),
    proxies: Object.entries(file.proxy ?? {}).map(([name, entry]) => buildProxy(name, entry, tree)),
    scripts: Object.entries(file.vrrp_script ?? {}).map(([name, entry]) => buildScript(name, entry, tree)),
    processes: buildProcesses(file, tree),
    trackFiles: buildTrackFiles(file),
    interfaceDelays: Object.entries(file.interface_up_down_delays ?? {}).map(([name, entry]) =>
      buildDelays(name, entry),
    ),
    syncGroups: Object.entries(file.vrrp_sync_group ?? {}).map(([name, entry]) =>
      buildSyncGroup(name, entry, tree),
    ),
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
    metricsPeers: defs.metrics === null ? [] : metricsPeersOf(defs.metrics, file),
    logLevel: defs.log.level,
    startupDelay: ms(defs.vrrp_startup_delay),
    realTimePriority: defs.vrrp_rt_priority,
    notifyFifo: defs.vrrp_notify_fifo ?? defs.notify_fifo ?? null,
  };
}

function buildMemcached(name: string, entry: Named<'memcached'>, tree: YamlTree): MemcachedConfig {
  const address = endpoint(entry.address);
  const words = entry.command == null ? null : command(entry.command, ['memcached', name, 'command'], tree);
  return {
    name,
    address,
    interval: ms(entry.interval),
    timeout: ms(entry.timeout),
    fall: entry.fall,
    rise: entry.rise,
    peer: entry.peer === undefined ? null : endpoint(entry.peer),
    command: words === null ? null : fillPlaceholders(words, address),
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
    refillItems: entry.refill_items,
    refillBytes: entry.refill_bytes,
    run: entry.run,
    engine: words === null ? (entry.engine ?? 'bundled') : 'command',
    command: words === null ? null : fillPlaceholders(words, listen),
  };
}

function buildDelays(name: string, entry: FileDelays): InterfaceDelay {
  const delays = delaysOf(entry);
  if (delays === undefined) throw new Error(`the schema let through ${JSON.stringify(entry)}`);
  return { interface: name, down: ms(delays.down), up: ms(delays.up) };
}

function buildSyncGroup(name: string, entry: Named<'vrrp_sync_group'>, tree: YamlTree): SyncGroupConfig {
  return { name, members: entry.group, hooks: buildHooks(entry, ['vrrp_sync_group', name], tree) };
}

// Where a port is mandatory the schema has seen to it, so the default can do no harm there.
function endpoint(text: string): Endpoint {
  return mustParse(parseEndpoint(text, MEMCACHED_PORT));
}
