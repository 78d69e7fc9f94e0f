/**
 * A BACKUP rehearses a takeover. V8 compiles a function when it is called for the first time, and a host that has not been
 * MASTER yet would meet all of them in the very turn in which clients wait for it, some 3 ms of their time. Here the same
 * code takes over from a master that never was, on a clock of its own; of the host it only asks what `ip` and the kernel
 * answer without changing anything, so that those ways are warm as well.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import type { InstanceConfig, ProxyConfig } from '../config/config.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import type { Clock } from '../io/clock.ts';
import { createMetrics } from './metrics.ts';
import { observeProxy } from './observe.ts';
import type { ProxyProgram } from './proxies/program.ts';
import { createProxyRunner } from './proxies/runner.ts';
import { createVirtualRouter, type Host } from './virtual-router.ts';

/** What of it is the host's own. */
export type Stage = Pick<Host, 'arp' | 'batch' | 'links'>;

/** Changes nothing, and is never answered by `[]`; see io/ip-batch.ts. */
const QUESTION = 'addr show dev lo';
/** No interface has this index: the kernel refuses a frame for it. */
const NO_INTERFACE = 0;
/** Real ms for the whole, of which it takes some ten. */
const PATIENCE = 5_000;

const NO_PROXY: ProxyConfig = {
  name: 'rehearsal',
  listen: { host: '127.0.0.1', port: 1 },
  servers: [],
  backups: [],
  run: 'always',
  refillItems: 0,
  refillBytes: 0,
  engine: 'bundled',
  command: null,
};

/** Takes over as this instance would, and hands over again. Rejects when it comes to no end. */
export async function rehearseTakeover(
  instance: InstanceConfig,
  { arp, batch, links }: Stage,
): Promise<void> {
  const { clock, nextTimer } = stageClock();
  const metrics = createMetrics('');
  const log = pino({ base: null }, { write() {} });
  const runner = createProxyRunner({
    job: { config: NO_PROXY, program: playProxy() },
    clock,
    onEvent: (event) => observeProxy(metrics, log, NO_PROXY, event),
    onFitness() {},
  });
  const config = alone(instance);
  const router = createVirtualRouter(config, {
    ...{ clock, metrics, log },
    arp: { send: (_index, frame) => refused(() => arp.send(NO_INTERFACE, frame)) },
    batch: { run: () => batch.run(QUESTION) },
    links: {
      find: (name) => ({ name, index: NO_INTERFACE, mac: new Uint8Array(6), up: true, addresses: [] }),
      localAddress: () => links.localAddress(instance),
      socket: () => ({ send() {}, close() {} }),
      isOwn: () => false,
    },
    proxies: { find: () => runner },
    interfaces: { status: nothing },
    health: { status: nothing, comparison: nothing },
    scriptUser: () => undefined,
    routerId: () => '',
    fifo() {},
    candidate: () => true,
    begun: () => true,
    onStanding() {},
    group: () => null,
  });
  const givenUpAt = performance.now() + PATIENCE;
  const playUntil = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) {
      if (performance.now() > givenUpAt)
        throw new Error(`${instance.name}: the rehearsal of a takeover came to no end`);
      nextTimer();
      await sleep(1, undefined, { ref: false }); // what is real comes in between
    }
  };
  router.reassess();
  await playUntil(() => router.state === 'MASTER' && runner.listening);
  let stopped = false;
  void router.stop().then(() => {
    stopped = true;
  });
  await playUntil(() => stopped);
}

/** The instance as far as nothing but its peers has a say in it. */
function alone(instance: InstanceConfig): InstanceConfig {
  return {
    ...instance,
    ...{ trackPrimary: false, trackInterfaces: [], trackMemcached: [] },
    ...{ trackScripts: [], trackProcesses: [], trackFiles: [] },
    vmac: null,
    proxy: NO_PROXY.name,
    hooks: { master: null, backup: null, fault: null, stop: null, any: null },
  };
}

/** A proxy that listens as soon as it is started, and ends as soon as it is told to. */
function playProxy(): ProxyProgram {
  return {
    launch({ onListening, onEnd }) {
      setImmediate(onListening);
      return { pid: undefined, write() {}, stop: () => setImmediate(onEnd, 'SIGTERM'), kill() {} };
    },
    needsNoAddress: true,
    shut() {},
    recheck() {},
    lookOut() {},
    rest() {},
    close() {},
  };
}

/** A clock that stands still until the next timer is asked for, and then it is time for that. */
function stageClock(): { readonly clock: Clock; nextTimer(): void } {
  const timers = new Map<() => void, Millis>();
  let now: Millis = 0;
  return {
    clock: {
      now: () => now,
      at(deadline, callback) {
        const run = (): void => callback();
        timers.set(run, deadline);
        return () => timers.delete(run);
      },
    },
    nextTimer() {
      const [first] = [...timers].sort(([, a], [, b]) => a - b);
      if (first === undefined) return;
      const [run, deadline] = first;
      timers.delete(run);
      now = Math.max(now, deadline);
      run();
    },
  };
}

function refused(send: () => void): void {
  try {
    send();
  } catch {
    // ENXIO
  }
}

function nothing(): never {
  throw new Error('nothing is tracked in a rehearsal');
}
