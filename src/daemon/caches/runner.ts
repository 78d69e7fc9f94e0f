/**
 * A memcached or repcached that the daemon runs: adopted from a predecessor or started, started again when it dies,
 * given up when it keeps dying, and left running when the daemon ends, because its end is the end of what it holds.
 * It ends one itself only to have it join its peer, where core/join.ts says that nothing is lost by it.
 */
import type { Command, MemcachedConfig } from '../../config/config.ts';
import { namesPeer, withPeer } from '../../config/placeholders.ts';
import type { Election, JoinVerdict } from '../../core/join.ts';
import type { Decision } from '../../core/supervise.ts';
import type { CheckState } from '../../core/track.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import { readRecord, removeRecord, writeRecord } from '../../io/child-record.ts';
import type { Clock } from '../../io/clock.ts';
import { startLastingChild } from '../../io/lasting-child.ts';
import { isListening } from '../../io/listening.ts';
import { identify, isAlive } from '../../io/process-identity.ts';
import { createSupervisor } from '../supervisor.ts';
import { reachPeer, watchCache } from './watch.ts';

/** Between two looks at what we are not the parent of: one that was adopted, or somebody else's. */
const LOOK: Millis = 1_000;

/** What the daemon logs and counts. */
export type CacheEvent =
  | { readonly type: 'started'; readonly pid: number | undefined; readonly command: Command }
  /** A predecessor had started it. `changed`: with another command than the configuration has now. */
  | { readonly type: 'adopted'; readonly pid: number; readonly changed: boolean }
  /** Something that we did not start listens at its address. */
  | { readonly type: 'taken' }
  | { readonly type: 'listening'; readonly took: Millis }
  | { readonly type: 'slow'; readonly age: Millis }
  | { readonly type: 'partner'; readonly partner: boolean }
  /** It serves alone although another host is MASTER. */
  | { readonly type: 'stranded' }
  /** It is ended, to be started anew. */
  | { readonly type: 'again' }
  | { readonly type: 'hidden'; readonly error: string }
  | { readonly type: 'unrecorded'; readonly error: string }
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'died'; readonly how: string; readonly decision: Decision }
  | { readonly type: 'forgiven' }
  | { readonly type: 'left'; readonly pid: number };

/** A memcached with a command. */
export type CacheConfig = MemcachedConfig & { readonly command: Command };

export interface CacheRunnerOptions {
  readonly config: CacheConfig;
  /** Where the process is remembered for a successor. */
  readonly file: string;
  readonly clock: Clock;
  /** Who is MASTER, as the instances know it that track it. */
  readonly election: () => Election;
  readonly onEvent: (event: CacheEvent) => void;
  /** Its fitness changed. */
  readonly onFitness: () => void;
}

export interface CacheRunner {
  /** Adopts the process that a predecessor left, or starts one. */
  start(): void;
  /** For the next start; what runs goes on. */
  change(config: CacheConfig): void;
  /** It does not answer: is it still there? */
  look(): void;
  /** Ends a fault now. */
  forgive(): void;
  /** Minds it no more; it goes on. */
  leave(): void;
  /** When it first listens, or it is known that this takes longer. */
  readonly ready: Promise<void>;
  /** `down` while it is given up, and while it is stranded. */
  readonly fitness: CheckState;
  readonly pid: number | null;
  /** A predecessor started it. */
  readonly adopted: boolean;
  readonly restarts: number;
  /** For people; empty when all is well. */
  readonly detail: string;
}

interface Running {
  readonly pid: number | undefined;
  readonly adopted: boolean;
  /** We are ending it, to start it anew. */
  ending: boolean;
}

const FIT: CheckState = { status: 'up', streak: 0, detail: '' };

