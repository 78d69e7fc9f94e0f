/**
 * One run of the daemon on a simulated host: the real Instance, and around it what virtual-router.ts does: readiness
 * from what the host knows of itself, datagrams through the real checks, a lost address put back.
 */
import { assess, type TrackedStatus } from '../../src/core/track.ts';
import type { Ipv4, Millis, VrrpParameters } from '../../src/core/vrrp/parameters.ts';
import type { Effect, Event, Readiness } from '../../src/core/vrrp/state.ts';
import { validateAdvertisement } from '../../src/core/vrrp/validate.ts';
import { Instance, type Observation } from '../../src/daemon/instance.ts';
import type { Clock } from '../../src/io/clock.ts';
import { type Acts, createActs } from './acts.ts';
import type { Defect } from './defects.ts';
import { createEventLoop } from './event-loop.ts';
import type { Prng } from './prng.ts';
import type { VirtualAddress } from './virtual-address.ts';
import type { Scheduler } from './virtual-clock.ts';
import { type Memcached, type Pace, startWarmProbes, type WarmProbes } from './warm-probes.ts';

/** How long the first probe takes at most, in ms. */
const FIRST_PROBE: Millis = 20;
/** How long it takes to ask the kernel for its addresses, in ms. */
const QUERY: readonly [Millis, Millis] = [0.2, 1];
/** How long it takes until what it leaves for the next run is written, in ms and as a part of the advertisement interval. */
const RECORD: readonly [Millis, number] = [2, 1 / 20];
/** How late timers fire at most, in ms. */
const TIMER_LATENESS: Millis = 2;

/** What the daemon finds out about its host whenever it looks. */
export interface HostCondition {
  readonly linkUp: boolean;
  readonly memcachedUp: boolean;
  /** False: the script that the priority depends on fails. */
  readonly weightUp: boolean;
}

/** The file that outlives a killed daemon. */
export interface RunRecord {
  /** When it advertised last; null: it was not MASTER. */
  spokeAt: Millis | null;
}

/** The memcacheds whose copies are compared, and how often. */
export interface Warm extends Pace {
  readonly local: () => Memcached;
  readonly peer: () => Memcached;
}

export interface DaemonPorts {
  readonly scheduler: Scheduler;
  readonly prng: Prng;
  readonly params: VrrpParameters;
  readonly address: Ipv4;
  /** What a failing script takes off the priority. */
  readonly weight: number;
  readonly vip: VirtualAddress;
  /** What the run before has left. */
  readonly record: RunRecord;
  readonly condition: () => HostCondition;
  /** Null: no copy is compared. */
  readonly warm: Warm | null;
  /** The comparison has come out otherwise. */
  readonly compared: (isCold: boolean) => void;
  readonly send: (message: Uint8Array, destination: Ipv4, priority: number) => void;
  readonly announce: () => void;
  readonly observe: (observation: Observation) => void;
  readonly failed: (act: string) => void;
  readonly exited: () => void;
  readonly slowestAct: Millis;
  readonly failure: () => number;
  readonly defect: Defect | null;
}

export interface Daemon {
  readonly instance: Instance;
  readonly acts: Acts;
  /** The peer's copy is known to have what this one lacks. */
  readonly isCold: boolean;
  /** A connection to a memcached broke. */
  ask(): void;
  /** A probe or the monitor brings the host's condition. */
  look(): void;
  /** The kernel's addresses or links changed. */
  networkChanged(): void;
  receive(datagram: Uint8Array): void;
  /** Another host announced the address. */
  hearClaim(): void;
  setCandidate(candidate: boolean): void;
  /** SIGTERM. */
  shutdown(): void;
  pause(): void;
  resume(): void;
  /** SIGKILL. */
  kill(): void;
}

/**
 * Starts a daemon: it goes on where the one before died as MASTER, any other leftover goes first; then the checks give
 * their first results.
 */
