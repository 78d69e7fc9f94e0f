/**
 * Finds what a drill strikes, makes sure that we may, and that somebody will bring it back. Looks only; throws Refusal
 * before anything is done.
 */
import { parseEndpoint } from '../config/endpoint.ts';
import type { InstanceStatus, Status } from '../daemon/status.ts';
import { missingCapabilities } from '../io/capabilities.ts';
import { readLink, vlansOn } from '../io/link-state.ts';
import { listeningInodes } from '../io/listening.ts';
import { identify, type ProcessIdentity } from '../io/process-identity.ts';
import { processesWith } from '../io/process-sockets.ts';
import { readProcess } from '../io/processes.ts';
import { unitOf } from '../io/systemd-unit.ts';
import type { DrillOptions } from './options.ts';
import { Refusal } from './refusal.ts';
import type { Strike } from './strike.ts';
import { trackedMemcached } from './target.ts';
import type { UndoStep } from './undo.ts';

/** What is struck, how, and what undoes it. */
export interface Victim {
  readonly strike: Strike;
  readonly steps: readonly UndoStep[];
  /** What is done to whom, for people. */
  readonly words: string;
  /** More on it, for who has to agree. */
  readonly detail: string;
  /** Who brings it back when no step does. */
  readonly keeper: string | null;
}

export async function findVictim(
  options: DrillOptions,
  status: Status,
  instance: InstanceStatus,
): Promise<Victim> {
  switch (options.fault) {
    case 'kill-memcached':
    case 'hang-memcached':
      return memcachedVictim(options, status, instance);
    case 'kill-proxy':
      return proxyVictim(status, instance);
    case 'stop-agent':
    case 'hang-agent':
      return agentVictim(options, status);
    case 'cut-link':
      return linkVictim(status, instance);
  }
}

async function memcachedVictim(
  { fault, restart }: DrillOptions,
  status: Status,
  instance: InstanceStatus,
): Promise<Victim> {
  const memcached = trackedMemcached(status, instance);
  if (memcached === null)
    throw new Refusal(`${instance.name} tracks no memcached, so there is none to drill`);
  const { name, address } = memcached;
  const pid = memcached.process?.pid ?? (await listenerOf(name, address));
  const target = await processOf(pid, `memcached ${name}`);
  const named = `memcached ${name} (pid ${pid})`;
  const detail = `at ${address}, ${target.command}`;
  if (fault === 'hang-memcached') {
    return {
      strike: { type: 'signal', process: target.identity, signal: 'SIGSTOP' },
      steps: [{ type: 'continue', process: target.identity }],
      words: `SIGSTOP to ${named}`,
      detail: `${detail}: it takes connections and says nothing`,
      keeper: null,
    };
  }
  const strike = { type: 'signal', process: target.identity, signal: 'SIGKILL' } as const;
  const words = `SIGKILL to ${named}`;
  if (memcached.process !== null)
    return { strike, words, detail, steps: [], keeper: 'the daemon starts it again by itself' };
  return {
    strike,
    words,
    detail,
    keeper: null,
    steps: [await revival(target, restart, `memcached ${name}`)],
  };
}

async function listenerOf(name: string, address: string): Promise<number> {
  const parsed = parseEndpoint(address, null);
  if (!parsed.ok) throw new Refusal(`memcached ${name}: ${parsed.reason}`);
  const inodes = await listeningInodes(parsed.value.host, parsed.value.port);
  if (inodes.length === 0) {
    throw new Refusal(`nobody listens at ${address} on this host; is memcached ${name} on another one?`);
  }
  const pids = await processesWith(new Set(inodes));
  const [pid, ...more] = pids;
  if (pid === undefined) {
    throw new Refusal(`no right to see which process listens at ${address}: run as root`);
  }
  if (more.length > 0) {
    throw new Refusal(
      `several processes listen at ${address} (pids ${pids.join(', ')}): which one is memcached?`,
    );
  }
  return pid;
}

async function proxyVictim(status: Status, instance: InstanceStatus): Promise<Victim> {
  const proxy = status.proxies.find(({ name }) => name === instance.proxy);
  if (proxy === undefined) throw new Refusal(`${instance.name} has no proxy, so there is none to drill`);
  if (proxy.pid === null) {
    throw new Refusal(
      `proxy ${proxy.name} serves where the virtual address is, and this host is ${instance.state}: drill it on the other host`,
    );
  }
  const { identity, command } = await processOf(proxy.pid, `proxy ${proxy.name}`);
  return {
    strike: { type: 'signal', process: identity, signal: 'SIGKILL' },
    steps: [],
    words: `SIGKILL to proxy ${proxy.name} (pid ${proxy.pid})`,
    detail: `at ${proxy.listen}, ${command}`,
    keeper: 'the daemon starts it again by itself',
  };
}

