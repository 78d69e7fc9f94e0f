/** The real programs that a pair consists of, started in a lab's hosts: memcached, nutcracker. keepalived.ts has the third. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './await.ts';
import type { Host } from './host.ts';
import type { LabProcess } from './process.ts';

/**
 * Sends one request in memcached's text protocol from inside the host and returns all that was answered, line ends as
 * `\n`, without the last. The connection is new and closed by `quit`.
 * @param target HOST:PORT
 * @param request without its last line end, e.g. `get k` or `set k 0 0 1\r\nv`
 * @throws Error when nobody listens there or no answer is complete within 2 s
 */
export async function ask(host: Host, target: string, request: string): Promise<string> {
  const colon = target.lastIndexOf(':');
  // bash's own /dev/tcp: a bare Debian has no other program that speaks TCP. Its stdin is a socket, by which bash takes
  // itself for one that sshd has started and would read ~/.bashrc, which may take its time.
  const script = 'exec 3<>"/dev/tcp/$1/$2" && printf "%s\\r\\nquit\\r\\n" "$3" >&3 && cat <&3';
  const words = [
    'bash',
    '--norc',
    '-c',
    script,
    'ask',
    target.slice(0, colon),
    target.slice(colon + 1),
    request,
  ];
  const { stdout } = await host.exec(words, { deadline: 2000 });
  return stdout.replaceAll('\r\n', '\n').replace(/\n$/, '');
}

export interface MemcachedOptions {
  /** Default 11211. */
  readonly port?: number;
  /** Default 0.0.0.0. */
  readonly listen?: string;
  /** Megabytes; default 64. */
  readonly memory?: number;
  readonly extraArguments?: readonly string[];
}

/** Starts memcached, as Debian's unprivileged user, and resolves when it answers `version`. */
export async function startMemcached(host: Host, options: MemcachedOptions = {}): Promise<LabProcess> {
  const { port = 11211, listen = '0.0.0.0', memory = 64, extraArguments = [] } = options;
  const words = ['memcached', '-l', listen, '-p', String(port), '-m', String(memory), ...extraArguments];
  const memcached = host.spawn(words, { user: memcachedUser() });
  const target = `${listen === '0.0.0.0' ? '127.0.0.1' : listen}:${port}`;
  await ready(memcached, `memcached on ${host.name} answers at ${target}`, async () =>
    (await ask(host, target, 'version')).startsWith('VERSION'),
  );
  return memcached;
}

/** Debian's package makes the user memcache. */
export function memcachedUser(): string {
  return /^memcache:/m.test(readFileSync('/etc/passwd', 'utf8')) ? 'memcache' : 'nobody';
}

export interface NutcrackerOptions {
  /** HOST:PORT; the host must hold the address, or nutcracker ends at once. */
  readonly listen: string;
  /** HOST:PORT of each memcached; all have the same weight. */
  readonly servers: readonly string[];
  /** nutcracker's auto_eject_hosts; default true: a server that failed is left out, so that clients are answered. */
  readonly autoEjectHosts?: boolean;
  /** Milliseconds a server may take; default 400. */
  readonly timeout?: number;
  /** Milliseconds until an ejected server is tried again; default 2000. */
  readonly serverRetryTimeout?: number;
  /** Failures in a row until it is ejected; default 1. */
  readonly serverFailureLimit?: number;
  /** Where its statistics listen; default 22222. */
  readonly statsPort?: number;
}

/** nutcracker's configuration with one pool. */
export function nutcrackerConfiguration(options: NutcrackerOptions): string {
  return `pool:
  listen: ${options.listen}
  hash: fnv1a_64
  distribution: ketama
  timeout: ${options.timeout ?? 400}
  auto_eject_hosts: ${options.autoEjectHosts ?? true}
  server_retry_timeout: ${options.serverRetryTimeout ?? 2000}
  server_failure_limit: ${options.serverFailureLimit ?? 1}
  preconnect: true
  servers:
${options.servers.map((server) => `   - ${server}:1`).join('\n')}
`;
}

/**
 * The command that runs nutcracker in the foreground, with its configuration written to the host's directory: for
 * `startNutcracker`, and for a daemon that runs nutcracker as its proxy.
 */
export function nutcrackerCommand(host: Host, options: NutcrackerOptions): string[] {
  const file = join(host.directory, `nutcracker-${options.listen.replace(':', '-')}.yml`);
  writeFileSync(file, nutcrackerConfiguration(options));
  return ['nutcracker', '-c', file, '-s', String(options.statsPort ?? 22222)];
}

/** Starts nutcracker and resolves when it listens. */
export async function startNutcracker(host: Host, options: NutcrackerOptions): Promise<LabProcess> {
  const nutcracker = host.spawn(nutcrackerCommand(host, options));
  const colon = options.listen.lastIndexOf(':');
  const [address, port] = [options.listen.slice(0, colon), Number(options.listen.slice(colon + 1))];
  await ready(nutcracker, `nutcracker on ${host.name} listens on ${options.listen}`, () =>
    host.listens(port, address),
  );
  return nutcracker;
}

/** Waits for a program that was just started; one that ends instead is told with what it said. */
export async function ready(program: LabProcess, what: string, probe: () => Promise<boolean>): Promise<void> {
  await until(what, async () => !program.running() || (await probe()), { timeout: 5000, every: 10 });
  if (!program.running()) {
    const { code, signal } = await program.exited;
    const said = `${program.stderr.text()}\n${program.stdout.text()}`.trim();
    throw new Error(
      `${program.words.join(' ')}: ended with ${code ?? signal} instead of being ready; it said: ${said}`,
    );
  }
}
