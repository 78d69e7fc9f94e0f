/** One host of a pair in random drills: how each fault is done to it, and how all of them are undone. */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { askControl } from '../../../src/io/control-socket.ts';
import { until } from '../../../src/lab/await.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import type { Lab } from '../../../src/lab/namespaces.ts';
import type { LabProcess } from '../../../src/lab/process.ts';
import type { Daemon } from '../../netns/support/daemon.ts';
import { watchHolding } from '../../netns/support/holding.ts';
import { type Member, VIP } from '../../netns/support/pair.ts';
import type { Prng } from '../../simulation/prng.ts';
import type { Fault } from './drill-plan.ts';

export interface DrillHost {
  readonly member: Member;
  /** Every daemon that ran here, oldest first. */
  readonly daemons: readonly Daemon[];
  /** When it had the virtual address, in ms on CLOCK_MONOTONIC; a host without power has none. */
  readonly holding: ReadonlyArray<{ readonly t: number; readonly held: boolean }>;
  /** What could not be done, in words; null: it was done. */
  hurt(fault: Fault, other: DrillHost): Promise<string | null>;
  /** Undoes the faults, in an order of the generator's. */
  mend(prng: Prng): Promise<void>;
}

const GOOD_RELOADS: readonly (readonly [from: string | RegExp, to: string])[] = [
  ['"10.9.0.250"', '"10.9.0.250", "10.9.0.251"'],
  ['"interval": 0.1', '"interval": 0.3'],
  ['"track_memcached"', '"garp_master_delay": 1,\n"track_memcached"'],
  ['"vrrp_instance"', '"vrrp_script": { "s": { "script": "/bin/true", "interval": 1 } },\n"vrrp_instance"'],
];