async function agentVictim({ fault, restart }: DrillOptions, status: Status): Promise<Victim> {
  const target = await processOf(status.pid, 'the daemon');
  const { identity } = target;
  if (fault === 'hang-agent') {
    const unit = await unitOf(status.pid);
    const watchdog: UndoStep[] = unit === null ? [] : [{ type: 'start-unit', unit }];
    return {
      strike: { type: 'signal', process: identity, signal: 'SIGSTOP' },
      steps: [{ type: 'continue', process: identity }, ...watchdog],
      words: `SIGSTOP to the daemon (pid ${status.pid})`,
      detail: `it says nothing and renews no lease${unit === null ? '' : `; the watchdog of ${unit} may kill it`}`,
      keeper: null,
    };
  }
  const step = await revival(target, restart, 'the daemon');
  if (step.type === 'start-unit') {
    return {
      strike: { type: 'stop-unit', unit: step.unit },
      steps: [step],
      words: `systemctl stop ${step.unit}`,
      detail: `pid ${status.pid}, as for maintenance`,
      keeper: null,
    };
  }
  return {
    strike: { type: 'signal', process: identity, signal: 'SIGTERM' },
    steps: [step],
    words: `SIGTERM to the daemon (pid ${status.pid})`,
    detail: 'as for maintenance',
    keeper: null,
  };
}

async function linkVictim(status: Status, instance: InstanceStatus): Promise<Victim> {
  const { interface: name } = instance;
  if (name === 'lo') throw new Refusal('lo is no link that could be cut');
  if (missingCapabilities().includes('CAP_NET_ADMIN'))
    throw new Refusal(`no right to take ${name} down (CAP_NET_ADMIN): run as root`);
  const vlans = await vlansOn(name);
  if (vlans.length > 0)
    throw new Refusal(
      `${name} carries ${vlans.join(', ')}, whose routes would not come back with it: cut it by hand, with whoever puts them back at hand`,
    );
  // The daemon's to put back, or not.
  const ours = new Set(
    status.instances.flatMap(({ virtual_addresses }) => virtual_addresses.map(({ address }) => address)),
  );
  const link = await readLink(name, ours).catch((error: Error) => {
    throw new Refusal(error.message);
  });
  return {
    strike: { type: 'link-down', name },
    steps: [{ type: 'link-up', link }],
    words: `ip link set dev ${name} down`,
    detail: 'this host is cut off, as if the cable were pulled',
    keeper: null,
  };
}

interface Target {
  readonly identity: ProcessIdentity;
  /** Its command line, for people. */
  readonly command: string;
}

/** The process, which we may signal. */
async function processOf(pid: number, what: string): Promise<Target> {
  const identity = identify(pid);
  if (identity === null) throw new Refusal(`${what} (pid ${pid}) is not there: is it in another namespace?`);
  try {
    process.kill(pid, 0);
  } catch {
    throw new Refusal(`no right to signal ${what} (pid ${pid}): run as root or as its user`);
  }
  // A process that gave itself a title has blanks behind it.
  const words = ((await readProcess(pid))?.command.join(' ') ?? '').replace(/\s+/g, ' ').trim();
  return { identity, command: words.length > 80 ? `${words.slice(0, 79)}…` : words };
}

/** Who starts it again after its end. */
async function revival(
  { identity, command }: Target,
  restart: string | null,
  what: string,
): Promise<Extract<UndoStep, { type: 'start-unit' | 'restart' }>> {
  if (restart !== null) return { type: 'restart', command: restart, process: identity };
  const unit = await unitOf(identity.pid);
  if (unit === null) {
    throw new Refusal(
      `nothing is known to start ${what} (pid ${identity.pid}) again after the drill: no systemd service runs it. Say it with --restart COMMAND, such as --restart '${command}'; --restart true when something else watches over it`,
    );
  }
  if (process.getuid?.() !== 0) throw new Refusal(`no right to start ${unit} again: run as root`);
  return { type: 'start-unit', unit };
}
