/**
 * The host's own checks: every memcached is probed, every script is run, every process counted, every file read, and
 * each has one status with fall and rise. Owns the statuses; what they mean for an instance is core/track.ts's.
 */
import type { Config } from '../config/config.ts';
import { same } from '../config/diff/same.ts';
import { type CheckResult, type CheckState, judge, type Limits, UNCHECKED } from '../core/track.ts';
import type { User } from '../io/user.ts';
import type { Caches } from './caches/caches.ts';
import { startFile } from './checks/file.ts';
import { startMemcached } from './checks/memcached.ts';
import { startProcess } from './checks/process.ts';
import type { Measured, Report } from './checks/report.ts';
import { startScript } from './checks/script.ts';
import { startAfter } from './checks/start-after.ts';
import {
  type Comparison,
  type ComparisonChange,
  type Copies,
  createCopies,
  startWarmMemcached,
} from './checks/warm-memcached.ts';

export type CheckKind = 'memcached' | 'script' | 'process' | 'file';

/** One result, for the log and the metrics. */
export interface CheckObservation extends Measured {
  readonly kind: CheckKind;
  readonly name: string;
  readonly before: CheckStanding;
  readonly after: CheckStanding;
  readonly result: CheckResult;
  /** Of a memcached whose copy is compared with its peer's. */
  readonly comparison?: ComparisonChange;
}

/** Where a check stands; `value` is a track_file's number. */
export interface CheckStanding extends CheckState {
  readonly value?: number;
}

/** The part of the configuration that is ours. */
export type Checks = Pick<Config, 'memcached' | 'scripts' | 'processes' | 'trackFiles' | 'instances'>;

export interface Health {
  /** Before the first `serve`: where checks stood a moment ago, in a run that has died; as `standings` has it. */
  inherit(standings: ReadonlyMap<string, CheckStanding>): void;
  /**
   * These are the checks from now on; `user` says who a script runs as (null: `script_user`). One that is as it was
   * goes on undisturbed; one that is changed begins anew and stands where it stood until its results say otherwise.
   */
  serve(checks: Checks, user: (name: string | null) => User | undefined): void;
  /** Where all of them stand, by kind and name. */
  readonly standings: ReadonlyMap<string, CheckStanding>;
  /** Throws when there is no such check. */
  status(kind: CheckKind, name: string): CheckStanding;
  /** How a memcached's copy compares with its peer's; null when nobody asks for it (`warm`). */
  comparison(memcached: string): Comparison | null;
  /** It is known otherwise that this check fails: down at once. Throws when there is no such check. */
  fail(kind: CheckKind, name: string, detail: string): void;
  stop(): void;
}

export interface HealthOptions {
  /** What is known of the memcacheds that we run ourselves, beside their answers. */
  readonly caches: Pick<Caches, 'ready' | 'unfit'>;
  /** After every result. */
  readonly onResult: (observation: CheckObservation) => void;
  /** After every result of a memcached's peer. */
  readonly onPeer: (memcached: string, comparison: ComparisonChange) => void;
  /** After a check was ended for good. */
  readonly onGone: (kind: CheckKind, name: string) => void;
}

/** A check as it is wanted; `definition` is everything that it depends on. */
interface Wanted {
  readonly kind: CheckKind;
  readonly name: string;
  readonly definition: unknown;
  readonly limits: Limits;
  readonly initial: CheckState;
  /** Its copy is compared with its peer's. */
  readonly compared?: boolean;
  readonly start: (report: Report, copies: Copies | null) => () => void;
}

interface Running extends Wanted {
  readonly report: Report;
  readonly copies: Copies | null;
  readonly stop: () => void;
}

/** The first result alone is enough, in both directions. */
const AT_ONCE: Limits = { fall: 1, rise: 1 };

/** keepalived's init_fail: down until it has risen. */
const INIT_FAIL: CheckState = { status: 'down', streak: 0, detail: 'init_fail: has not succeeded yet' };