export function createCacheRunner(options: CacheRunnerOptions): CacheRunner {
  const { file, clock, election, onEvent, onFitness } = options;
  let { config } = options;
  let closed = false;
  let running: Running | null = null;
  let taken = false;
  let alone = false;
  let attempts = 0;
  let stranded = FIT;
  let stopWatch: () => void = () => {};
  let cancelLook: () => void = () => {};
  let lookAtAdopted: () => void = () => {};
  let beReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    beReady = resolve;
  });

  const begin = async (): Promise<void> => {
    const { host, port } = config.address;
    const occupied = await isListening(host, port);
    const joining = !occupied && (await peerIsThere());
    if (closed) return;
    if (occupied) return waitForAddress();
    taken = false;
    if (!joining) setStranded(false);
    launch(withPeer(config.command, joining ? config.peer!.host : null), joining);
  };

  /** A host that is not there would keep a repcached waiting for TCP, for 3 s to 2 min, before it serves. */
  const peerIsThere = async (): Promise<boolean> =>
    namesPeer(config.command) && (election() === 'other' || (await reachPeer(config)) !== 'silent');

  const waitForAddress = (): void => {
    if (!taken) onEvent({ type: 'taken' });
    taken = true;
    setStranded(false);
    beReady();
    cancelLook = clock.at(clock.now() + LOOK, () => void begin());
  };

  const launch = (command: Command, joining: boolean): void => {
    const child = startLastingChild({
      command,
      onLine: (line) => onEvent({ type: 'line', line }),
      onEnd: (how) => ended(launched, how),
    });
    const launched: Running = { pid: child.pid, adopted: false, ending: false };
    running = launched;
    onEvent({ type: 'started', pid: child.pid, command });
    if (child.pid === undefined) return;
    record(child.pid);
    watch(child.pid, true, joining, (verdict) => {
      if (verdict === 'settled') attempts = 0;
      // While it is started anew it is no fitter than before.
      if (verdict !== 'again') return setStranded(verdict === 'stranded');
      attempts++;
      launched.ending = true;
      onEvent({ type: 'again' });
      child.stop();
    });
  };

  const watch = (
    pid: number,
    fresh: boolean,
    joining: boolean,
    onVerdict: (verdict: JoinVerdict) => void,
  ): void => {
    stopWatch = watchCache({
      ...{ config, pid, startedAt: clock.now(), fresh, joining, attempts, clock, election, onVerdict },
      onListening(took) {
        onEvent({ type: 'listening', took });
        beReady();
      },
      onSlow(age) {
        onEvent({ type: 'slow', age });
        beReady();
      },
      onPartner(partner) {
        alone = !partner;
        onEvent({ type: 'partner', partner });
      },
      onHidden(error) {
        onEvent({ type: 'hidden', error: error.message });
        setStranded(false);
      },
    });
  };

  const record = (pid: number): void => {
    const identity = identify(pid);
    try {
      if (identity !== null) writeRecord(file, { ...identity, command: config.command });
    } catch (error) {
      onEvent({ type: 'unrecorded', error: (error as Error).message });
    }
  };

  const adopt = (): boolean => {
    const found = readRecord(file);
    if (found === null || !isAlive(found)) return false;
    const { pid, command } = found;
    const adopted: Running = { pid, adopted: true, ending: false };
    running = adopted;
    lookAtAdopted = () => {
      cancelLook();
      if (isAlive(found)) cancelLook = clock.at(clock.now() + LOOK, lookAtAdopted);
      else ended(adopted, 'it is gone');
    };
    onEvent({ type: 'adopted', pid, changed: command.join('\0') !== config.command.join('\0') });
    beReady();
    watch(pid, false, false, () => {});
    lookAtAdopted();
    return true;
  };

  const ended = (which: Running, how: string): void => {
    if (running !== which) return;
    running = null;
    alone = false;
    stopWatch();
    if (closed) return;
    removeRecord(file);
    if (which.ending) return void begin();
    setStranded(false);
    beReady();
    supervisor.died(how, false);
  };

  const setStranded = (now: boolean): void => {
    if (now === (stranded.status === 'down')) return;
    const detail = `serves alone, is to become the slave of ${config.peer?.host}`;
    stranded = now ? { status: 'down', streak: 0, detail } : FIT;
    if (now) onEvent({ type: 'stranded' });
    onFitness();
  };

  const supervisor = createSupervisor({
    clock,
    onDied: (how, decision) => onEvent({ type: 'died', how, decision }),
    launch: () => void begin(),
    onForgiven() {
      if (closed) return;
      onEvent({ type: 'forgiven' });
      void begin();
    },
    onFitness,
  });

  return {
    start() {
      if (!adopt()) void begin();
    },
    change(next) {
      config = next;
    },
    look() {
      if (running?.adopted === true) lookAtAdopted();
    },
    forgive: supervisor.forgive,
    leave() {
      closed = true;
      stopWatch();
      cancelLook();
      supervisor.rest();
      if (running?.pid !== undefined) onEvent({ type: 'left', pid: running.pid });
    },
    ready,
    get fitness() {
      return supervisor.fitness.status === 'down' ? supervisor.fitness : stranded;
    },
    get pid() {
      return running?.pid ?? null;
    },
    get adopted() {
      return running?.adopted ?? false;
    },
    get restarts() {
      return supervisor.restarts;
    },
    get detail() {
      if (this.fitness.status === 'down') return this.fitness.detail;
      if (taken) return 'something else listens at its address';
      return alone ? 'has no partner' : '';
    },
  };
}
