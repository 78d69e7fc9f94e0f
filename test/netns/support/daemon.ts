/** The daemon under test in a host of the lab: the built program, asked through its own ways in. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_FLAGS } from '../../../build.mjs';
import type { StateName } from '../../../src/core/vrrp/state.ts';
import type { InstanceStatus, Status } from '../../../src/daemon/status.ts';
import { askControl } from '../../../src/io/control-socket.ts';
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import type { Finished } from '../../../src/lab/run.ts';
import { parseMetrics, type Scrape } from './metrics.ts';

/** The words that run the built program. */
export const MEMCACHE_HA: readonly string[] = [
  process.execPath,
  ...NODE_FLAGS,
  fileURLToPath(new URL('../../../dist/memcache-ha.cjs', import.meta.url)),
];

/** A line of the daemon's log. */
export interface LogLine {
  /** When the test read it, in ms on CLOCK_MONOTONIC. */
  readonly t: number;
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Daemon {
  readonly host: Host;
  readonly process: LabProcess;
  /** Path of its config file. */
  readonly file: string;
  /** Path of its control socket. */
  readonly control: string;
  log(): LogLine[];
  /** The first line of the log from `after` (ms on CLOCK_MONOTONIC) on that matches. */
  waitLog(
    pattern: RegExp,
    options?: { readonly after?: number; readonly timeout?: number },
  ): Promise<LogLine>;
  status(): Promise<Status>;
  /** Its only instance. */
  instance(): Promise<InstanceStatus>;
  /** Resolves when its only instance is in this state; @throws Error with the log. */
  waitState(state: StateName, timeout?: number): Promise<InstanceStatus>;
  metrics(): Promise<Scrape>;
  /** GET over HTTP from inside the host. */
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  /** Runs a command of the program in the host, `--control` added. */
  command(...words: readonly string[]): Promise<Finished>;
}

/** Where the metrics listen, in every host. */
const METRICS = '127.0.0.1:9650';

let written = 0;

/** Writes a config file for a host (JSON is YAML), with control socket and metrics where the host has them to itself. */
export function writeConfig(host: Host, config: Readonly<Record<string, unknown>>): string {
  const globalDefs = { control: controlOf(host), metrics: { listen: METRICS }, log: { level: 'debug' } };
  const whole = { ...config, global_defs: { ...globalDefs, ...(config.global_defs as object | undefined) } };
  written += 1;
  const file = join(host.directory, `memcache-ha-${written}.yaml`);
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  return file;
}

/** The control socket that `writeConfig` gives a host. */
export function controlOf(host: Host): string {
  return join(host.runDirectory, 'control.sock');
}

/** Runs a command of the program in a host to its end. */
export function memcacheHa(host: Host, ...words: readonly string[]): Promise<Finished> {
  return host.exec([...MEMCACHE_HA, ...words], { allowFailure: true, deadline: 20_000 });
}

/** Starts `run` with this config; resolves when the control socket answers. @throws Error with what it said instead */
export async function startDaemon(host: Host, config: Readonly<Record<string, unknown>>): Promise<Daemon> {
  const file = writeConfig(host, config);
  const daemon = watchDaemon(host, file, host.spawn([...MEMCACHE_HA, 'run', '--config', file]));
  await until(`the daemon on ${host.name} answers`, () => !daemon.process.running() || answers(daemon), {
    every: 10,
  });
  if (!daemon.process.running()) {
    throw new Error(`the daemon on ${host.name} ended: ${daemon.process.stderr.text()}`);
  }
  return daemon;
}

const answers = (daemon: Daemon): Promise<boolean> => daemon.status().then(() => true);

/** A daemon whose process is there already. */
export function watchDaemon(host: Host, file: string, process: LabProcess): Daemon {
  const control = controlOf(host);
  const log = (): LogLine[] =>
    process.stdout.lines.map(({ t, text }) => ({ ...(JSON.parse(text) as LogLine), t }));
  const withLog = async <T>(wait: Promise<T>): Promise<T> => {
    try {
      return await wait;
    } catch (error) {
      const lines = log().map(({ level, msg }) => `${level} ${msg}`);
      const said = [...lines.slice(-25), process.stderr.text()].join('\n');
      throw new Error(`${(error as Error).message}; the log on ${host.name}:\n${said}`);
    }
  };
  const status = async (): Promise<Status> => {
    const answer = await askControl(control, { command: 'status' }, 5000);
    if (!answer.ok) throw new Error(answer.error);
    return answer.result as Status;
  };
  const instance = async (): Promise<InstanceStatus> => {
    const { instances } = await status();
    if (instances.length !== 1) throw new Error(`${instances.length} instances, not one`);
    return instances[0]!;
  };
  const get = async (path: string): Promise<{ status: number; body: string }> => {
    // bash's own /dev/tcp: a bare Debian has no other program that speaks HTTP.
    const script =
      'exec 3<>"/dev/tcp/$1/$2" && printf "GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$3" "$1" >&3 && cat <&3';
    const { stdout } = await host.exec(['bash', '--norc', '-c', script, 'get', ...METRICS.split(':'), path]);
    const [head = '', ...body] = stdout.split('\r\n\r\n');
    const text = body.join('\r\n\r\n');
    const chunked = /^transfer-encoding: chunked$/im.test(head);
    return { status: Number(head.split(' ')[1]), body: chunked ? unchunk(text) : text };
  };
  return {
    host,
    process,
    file,
    control,
    log,
    waitLog: (pattern, { after = 0, timeout = 10_000 } = {}) =>
      withLog(
        until(
          `the log on ${host.name} has ${pattern}`,
          () => log().find(({ t, msg }) => t >= after && pattern.test(msg)),
          { timeout, every: 10 },
        ),
      ),
    status,
    instance,
    waitState: (state, timeout = 10_000) =>
      withLog(
        until(
          `${host.name} is ${state}`,
          async () => {
            const now = await instance();
            return now.state === state && now;
          },
          { timeout, every: 10 },
        ),
      ),
    get,
    metrics: async () => parseMetrics((await get('/metrics')).body),
    command: (...words) => memcacheHa(host, ...words, '--control', control),
  };
}

/** RFC 9112 §7.1, for bodies of ASCII. */
function unchunk(text: string): string {
  let rest = text;
  let body = '';
  for (;;) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest);
    const size = Number.parseInt(line?.[1] ?? '0', 16);
    if (line === null || size === 0) return body;
    body += rest.slice(line[0].length, line[0].length + size);
    rest = rest.slice(line[0].length + size + 2);
  }
}
