/**
 * A supervised proxy: started and stopped on demand, started again when it dies, given up when it keeps dying.
 * When to do what is decided by core/supervise.ts; whether it is up is asked of the kernel's listening sockets.
 */
import type { ProxyConfig } from '../config/config.ts';
import { type Decision, onDeath, UNTROUBLED } from '../core/supervise.ts';
import type { CheckState } from '../core/track.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { type Child, startChild } from '../io/child.ts';
import type { Clock } from '../io/clock.ts';
import { isListening } from '../io/listening.ts';

/** How long a proxy may take from its start until it listens. */
const START_DEADLINE: Millis = 10_000;
/** Between two looks whether it listens. */
const LOOK_AGAIN: Millis = 10;

/** What the daemon logs and counts. */
export type ProxyEvent =
  | { readonly type: 'started'; readonly pid: number | undefined }
  | { readonly type: 'listening'; readonly took: Millis }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'died'; readonly how: string; readonly decision: Decision }
  | { readonly type: 'stopped' }
  | { readonly type: 'forgiven' };

export interface ProxyRunnerOptions {
  readonly config: ProxyConfig;
  readonly clock: Clock;
  readonly onEvent: (event: ProxyEvent) => void;
  /** Its fitness changed: a fault began or ended. */
  readonly onFitness: () => void;
}

export interface ProxyRunner {
  start(): void;
  stop(): void;
  /** Stops it and resolves when it has ended; bounded by the grace of io/child.ts. */
  end(): Promise<void>;
  /** Ends a fault now. */
  forgive(): void;
  /** Always running, whoever is MASTER: `start` and `stop` are not the election's. */
  readonly standby: boolean;
  /** `down` only while it is given up: a proxy that is not wanted is no fault. */
  readonly fitness: CheckState;
  readonly listening: boolean;
  readonly pid: number | undefined;
  readonly restarts: number;
}

const FIT: CheckState = { status: 'up', streak: 0, detail: '' };

export function createProxyRunner({ config, clock, onEvent, onFitness }: ProxyRunnerOptions): ProxyRunner {
  let wanted = false;
  let child: Child | null = null;
  let listening = false;
  let stopping = false;
  let hopeless = false;
  let restarts = 0;
  let supervision = UNTROUBLED;
  let fitness = FIT;
  let cancelPause: () => void = () => {};

  const launch = (): void => {
    const startedAt = clock.now();
    listening = false;
    stopping = false;
    hopeless = false;
    const launched = startChild({
      command: config.command!,
      onLine: (line) => onEvent({ type: 'line', line }),
      onEnd: (how) => ended(launched, how),
    });
    child = launched;
    onEvent({ type: 'started', pid: launched.pid });
    void awaitListening(launched, startedAt);
  };

  const awaitListening = async (launched: Child, startedAt: Millis): Promise<void> => {
    while (child === launched && wanted) {
      if (await isListening(config.listen.host, config.listen.port)) {
        if (child !== launched) return;
        listening = true;
        onEvent({ type: 'listening', took: clock.now() - startedAt });
        return;
      }
      if (clock.now() - startedAt > START_DEADLINE) {
        onEvent({ type: 'line', line: `does not listen after ${START_DEADLINE} ms, stopping it` });
        hopeless = true;
        launched.stop();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    }
  };

  const ended = (which: Child, how: string): void => {
    if (child !== which) return;
    child = null;
    listening = false;
    if (stopping) {
      onEvent({ type: 'stopped' });
      if (wanted) launch();
      return;
    }
    const decision = onDeath(supervision, clock.now(), hopeless);
    supervision = decision.supervision;
    onEvent({ type: 'died', how, decision });
    if (decision.action === 'fault') {
      const minutes = Math.round(decision.pause / 60_000);
      fitness = { status: 'down', streak: 0, detail: `keeps dying (${how}), given up for ${minutes} min` };
      cancelPause = clock.at(clock.now() + decision.pause, forgive);
      onFitness();
    } else if (decision.pause === 0) {
      restarts++;
      launch();
    } else {
      cancelPause = clock.at(clock.now() + decision.pause, () => {
        restarts++;
        launch();
      });
    }
  };

  const forgive = (): void => {
    if (fitness.status === 'up') return;
    cancelPause();
    fitness = FIT;
    onEvent({ type: 'forgiven' });
    if (wanted) launch();
    onFitness();
  };

  const runner: ProxyRunner = {
    start() {
      if (wanted) return;
      wanted = true;
      if (child === null && fitness.status === 'up') launch();
    },
    stop() {
      if (!wanted) return;
      wanted = false;
      listening = false;
      stopping = true;
      if (fitness.status === 'up') cancelPause();
      child?.stop();
    },
    async end() {
      runner.stop();
      while (child !== null) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    },
    forgive,
    standby: config.run === 'always',
    get fitness() {
      return fitness;
    },
    get listening() {
      return listening;
    },
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
  };
  return runner;
}
