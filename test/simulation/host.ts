/**
 * A simulated host: power, link, memcached, the kernel's virtual address, and the daemon that runs or does not.
 * What the daemon learns of a change, it learns a little later.
 */
import type { Ipv4, Millis, VrrpParameters } from '../../src/core/vrrp/parameters.ts';
import type { Observation } from '../../src/daemon/instance.ts';
import { type Daemon, type RunRecord, startDaemon, type Warm } from './daemon.ts';
import type { Defect } from './defects.ts';
import type { Network, Port } from './network.ts';
import type { Prng } from './prng.ts';
import { createVirtualAddress, type VirtualAddress } from './virtual-address.ts';
import type { Scheduler } from './virtual-clock.ts';

/** How long the news of a link or of an address take to the daemon, in ms. */
const NEWS: readonly [Millis, Millis] = [0.3, 2];

export interface HostOptions {
  readonly name: string;
  readonly address: Ipv4;
  readonly params: VrrpParameters;
  readonly weight: number;
  readonly warm: Warm | null;
  readonly slowestAct: Millis;
  readonly defect: Defect | null;
}

/** What the host tells whoever watches. */
export interface HostWatcher {
  observed(host: Host, observation: Observation): void;
  sent(host: Host, priority: number): void;
  announced(host: Host): void;
  addressChanged(host: Host, what: 'put' | 'renewed' | 'removed' | 'expired'): void;
  failed(host: Host, act: string): void;
  /** Power, link, pause, readiness from outside: anything but the daemon's own doing. */
  disturbed(host: Host, what: string): void;
}

export interface Host extends Port {
  readonly name: string;
  readonly params: VrrpParameters;
  readonly vip: VirtualAddress;
  readonly power: 'running' | 'paused' | 'off';
  readonly daemon: Daemon | null;
  readonly candidate: boolean;
  readonly memcachedUp: boolean;
  /** The lowest priority that its weights can leave it. */
  readonly lowestPriority: number;
  failure: number;
  start(): void;
  crash(): void;
  pause(): void;
  resume(): void;
  setLink(up: boolean): void;
  setMemcached(up: boolean): void;
  /** systemd was quicker than the next question, or an operator flushed it: it is up and empty. */
  restartMemcached(): void;
  /** A connection to a memcached, its own or another's, broke. */
  connectionBroke(): void;
  setWeight(up: boolean): void;
  setCandidate(candidate: boolean): void;
  shutdown(): void;
  /** An operator, or networkd, takes the address away. */
  loseAddress(): void;
}

export function createHost(
  options: HostOptions,
  scheduler: Scheduler,
  prng: Prng,
  network: Network,
  watcher: HostWatcher,
): Host {
  const { name, address, params } = options;
  let power: Host['power'] = 'off';
  let daemon: Daemon | null = null;
  let linkUp = true;
  let memcachedUp = true;
  let weightUp = true;
  let candidate = true;

  const soon = (act: (to: Daemon) => void): void => {
    const to = daemon;
    if (to === null) return;
    scheduler.at(scheduler.now + prng.between(...NEWS), () => act(to));
  };
  const record: RunRecord = { spokeAt: null };
  const vip = createVirtualAddress(scheduler, prng, (what) => {
    watcher.addressChanged(host, what);
    soon((to) => to.networkChanged());
  });

  const host: Host = {
    name,
    address,
    params,
    vip,
    failure: 0,
    lowestPriority:
      params.priority === 255
        ? 255
        : options.warm === null
          ? Math.max(1, params.priority - options.weight)
          : 1,
    get power() {
      return power;
    },
    get daemon() {
      return daemon;
    },
    get linkUp() {
      return linkUp;
    },
    get candidate() {
      return candidate;
    },
    get memcachedUp() {
      return memcachedUp;
    },
    deliver: (datagram) => daemon?.receive(datagram),
    hearClaim: () => daemon?.hearClaim(),
    start() {
      if (power !== 'off') return;
      power = 'running';
      candidate = true;
      watcher.disturbed(host, 'starts');
      const started = startDaemon({
        scheduler,
        prng,
        params,
        address,
        weight: options.weight,
        vip,
        record,
        condition: () => ({ linkUp, memcachedUp, weightUp }),
        warm: options.warm,
        compared: (isCold) => watcher.disturbed(host, isCold ? 'is cold' : 'is not cold any more'),
        send(message, destination, priority) {
          watcher.sent(host, priority);
          network.send(host, message, destination);
        },
        announce() {
          watcher.announced(host);
          network.announce(host);
        },
        observe: (observation) => watcher.observed(host, observation),
        failed: (act) => watcher.failed(host, act),
        exited() {
          if (daemon !== started) return;
          daemon = null;
          power = 'off';
          watcher.disturbed(host, 'has exited');
        },
        slowestAct: options.slowestAct,
        failure: () => host.failure,
        defect: options.defect,
      });
      daemon = started;
    },
    crash() {
      if (power === 'off') return;
      daemon?.kill();
      daemon = null;
      power = 'off';
      watcher.disturbed(host, 'is killed');
    },
    pause() {
      if (power !== 'running') return;
      power = 'paused';
      daemon?.pause();
      watcher.disturbed(host, 'is stopped');
    },
    resume() {
      if (power !== 'paused') return;
      power = 'running';
      watcher.disturbed(host, 'goes on');
      daemon?.resume();
    },
    setLink(up) {
      linkUp = up;
      watcher.disturbed(host, `link ${up ? 'up' : 'down'}`);
      soon((to) => to.networkChanged());
    },
    setMemcached(up) {
      memcachedUp = up;
      watcher.disturbed(host, `memcached ${up ? 'up' : 'down'}`);
      soon((to) => to.look());
    },
    restartMemcached: () => watcher.disturbed(host, 'memcached restarted'),
    connectionBroke: () => soon((to) => to.ask()),
    setWeight(up) {
      weightUp = up;
      watcher.disturbed(host, `script ${up ? 'succeeds' : 'fails'}`);
      soon((to) => to.look());
    },
    setCandidate(next) {
      candidate = next;
      watcher.disturbed(host, next ? 'resume' : 'drain');
      daemon?.setCandidate(next);
    },
    shutdown() {
      watcher.disturbed(host, 'is told to terminate');
      daemon?.shutdown();
    },
    loseAddress() {
      watcher.disturbed(host, 'has its address deleted');
      vip.remove();
    },
  };
  return host;
}
