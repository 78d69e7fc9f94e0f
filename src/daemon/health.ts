/**
 * The host's own checks: every memcached is probed, every script is run, every process counted, every file read, and
 * each has one status with fall and rise. Owns the statuses; what they mean for an instance is core/track.ts's.
 */
import type { Config } from '../config/config.ts';
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

export interface Health {
  /** Throws when there is no such check. */
  status(kind: CheckKind, name: string): CheckStanding;
  /** How a memcached's copy compares with its peer's; null when nobody asks for it (`warm`). */
  comparison(memcached: string): Comparison | null;
  /** It is known otherwise that this check fails: down at once. Throws when there is no such check. */
  fail(kind: CheckKind, name: string, detail: string): void;
  stop(): void;
}

export interface HealthOptions {
  readonly config: Config;
  /** Who a script runs as; null: `script_user`. */
  readonly user: (name: string | null) => User | undefined;
  /** What is known of the memcacheds that we run ourselves, beside their answers. */
  readonly caches: Pick<Caches, 'ready' | 'unfit'>;
  /** After every result. */
  readonly onResult: (observation: CheckObservation) => void;
  /** After every result of a memcached's peer. */
  readonly onPeer: (memcached: string, comparison: ComparisonChange) => void;
}

/** The first result alone is enough, in both directions. */
const AT_ONCE: Limits = { fall: 1, rise: 1 };

/** keepalived's init_fail: down until it has risen. */
const INIT_FAIL: CheckState = { status: 'down', streak: 0, detail: 'init_fail: has not succeeded yet' };

/** Begins all checks at once. */
export function startHealth({ config, user, caches, onResult, onPeer }: HealthOptions): Health {
  const standings = new Map<string, CheckStanding>();
  const reports = new Map<string, Report>();
  const compared = new Map<string, Copies>();

  const watch = (kind: CheckKind, name: string, limits: Limits, initial: CheckState): Report => {
    const key = `${kind} ${name}`;
    standings.set(key, initial);
    const report: Report = (result, measured = {}) => {
      const before = standings.get(key)!;
      const { value } = measured;
      const after = { ...judge(limits, before, result), ...(value === undefined ? {} : { value }) };
      standings.set(key, after);
      // Before anybody is told: whoever sees the memcached up again sees its copy with it.
      const comparison = kind === 'memcached' && compared.get(name)?.localSeen(after.status, measured.copy);
      onResult({ kind, name, before, after, result, ...measured, ...(comparison && { comparison }) });
    };
    reports.set(key, report);
    return report;
  };

  const stops = [
    ...config.memcached.map((check) => () => {
      const { name } = check;
      const report = watch('memcached', name, check, UNCHECKED);
      const copies = isCompared(config, name) ? createCopies(check) : null;
      if (copies !== null) compared.set(name, copies);
      return startAfter(caches.ready(name), () =>
        copies === null
          ? startMemcached(check, report)
          : startWarmMemcached(check, copies, report, (change) => onPeer(name, change)),
      );
    }),
    ...config.scripts.map((check) => () => {
      const report = watch('script', check.name, check, check.initFail ? INIT_FAIL : UNCHECKED);
      return startScript(check, user(check.user), report);
    }),
    ...config.processes.map(
      (check) => () => startProcess(check, watch('process', check.name, AT_ONCE, UNCHECKED)),
    ),
    ...config.trackFiles.map(
      (check) => () => startFile(check, watch('file', check.name, AT_ONCE, UNCHECKED)),
    ),
  ].map((start) => start());

  return {
    status(kind, name) {
      const standing = standings.get(`${kind} ${name}`);
      if (standing === undefined) throw new Error(`no ${kind} check named ${name}`);
      return (kind === 'memcached' ? caches.unfit(name) : null) ?? standing;
    },
    fail(kind, name, detail) {
      const report = reports.get(`${kind} ${name}`);
      if (report === undefined) throw new Error(`no ${kind} check named ${name}`);
      report({ ok: false, final: true, detail });
    },
    comparison: (memcached) => compared.get(memcached)?.comparison ?? null,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** An instance wants it `warm`. */
function isCompared({ instances }: Config, memcached: string): boolean {
  return instances.some(({ trackMemcached }) =>
    trackMemcached.some(({ name, warm }) => warm && name === memcached),
  );
}
