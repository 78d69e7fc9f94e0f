/** From a proxy's configuration to the program that it is: one place that knows every engine's command line. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, ProxyConfig } from '../../config/config.ts';
import { formatEndpoint } from '../../config/endpoint.ts';
import { readHelp } from '../../io/program-help.ts';
import type { Self } from '../self.ts';
import { bundledProgram } from './bundled.ts';
import { commandProgram } from './command.ts';
import { memcachedProxyCommand, memcachedProxyLua, PROXY_OPTION } from './memcached-proxy.ts';
import type { ProxyProgram } from './program.ts';

export interface EngineOptions {
  readonly self: Self;
  /** Where configuration files for other programs are written. */
  readonly directory: string;
  /** Gets what a spare of the bundled proxy says. */
  readonly onLine: (line: string) => void;
}

/**
 * The program of a proxy. Throws when a file that it needs cannot be written, and when memcached, as it is installed
 * here, has no proxy: neither can end by trying again.
 */
export function createProgram(config: ProxyConfig, { self, directory, onLine }: EngineOptions): ProxyProgram {
  const { engine, listen } = config;
  switch (engine) {
    case 'bundled':
      return bundledProgram(config, self, onLine);
    case 'command':
      return commandProgram(config.command!, listen);
    case 'magent':
      return commandProgram(magentCommand(config), listen);
    case 'nutcracker': {
      const file = write(directory, `${fileName(config)}.nutcracker.yml`, nutcrackerConfiguration(config));
      return commandProgram(['nutcracker', '-c', file, '-a', '127.0.0.1'], listen);
    }
    case 'memcached-proxy': {
      const missing = missingProxy(readHelp('memcached'));
      if (missing !== null) throw new Error(`proxy ${config.name}: engine memcached-proxy: ${missing}`);
      const file = write(directory, `${fileName(config)}.memcached-proxy.lua`, memcachedProxyLua(config));
      return commandProgram(memcachedProxyCommand(config, file, process.getuid?.() === 0), listen);
    }
    default:
      return engine satisfies never;
  }
}

/** Why memcached, with what it says of itself, is no proxy; null when it is one. */
export function missingProxy(help: string | null): string | null {
  if (help === null) return 'memcached is not installed';
  if (help.includes(PROXY_OPTION)) return null;
  const [version = 'memcached'] = /^memcached \S+/.exec(help) ?? [];
  return `${version} has no built-in proxy; 1.6.23 or later is needed, built with --enable-proxy`;
}

/** Names hold no blanks, but may hold a slash, or the comma that ends an option of memcached's. */
const fileName = ({ name }: ProxyConfig): string => encodeURIComponent(name);

function write(directory: string, name: string, text: string): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

/** magent in the foreground (`-D`), with the tutorials' flags. Its -u knows numbers only, so it stays who we are. */
export function magentCommand({ listen, servers, backups }: ProxyConfig): Command {
  return [
    ...['magent', '-D', '-l', listen.host, '-p', String(listen.port)],
    ...servers.flatMap((server) => ['-s', formatEndpoint(server)]),
    ...backups.flatMap((backup) => ['-b', formatEndpoint(backup)]),
  ];
}

/**
 * nutcracker (twemproxy) does not replicate: servers and backups become one pool, of which a dead member is ejected.
 * A key that was on it is a miss until then and afterwards.
 */
export function nutcrackerConfiguration({ name, listen, servers, backups }: ProxyConfig): string {
  // It is only the name of its statistics: one that means something in YAML is left out.
  const lines = [
    /^\w[\w-]*$/.test(name) ? `${name}:` : 'pool:',
    `  listen: ${formatEndpoint(listen)}`,
    '  hash: fnv1a_64',
    '  distribution: ketama',
    '  timeout: 250',
    '  auto_eject_hosts: true',
    '  server_failure_limit: 1',
    '  server_retry_timeout: 1000',
    '  servers:',
    ...[...servers, ...backups].map((server) => `    - ${formatEndpoint(server)}:1`),
  ];
  return `${lines.join('\n')}\n`;
}
