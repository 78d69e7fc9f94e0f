/**
 * A supervised proxy: started and stopped on demand, started again when it dies, given up when it keeps dying.
 * When to start it again is supervisor.ts's; what is started, and how it tells that it listens, is program.ts's.
 */
import type { ProxyReport } from '../../config/bundled-proxy.ts';
import type { ProxyConfig } from '../../config/config.ts';
import type { Decision } from '../../core/supervise.ts';
import type { CheckState } from '../../core/track.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { Child } from '../../io/child.ts';
import type { Clock } from '../../io/clock.ts';
import { createSupervisor } from '../supervisor.ts';
import type { ProxyProgram } from './program.ts';

/** How long a proxy may take from its start until it listens. */
const START_DEADLINE: Millis = 10_000;
/** Between two looks whether it has ended. */
const LOOK_AGAIN: Millis = 10;

/** What the daemon logs and counts. */
export type ProxyEvent =
  /** An election wants it here from now on, or does not any more. */
  | { readonly type: 'wanted'; readonly wanted: boolean }
  | { readonly type: 'started'; readonly pid: number | undefined }
  | { readonly type: 'listening'; readonly took: Millis }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'report'; readonly report: ProxyReport }
  /** Its clients wait for a copy that was silent; it says so in its log. */
  | { readonly type: 'searching' }
  | { readonly type: 'died'; readonly how: string; readonly decision: Decision }
  | { readonly type: 'stopped' }
  | { readonly type: 'forgiven' };

/** What is run, and when. */
export interface ProxyJob {
  readonly config: ProxyConfig;
  readonly program: ProxyProgram;
}

export interface ProxyRunnerOptions {
  readonly job: ProxyJob;
  readonly clock: Clock;
  readonly onEvent: (event: ProxyEvent) => void;
  /** Its fitness changed: a fault began or ended. */
  readonly onFitness: () => void;
}

export interface ProxyRunner {
  start(): void;
  /** Starts it if it needs no address to be here. */
  startEarly(): void;
  /** Resolves when it takes clients, when none is to be expected, and after `atMost` in any case. */
  ready(atMost: Millis): Promise<void>;
  stop(): void;
  /** Resolves when it does not run any more, after `atMost` in any case. */
  ended(atMost: Millis): Promise<void>;
  /** Stops it and resolves when it has ended; bounded by the grace of io/child.ts. */
  end(): Promise<void>;
  /** Ends a fault now. */
  forgive(): void;
  /** Runs this instead from now on: what runs is stopped, and the new one started where it is wanted. */
  change(job: ProxyJob): void;
  /**
   * Always running, whoever is MASTER: `start` and `stop` are not the election's. The bundled proxy is always the
   * election's: what `run: always` keeps of it on a BACKUP is its spare.
   */
  readonly independent: boolean;
  /** `down` only while it is given up: a proxy that is not wanted is no fault. */
  readonly fitness: CheckState;
  readonly listening: boolean;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** What the bundled proxy said last of its copies; null: not running, or another program. */
  readonly report: ProxyReport | null;
  /** Another master was heard; one that is about to be started is told then. */
  recheck(): void;
  /** The master is late: what stands by gets ready for its place. */
  lookOut(): void;
}

export function createProxyRunner({ job, clock, onEvent, onFitness }: ProxyRunnerOptions): ProxyRunner {
  let { config, program } = job;
  let wanted = false;
  let closed = false;
  let child: Child | null = null;
  let listening = false;
  let stopping = false;
  let hopeless = false;
  let report: ProxyReport | null = null;
  /** Another master was heard before it was started. */
  let recheckDue = false;
  let cancelDeadline: () => void = () => {};
  let gone: () => void = () => {};
  let came: () => void = () => {};

  const want = (now: boolean): void => {
    wanted = now;
    onEvent({ type: 'wanted', wanted });
  };

  const launch = (): void => {
    const startedAt = clock.now();
    listening = false;
    stopping = false;
    hopeless = false;
    const launched = program.launch({
      onLine: (line) => onEvent({ type: 'line', line }),
      onListening() {
        if (child !== launched || !wanted || stopping) return;
        cancelDeadline();
        listening = true;
        came();
        onEvent({ type: 'listening', took: clock.now() - startedAt });
      },
      onReport(told) {
        if (child !== launched) return;
        report = told;
        onEvent({ type: 'report', report });
      },
      onSearch: () => onEvent({ type: 'searching' }),
      onEnd: (how) => ended(launched, how),
    });
    child = launched;
    if (recheckDue) program.recheck(launched);
    recheckDue = false;
    onEvent({ type: 'started', pid: launched.pid });
    cancelDeadline = clock.at(startedAt + START_DEADLINE, () => {
      onEvent({ type: 'line', line: `does not listen after ${START_DEADLINE} ms, stopping it` });
      hopeless = true;
      launched.stop();
    });
  };

  const ended = (which: Child, how: string): void => {
    if (child !== which) return;
    child = null;
    listening = false;
    report = null;
    cancelDeadline();
    gone();
    if (stopping) {
      onEvent({ type: 'stopped' });
      if (wanted) launch();
      else program.shut();
      return;
    }
    supervisor.died(how, hopeless);
  };

  const supervisor = createSupervisor({
    clock,
    onDied(how, decision) {
      if (decision.action !== 'restart') program.shut();
      onEvent({ type: 'died', how, decision });
    },
    launch,
    onForgiven() {
      onEvent({ type: 'forgiven' });
      if (wanted) launch();
    },
    onFitness,
  });

  const stopChild = (): void => {
    listening = false;
    stopping = true;
    child?.stop();
  };

  const runner: ProxyRunner = {
    start() {
      if (wanted || closed) return;
      want(true);
      if (child === null && supervisor.fitness.status === 'up') launch();
    },
    startEarly() {
      if (program.needsNoAddress) runner.start();
    },
    ready(atMost) {
      if (child === null || listening) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.at(clock.now() + atMost, resolve);
        came = () => {
          cancel();
          resolve();
        };
      });
    },
    stop() {
      recheckDue = false;
      if (!wanted) return;
      want(false);
      program.rest();
      supervisor.rest();
      if (child === null) program.shut();
      stopChild();
    },
    ended(atMost) {
      if (child === null) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.at(clock.now() + atMost, resolve);
        gone = () => {
          cancel();
          resolve();
        };
      });
    },
    async end() {
      closed = true;
      runner.stop();
      program.close();
      while (child !== null) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
    },
    forgive: supervisor.forgive,
    change(next) {
      program.close();
      ({ config, program } = next);
      cancelDeadline();
      const before = child;
      supervisor.reset();
      if (before !== null) stopChild();
      else if (child === null && wanted) launch();
    },
    get independent() {
      return config.run === 'always' && config.engine !== 'bundled';
    },
    get fitness() {
      return supervisor.fitness;
    },
    get listening() {
      return listening;
    },
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return supervisor.restarts;
    },
    get report() {
      return report;
    },
    recheck() {
      // One that is about to end is not the one that will serve.
      if (child === null || stopping) recheckDue = true;
      else program.recheck(child);
    },
    lookOut() {
      if (!wanted && !closed) program.lookOut();
    },
  };
  return runner;
}
