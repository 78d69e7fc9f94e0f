/**
 * One of the two hosts: its memcached, its daemon (this very program), its files, and what was seen of it. Owns what
 * runs on the host; when what is done to it stands in scenario.ts.
 */
import { chmodSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Status } from '../daemon/status.ts';
import { askControl } from '../io/control-socket.ts';
import type { Host } from '../lab/host.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import type { LabProcess } from '../lab/process.ts';
import { startMemcached } from '../lab/programs.ts';
import { addressWatch } from './address-moments.ts';
import { daemonMoment } from './daemon-moments.ts';
import { hostConfig } from './host-config.ts';
import type { Moment } from './moment.ts';
import type { View } from './picture.ts';
import { type Label, MEMCACHED_PORT, PROXY_PORT, VIP } from './settings.ts';

export interface DemoHost {
  readonly label: Label;
  readonly host: Host;
  readonly files: Readonly<Record<'config' | 'control' | 'log' | 'hooks', string>>;
  /** All that was seen of it so far, in the order in which it became known. */
  readonly moments: readonly Moment[];
  startMemcached(): Promise<void>;
  killMemcached(): void;
  startDaemon(): void;
  /** SIGTERM. */
  stopDaemon(): void;
  /** SIGKILL to the proxy that the daemon runs. */
  killProxy(): Promise<void>;
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  view(): Promise<View>;
  /** Where the daemon's own words contradict the kernel; empty when they agree. */
  contradictions(): Promise<string[]>;
  /** What its daemon died of, when nobody told it to; null: all is well. */
  broken(): string | null;
  /** The states of the hooks that ran, e.g. `Backup Master`. */
  hooksRun(): string;
}

/** How long a daemon may take to answer, in ms. */
const PATIENCE = 2000;

/** @param program the words that run memcache-ha */
export function createDemoHost(label: Label, host: Host, peer: Host, program: readonly string[]): DemoHost {
  const file = (name: string) => join(host.directory, name);
  const files = {
    config: file('memcache-ha.yaml'),
    control: file('control.sock'),
    log: file('daemon.log'),
    hooks: file('hooks.log'),
  };
  writeFiles(label, host, peer, files);
  // Kept open: the last lines may come when the lab's directory is gone already.
  const log = openSync(files.log, 'a');
  const moments: Moment[] = [];
  let memcached: LabProcess | null = null;
  let daemon: LabProcess | null = null;
  let complaint: string | null = null;

  const note = (moment: Moment | null) => {
    if (moment !== null) moments.push(moment);
  };
  const watchAddresses = () => {
    const read = addressWatch(label);
    host.spawn(['ip', '-o', 'monitor', 'address']).stdout.onLine(({ t, text }) => note(read(t, text)));
  };
  const status = async (): Promise<Status | null> => {
    try {
      const answer = await askControl(files.control, { command: 'status' }, PATIENCE);
      return answer.ok ? (answer.result as Status) : null;
    } catch {
      return null;
    }
  };
  const kernel = async () => {
    const [holdsVip, listeners] = await Promise.all([host.holds(VIP), host.listeners()]);
    return {
      holdsVip,
      proxyListens: listeners.some(({ address, port }) => address === VIP && port === PROXY_PORT),
      memcachedListens: listeners.some(({ port }) => port === MEMCACHED_PORT),
    };
  };
  watchAddresses();

  return {
    label,
    host,
    files,
    moments,
    startMemcached: async () => {
      memcached = await startMemcached(host);
    },
    killMemcached: () => {
      memcached?.kill('SIGKILL');
    },
    startDaemon: () => {
      const started = host.spawn([...program, 'run', '--config', files.config]);
      daemon = started;
      started.stdout.onLine(({ text }) => {
        writeSync(log, `${text}\n`);
        note(daemonMoment(label, text, performance.timeOrigin + performance.now() - monotonicNow()));
      });
      started.stderr.onLine(({ text }) => writeSync(log, `${text}\n`));
      void started.exited.then(({ code, signal }) => {
        const t = monotonicNow();
        // One that was killed saw nothing.
        if (code !== null)
          note({ t, witness: label, kind: 'stopped', text: `the daemon has ended, exit code ${code}` });
        if (daemon !== started) return;
        complaint = `the daemon on ${label} ended with ${code ?? signal}: ${started.stderr.text().trim()}`;
      });
    },
    stopDaemon: () => {
      const stopping = daemon;
      daemon = null;
      stopping?.kill('SIGTERM');
    },
    killProxy: async () => {
      const pid = (await status())?.proxies[0]?.pid ?? null;
      if (pid === null || !host.pids().includes(pid)) throw new Error(`${label} says that no proxy runs`);
      process.kill(pid, 'SIGKILL');
    },
    powerOff: async () => {
      daemon = null;
      await host.powerOff();
    },
    powerOn: async () => {
      await host.powerOn();
      watchAddresses();
    },
    view: async () => {
      const state = (await status())?.instances[0]?.state ?? null;
      return { label, address: host.address, state, ...(await kernel()) };
    },
    contradictions: async () => {
      const [said, is] = [await status(), await kernel()];
      if (said === null) return [];
      const compare = (what: string, says: unknown, truth: boolean) =>
        says === truth ? [] : [`${label}: ${what}: status says ${says}, the kernel says ${truth}`];
      return [
        ...compare('VIP here', said.instances[0]?.virtual_addresses[0]?.held, is.holdsVip),
        ...compare('proxy up', said.proxies[0]?.up, is.proxyListens),
        ...compare('memcached up', said.memcached[0]?.status === 'up', is.memcachedListens),
      ];
    },
    broken: () => complaint,
    hooksRun: () => readFileSync(files.hooks, 'utf8').trim().split('\n').join(' '),
  };
}

function writeFiles(label: Label, host: Host, peer: Host, files: DemoHost['files']): void {
  const hook = join(host.directory, 'notify.sh');
  writeFileSync(hook, `#!/bin/sh\necho "$1" >>${files.hooks}\n`);
  chmodSync(hook, 0o755);
  chmodSync(host.directory, 0o755);
  // Hooks may run as another user than root.
  writeFileSync(files.hooks, '');
  chmodSync(files.hooks, 0o666);
  const options = { label, address: host.address, peer: peer.address, control: files.control, hook };
  writeFileSync(files.config, hostConfig(options));
}
