/** What the service manager is told of the daemon: that it is up, alive, reloading or ending, and one line of how it stands. */
import type { Config } from '../config/config.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { handoverTime } from '../core/vrrp/timers.ts';
import type { ServiceManager } from '../io/service-manager.ts';
import { HOOK_DEADLINE } from './hooks.ts';
import type { InstanceStatus, Status } from './status.ts';

/** The line is made anew so often, in ms. */
const LOOK_EVERY = 1_000;
/** More instances than these are counted, not named. */
const MOST_NAMED = 4;
/** For all at the end that is neither a handover nor a hook: proxies, interfaces, the last line of the log. In ms. */
const LAST_THINGS = 5_000;

/** Says that the start is over, and from then on that the event loop turns and how the instances stand. */
export function keepInformed(manager: ServiceManager, file: string, status: () => Status): void {
  if (!manager.listens) return;
  let last = '';
  const look = (): void => {
    manager.alive();
    const line = statusLine(status(), file);
    if (line !== last) manager.status(line);
    last = line;
  };
  look();
  manager.ready();
  // Twice in the time it is given: one that comes late is no hang.
  setInterval(look, Math.min(LOOK_EVERY, (manager.watchdog ?? Number.POSITIVE_INFINITY) / 2));
}

/** The same reload, with the manager told of its beginning and its end, whatever comes of it. */
export function announceReloads<T>(manager: ServiceManager, reload: () => Promise<T>): () => Promise<T> {
  let underWay = 0;
  return async () => {
    if (underWay++ === 0) manager.reloading();
    try {
      return await reload();
    } finally {
      if (--underWay === 0) manager.ready();
    }
  };
}

/** How long an end may take at most: handovers with nobody there, then an instance's last hook, then its group's. */
export function longestEnd({ instances }: Config): Millis {
  const handovers = instances.map(({ vrrp }) => handoverTime(vrrp));
  return Math.max(0, ...handovers) + 2 * HOOK_DEADLINE + LAST_THINGS;
}

/** One line for `systemctl status`; `file` is the config file. */
export function statusLine({ drained, instances }: Status, file: string): string {
  if (instances.length === 0) {
    return `no vrrp_instance in ${file}: edit it, then systemctl reload memcache-ha`;
  }
  const prefix = drained ? 'drained; ' : '';
  if (instances.length <= MOST_NAMED) return prefix + instances.map(describe).join('; ');
  const states = [...new Set(instances.map(({ state }) => state))];
  const counts = states.map((each) => `${instances.filter(({ state }) => state === each).length} ${each}`);
  return `${prefix}${instances.length} instances: ${counts.join(', ')}`;
}

function describe({ name, state, handing_over, master, virtual_addresses, faults }: InstanceStatus): string {
  const held = virtual_addresses.filter((each) => each.held).map(({ address }) => address);
  const details = [
    ...(held.length > 0 ? [`${held.join(' ')} held`] : []),
    ...(handing_over ? ['handing over'] : []),
    ...(master === null || master.self ? [] : [`master ${master.address}`]),
    ...faults.map(({ kind, name, detail }) => `${kind} ${name}: ${detail}`),
  ];
  return [`${name} ${state}`, ...details].join(', ');
}