/** Checks nothing yet. */
export function createHealth({ caches, onResult, onPeer, onGone }: HealthOptions): Health {
  const standings = new Map<string, CheckStanding>();
  let running: ReadonlyMap<string, Running> = new Map();

  const reportOf =
    ({ kind, name, limits }: Wanted, copies: Copies | null): Report =>
    (result, measured = {}) => {
      const key = keyOf(kind, name);
      const before = standings.get(key)!;
      const { value } = measured;
      const after = { ...judge(limits, before, result), ...(value === undefined ? {} : { value }) };
      standings.set(key, after);
      // Before anybody is told: whoever sees the memcached up again sees its copy with it.
      const comparison = copies?.localSeen(after.status, measured.copy);
      onResult({ kind, name, before, after, result, ...measured, ...(comparison && { comparison }) });
    };

  const begin = (wanted: Wanted, before: Running | undefined): Running => {
    const key = keyOf(wanted.kind, wanted.name);
    standings.set(key, standings.get(key) ?? wanted.initial);
    const copies = wanted.compared ? createCopies(wanted.limits, before?.copies?.comparison) : null;
    const report = reportOf(wanted, copies);
    return { ...wanted, report, copies, stop: wanted.start(report, copies) };
  };

  const wantedChecks = (
    { memcached, scripts, processes, trackFiles, instances }: Checks,
    userOf: (name: string | null) => User | undefined,
  ): Wanted[] => [
    ...memcached.map((check): Wanted => {
      const { name, peer } = check;
      const compared = isCompared(instances, name);
      const definition = { ...check, peer: compared ? peer : null, command: null };
      return {
        ...{ kind: 'memcached', name, definition, limits: check, initial: UNCHECKED, compared },
        start: (report, copies) =>
          startAfter(caches.ready(name), () =>
            copies === null
              ? startMemcached(check, report)
              : startWarmMemcached(check, copies, report, (change) => onPeer(name, change)),
          ),
      };
    }),
    ...scripts.map((check): Wanted => {
      const { name, initFail } = check;
      const user = userOf(check.user);
      return {
        ...{ kind: 'script', name, definition: { check, user }, limits: check },
        initial: initFail ? INIT_FAIL : UNCHECKED,
        start: (report) => startScript(check, user, report),
      };
    }),
    ...processes.map(
      (check): Wanted => ({
        ...{ kind: 'process', name: check.name, definition: check, limits: AT_ONCE, initial: UNCHECKED },
        start: (report) => startProcess(check, report),
      }),
    ),
    ...trackFiles.map(
      (check): Wanted => ({
        ...{ kind: 'file', name: check.name, definition: check, limits: AT_ONCE, initial: UNCHECKED },
        start: (report) => startFile(check, report),
      }),
    ),
  ];

  return {
    inherit(inherited) {
      for (const [key, standing] of inherited) standings.set(key, standing);
    },
    serve(checks, user) {
      const before = running;
      const wanted = new Map(
        wantedChecks(checks, user).map((check) => [keyOf(check.kind, check.name), check]),
      );
      const goesOn = ([key, { definition }]: readonly [string, Running]): boolean =>
        wanted.has(key) && same(wanted.get(key)!.definition, definition);
      const kept = new Map([...before].filter(goesOn));
      for (const [key, { stop }] of before) if (!kept.has(key)) stop();
      running = new Map(
        [...wanted].map(([key, check]) => [key, kept.get(key) ?? begin(check, before.get(key))]),
      );
      for (const key of standings.keys()) if (!running.has(key)) standings.delete(key);
      for (const [key, { kind, name }] of before) if (!running.has(key)) onGone(kind, name);
    },
    standings,
    status(kind, name) {
      const standing = standings.get(keyOf(kind, name));
      if (standing === undefined) throw new Error(`no ${kind} check named ${name}`);
      return (kind === 'memcached' ? caches.unfit(name) : null) ?? standing;
    },
    fail(kind, name, detail) {
      const check = running.get(keyOf(kind, name));
      if (check === undefined) throw new Error(`no ${kind} check named ${name}`);
      check.report({ ok: false, final: true, detail });
    },
    comparison: (memcached) => running.get(keyOf('memcached', memcached))?.copies?.comparison ?? null,
    stop() {
      for (const { stop } of running.values()) stop();
    },
  };
}

const keyOf = (kind: CheckKind, name: string): string => `${kind} ${name}`;

/** An instance wants it `warm`. */
function isCompared(instances: Config['instances'], memcached: string): boolean {
  return instances.some(({ trackMemcached }) =>
    trackMemcached.some(({ name, warm }) => warm && name === memcached),
  );
}