export function startDaemon(ports: DaemonPorts): Daemon {
  const { scheduler, prng, params, vip, defect } = ports;
  const loop = createEventLoop(scheduler, prng, TIMER_LATENESS);
  let candidate = true;
  let probed = false;

  const late: Clock['at'] = (deadline, callback) =>
    loop.clock.at(instance.state.name === 'BACKUP' ? deadline + 2000 : deadline, callback);
  const recorded = (): void => {
    const spokeAt = instance.state.name === 'MASTER' ? scheduler.now : null;
    const [slow, part] = RECORD;
    loop.clock.at(scheduler.now + prng.between(0.1, slow + part * params.advertisementInterval), () => {
      ports.record.spokeAt = spokeAt;
    });
  };
  const acts = createActs({
    ...ports,
    send(message, destination, priority) {
      ports.send(message, destination, priority);
      recorded();
    },
    loop,
    params: defect === 'has no lease' ? { ...params, vipLease: null } : params,
    announce: () => defect !== 'never announces' && ports.announce(),
    slowest: ports.slowestAct,
    renews: defect !== 'never renews',
    removes: defect !== 'keeps the address',
  });
  const own = defect === 'preempts though told not to' ? { ...params, preempt: true } : params;
  const instance: Instance = new Instance(own, {
    clock: defect === 'waits too long' ? { ...loop.clock, at: late } : loop.clock,
    perform(effects: readonly Effect[], readiness: Readiness) {
      acts.perform(defect === 'does not resign' ? effects.filter(isNoResignation) : effects, readiness);
      if (defect === 'speaks as BACKUP' && instance.state.name === 'BACKUP') {
        acts.perform([{ type: 'sendAdvertisement', priority: params.priority }], readiness);
      }
    },
    observe(observation) {
      ports.observe(observation);
      if (observation.before.name !== observation.after.name) recorded();
      exitWhenDone();
    },
  });

  const exitWhenDone = (): void => {
    if (!instance.finished) return;
    if (!acts.idle) return void scheduler.at(scheduler.now + 0.5, exitWhenDone);
    loop.kill();
    ports.exited();
  };

  const readiness = (): Readiness => {
    const { linkUp, memcachedUp, weightUp } = ports.condition();
    const status = (up: boolean) => (!probed ? 'unknown' : up ? 'up' : 'down');
    const cold = daemon.isCold && defect !== 'keeps the address though cold' ? 'cold' : null;
    const decided = warm?.copies.comparison.warmth.state !== 'unknown';
    const tracked: TrackedStatus[] = [
      {
        kind: 'interface',
        name: 'eth0',
        weight: 0,
        reverse: false,
        status: linkUp ? 'up' : 'down',
        streak: 0,
        detail: 'eth0',
      },
      {
        kind: 'memcached',
        name: 'local',
        weight: 0,
        reverse: false,
        status: warm === null ? status(memcachedUp) : warm.status,
        streak: 0,
        detail: 'local',
        ...(warm !== null && { warmth: { decided, cold } }),
      },
      {
        kind: 'script',
        name: 'chk',
        weight: -ports.weight,
        reverse: false,
        status: status(weightUp),
        streak: 0,
        detail: '',
      },
    ];
    const assessed = assess(params.priority, tracked, ports.address, candidate);
    return defect === 'keeps its priority though cold'
      ? { ...assessed, priority: params.priority }
      : assessed;
  };
  const receive = (event: Event): void => {
    instance.receive(event);
    if (defect === 'storms' && instance.state.name === 'MASTER') {
      for (let i = 0; i < 100; i++) instance.receive({ type: 'timer' });
    }
  };
  const reassess = (): void => receive({ type: 'readiness', readiness: readiness() });

  let wasCold = false;
  const compared = (): void => {
    if (daemon.isCold !== wasCold) ports.compared(daemon.isCold);
    wasCold = daemon.isCold;
    reassess();
  };

  const daemon: Daemon = {
    instance,
    acts,
    get isCold() {
      return warm?.copies.comparison.warmth.behind === true;
    },
    ask: () => warm?.ask(),
    look: () => void scheduler.at(scheduler.now, () => loop.told(reassess)),
    networkChanged() {
      // The monitor's line is the alarm; the truth is asked for, and comes a little later.
      loop.told(() => {
        scheduler.at(scheduler.now + prng.between(...QUERY), () => {
          loop.told(() => {
            reassess();
            acts.restore();
          });
        });
      });
    },
    receive(datagram) {
      loop.datagram(() => {
        const verdict = validateAdvertisement(params, datagram);
        if (!verdict.ok) return;
        const { advertisement } = verdict;
        if (
          defect === 'deaf' ||
          (defect === 'ignores higher priorities' && advertisement.priority > params.priority)
        ) {
          return;
        }
        receive({ type: 'advertisement', advertisement });
      });
    },
    hearClaim() {
      loop.datagram(() => {
        const { state } = instance;
        if ('handover' in state && state.handover !== null) receive({ type: 'claim' });
      });
    },
    setCandidate(next) {
      loop.told(() => {
        candidate = next;
        reassess();
      });
    },
    shutdown: () => loop.told(() => receive({ type: 'shutdown' })),
    pause: loop.pause,
    resume() {
      if (defect === 'speaks when it wakes' && instance.state.name === 'MASTER') {
        acts.perform([{ type: 'sendAdvertisement', priority: params.priority }], instance.readiness);
      }
      loop.resume();
    },
    kill() {
      loop.kill();
      acts.kill();
    },
  };

  const warm: WarmProbes | null =
    ports.warm === null ? null : startWarmProbes({ ...ports.warm, scheduler, prng, loop, changed: compared });
  const spokeAt = defect === 'forgets what it was' ? null : ports.record.spokeAt;
  const patience = params.downTimerAdverts * params.advertisementInterval;
  if (spokeAt !== null && vip.held && scheduler.now - spokeAt < patience) {
    scheduler.at(scheduler.now, () => {
      loop.told(() => receive({ type: 'restart', spokeAt, readiness: readiness() }));
    });
  } else vip.remove();
  daemon.look();
  scheduler.at(scheduler.now + prng.between(0.5, FIRST_PROBE), () => {
    loop.told(() => {
      probed = true;
      reassess();
    });
  });
  return daemon;
}

const isNoResignation = (effect: Effect): boolean =>
  effect.type !== 'sendAdvertisement' || effect.priority > 0;