/** The daemon runs on this host already, and holds no address yet. */
export async function drillHost(member: Member, lab: Lab<'a' | 'b'>): Promise<DrillHost> {
  const { host } = member;
  const daemons: Daemon[] = [];
  const holding: { t: number; held: boolean }[] = [];
  const undo: (() => Promise<unknown>)[] = [];
  const stopped = new Set<number>();
  let memcachedStopped: LabProcess | null = null;
  let unpowered = false;
  let reloads = 0;

  const watch = async (): Promise<void> => {
    const watched = await watchHolding(host, VIP);
    const seen = new Set<object>();
    pull = () => {
      for (const change of watched.changes) {
        if (seen.has(change)) continue;
        seen.add(change);
        holding.push(change);
      }
    };
  };
  let pull = (): void => {};
  const start = async (): Promise<void> => {
    daemons.push(await member.startDaemon());
  };
  const signal = (pid: number, name: NodeJS.Signals): void => {
    try {
      process.kill(pid, name);
    } catch {
      stopped.delete(pid); // it ended meanwhile
    }
  };
  const stop = (pid: number): void => {
    signal(pid, 'SIGSTOP');
    stopped.add(pid);
  };
  const goOn = (): void => {
    for (const pid of stopped) signal(pid, 'SIGCONT');
    stopped.clear();
  };
  const proxy = async (act: (pid: number) => void): Promise<string | null> => {
    const [{ pid = null, up = false } = {}] = (await member.daemon.status()).proxies;
    if (pid === null || !up) return 'no proxy';
    act(pid);
    return null;
  };
  const control = async (command: string): Promise<void> => {
    const answer = await askControl(member.daemon.control, { command }, 5000);
    if (!answer.ok) throw new Error(`${command}: ${answer.error}`);
  };
  const ip = (...words: string[]) => host.exec(['ip', ...words], { allowFailure: true });
  const reload = (change: (file: string) => string): void => {
    const { file, process: running } = member.daemon;
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, change(before));
    running.kill('SIGHUP');
    undo.push(async () => {
      if (member.daemon.file !== file) return; // started anew, with a file of its own
      writeFileSync(file, before);
      running.kill('SIGHUP');
    });
  };
  const block = async (from: DrillHost, to: DrillHost, ipProtocol?: number): Promise<void> => {
    await lab.block(from.member.host, to.member.host, ipProtocol === undefined ? {} : { ipProtocol });
    undo.push(() => lab.unblock(from.member.host, to.member.host));
  };

  const acts: Readonly<Record<Fault, (other: DrillHost) => unknown>> = {
    'memcached killed': async () => {
      member.memcached.kill('SIGKILL');
      await member.memcached.exited;
    },
    'memcached hangs': () => {
      memcachedStopped = member.memcached;
      memcachedStopped.kill('SIGSTOP');
    },
    'memcached restarted': async () => {
      member.memcached.kill('SIGKILL');
      await member.memcached.exited;
      await startAnyhow(member);
    },
    'proxy killed': () => proxy((pid) => signal(pid, 'SIGKILL')),
    'proxy hangs': () => proxy(stop),
    'daemon SIGTERM': () => member.daemon.process.kill('SIGTERM'),
    'daemon killed': async () => {
      member.daemon.process.kill('SIGKILL');
      await member.daemon.process.exited;
    },
    'daemon killed, started at once': async () => {
      member.daemon.process.kill('SIGKILL');
      await member.daemon.process.exited;
      await start();
    },
    'daemon stopped and continued': () => stop(member.daemon.process.pid),
    drain: () => control('drain'),
    'link down': async () => {
      await host.linkDown();
      undo.push(() => host.linkUp());
    },
    'interface down': async () => {
      await ip('link', 'set', 'eth0', 'down');
      undo.push(() => ip('link', 'set', 'eth0', 'up'));
    },
    'own address deleted': async () => {
      await ip('addr', 'del', `${host.address}/24`, 'dev', 'eth0');
      undo.push(() => ip('addr', 'add', `${host.address}/24`, 'brd', '+', 'dev', 'eth0'));
    },
    unplugged: async () => {
      await host.unplug();
      undo.push(() => host.plug());
    },
    'power off': async () => {
      unpowered = true;
      pull();
      await host.powerOff();
      holding.push({ t: monotonicNow(), held: false });
    },
    'adverts blocked one way': (other) => block(self, other, 112),
    'adverts blocked both ways': async (other) => {
      await Promise.all([block(self, other, 112), block(other, self, 112)]);
    },
    'all blocked one way': (other) => block(self, other),
    '30 % of frames lost': async () => {
      await host.impair({ loss: 0.3 });
      undo.push(() => host.heal());
    },
    'VIP deleted': async () => {
      const { code } = await ip('addr', 'del', `${VIP}/32`, 'dev', 'eth0');
      return code === 0 ? null : 'no VIP';
    },
    'good reload': () => {
      const [from, to] = GOOD_RELOADS[reloads++ % GOOD_RELOADS.length]!;
      reload((file) => file.replace(from, to));
    },
    'bad reload': () => reload((file) => file.replace('"priority"', '"priorty"')),
  };

  const mend = async (prng: Prng): Promise<void> => {
    // Process by process and wire by wire, in any order; a host without power first needs that.
    if (unpowered) {
      await host.powerOn();
      undo.length = 0;
      await watch();
    }
    const processes = async (): Promise<void> => {
      goOn();
      memcachedStopped?.kill('SIGCONT');
      memcachedStopped = null;
    };
    const steps = [processes, ...undo.splice(0)];
    while (steps.length > 0) {
      const [step] = steps.splice(prng.below(steps.length), 1);
      await step!();
      if (prng.chance(0.3)) await sleep(prng.between(0, 200));
    }
    unpowered = false;
    const memcached = async () => {
      if (await ended(member.memcached, 0)) await startAnyhow(member);
    };
    // One that was told to end hands over first; its last hook has half a minute.
    const daemon = async () => {
      if (await ended(member.daemon.process, endsSoon ? 40_000 : 0)) await start();
      endsSoon = false;
    };
    for (const one of prng.chance(0.5) ? [memcached, daemon] : [daemon, memcached]) await one();
    if ((await member.daemon.status()).drained) await control('resume');
  };
  let endsSoon = false;

  const self: DrillHost = {
    member,
    daemons,
    get holding() {
      pull();
      return holding;
    },
    async hurt(fault, other) {
      if (fault === 'daemon SIGTERM') endsSoon = true;
      try {
        const said = await acts[fault](other);
        return typeof said === 'string' ? said : null;
      } catch (error) {
        // With another fault at the same host this one may not be possible.
        return (error as Error).message.split('\n')[0]!;
      }
    },
    mend,
  };
  await watch();
  await start();
  return self;
}

/** One in a hundred memcacheds that start on a busy machine does not answer on loopback: another one is started then. */
async function startAnyhow(member: Member): Promise<void> {
  await member.startMemcached().catch(async () => {
    for (const pid of member.host.pids()) if (isMemcached(pid)) process.kill(pid, 'SIGKILL');
    await sleep(100);
    await member.startMemcached();
  });
}

function isMemcached(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'memcached\n';
  } catch {
    return false; // it ended meanwhile
  }
}

/** Has it ended, now or within these milliseconds? */
async function ended(process: LabProcess, timeout: number): Promise<boolean> {
  if (timeout > 0) {
    await until('it has ended', () => !process.running(), { timeout, every: 5 }).catch(() => {});
  }
  // A signal sent a moment ago may not have been told yet.
  else await sleep(5);
  return !process.running();
}
