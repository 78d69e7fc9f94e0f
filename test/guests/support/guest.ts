/**
 * A booted Debian with systemd as its PID 1 in a host of the lab. Owns its boots and what can be done in it; knows nothing
 * of what is installed there.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../../src/lab/await.ts';
import type { Host } from '../../../src/lab/host.ts';
import { namespacePath } from '../../../src/lab/remains.ts';
import { type Finished, type RunOptions, run } from '../../../src/lab/run.ts';
import { hold } from './holder.ts';

export interface Guest {
  readonly host: Host;
  /** Runs a program in the guest, as root in /root; errors as `run`, with a deadline of 30 s. */
  exec(words: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs a line of bash in the guest; @returns its stdout without the last line end. */
  sh(line: string, options?: RunOptions): Promise<string>;
  /** Where a file of the running guest is on this machine; its sockets answer there, too. */
  path(inside: string): string;
  /** Turns it on, and resolves when systemd has started everything. @throws Error after 60 s, with the console's last lines */
  boot(): Promise<void>;
  /** `systemctl reboot`: resolves when it is up again, with the network of a host that was just turned on. */
  reboot(): Promise<void>;
  /** Power is gone without a word; `boot` turns it on again, with the disk as it was. */
  cutPower(): Promise<void>;
  /** The guest ends at once, its disk is gone. */
  destroy(): Promise<void>;
}

/** What nspawn ends with when the guest wants to be booted again (with --keep-unit). */
const REBOOT = 133;

const LOGIN = [
  ...[
    'env',
    '-C',
    '/root',
    '-i',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOME=/root',
  ],
  ...['LANG=C.UTF-8', 'TERM=dumb', 'DEBIAN_FRONTEND=noninteractive'],
];

export interface GuestOptions {
  /** The directory with the Debian that it starts from; not written to. */
  readonly image: string;
  /** Directories of this machine that the guest can read: path outside, path inside. */
  readonly shared?: Readonly<Record<string, string>>;
}

/** A guest that is off. The host must outlive it. */
export async function createGuest(host: Host, { image, shared = {} }: GuestOptions): Promise<Guest> {
  const disk = join(host.directory, 'disk');
  const console = join(host.directory, 'console.log');
  mkdirSync(disk);
  const nspawn = [
    ...['--quiet', '--boot', '--keep-unit', '--register=no', '--console=pipe', `--machine=${host.namespace}`],
    ...[`--hostname=${host.name}`, '--resolv-conf=off', '--timezone=off', '--link-journal=no'],
    ...[
      `--network-namespace-path=${namespacePath(host.namespace)}`,
      '--capability=CAP_NET_ADMIN,CAP_NET_RAW',
    ],
    ...Object.entries(shared).map(([outside, inside]) => `--bind-ro=${outside}:${inside}`),
  ];
  const holder = await hold({ name: host.namespace, hostname: host.name, image, disk, console, nspawn });

  let init: number | null = null;
  let off: Promise<number> = Promise.resolve(0);
  const running = (): number => {
    if (init === null) throw new Error(`${host.name} is off`);
    return init;
  };
  const exec = async (words: readonly string[], options?: RunOptions) => {
    const enter = ['nsenter', '-t', String(running()), '-m', '-u', '-i', '-n', '-p', '-C', '--'];
    return run([...enter, ...LOGIN, ...words], { deadline: 30_000, ...options });
  };
  const boot = async () => {
    // The network namespace is older than this boot. A host that boots finds nothing on eth0 that it had put there.
    await host.powerOn();
    const { ended } = holder.boot();
    off = ended;
    let code: number | null = null;
    void ended.then((value) => {
      code = value;
    });
    try {
      init = await until(`${host.name} runs systemd`, () => initIn(host), { timeout: 20_000 });
      await until(`${host.name} has booted`, () => exec(['systemctl', 'is-active', 'multi-user.target']), {
        timeout: 60_000,
        every: 50,
      });
    } catch (error) {
      const end = code === null ? '' : ` (nspawn ended with ${code})`;
      const said = `${holder.process.stderr.text()}\n${lastLines(console)}`.trim();
      throw new Error(`${(error as Error).message}${end}; the console's last lines:\n${said}`);
    }
  };
  return {
    host,
    exec,
    sh: async (line, options) => (await exec(['bash', '-c', line], options)).stdout.replace(/\n$/, ''),
    path: (inside) => join(`/proc/${running()}/root`, inside),
    boot,
    reboot: async () => {
      await exec(['systemctl', 'reboot'], { allowFailure: true });
      const code = await within(`${host.name} goes down`, off, 120_000);
      init = null;
      if (code !== REBOOT) throw new Error(`${host.name} was to boot again, and went off with ${code}`);
      await boot();
    },
    cutPower: async () => {
      await host.powerOff();
      await within(`${host.name} is off`, off, 10_000);
      init = null;
    },
    destroy: holder.destroy,
  };
}

async function within<T>(what: string, promise: Promise<T>, timeout: number): Promise<T> {
  let done: { value: T } | null = null;
  void promise.then((value) => {
    done = { value };
  });
  return (await until(what, () => done as { value: T } | null, { timeout })).value;
}

/** The process that is PID 1 inside, once it is systemd. */
function initIn(host: Host): number | undefined {
  return host.pids().find((pid) => {
    try {
      const [, pids = ''] = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return pids.endsWith('\t1') && readFileSync(`/proc/${pid}/comm`, 'utf8') === 'systemd\n';
    } catch {
      return false; // it ended meanwhile
    }
  });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(-25).join('\n');
  } catch {
    return ''; // it has said nothing
  }
}
