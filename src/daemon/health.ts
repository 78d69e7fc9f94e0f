/**
 * The host's own checks: every memcached is probed, every script is run, and each has one status with fall and rise.
 * Owns the schedule and the statuses; what a status means for an instance is core/track.ts's.
 */
import type { Config, MemcachedConfig, ScriptConfig } from '../config/config.ts';
import type { Stats } from '../core/memcached-stats.ts';
import { type CheckResult, type CheckState, judge, UNCHECKED } from '../core/track.ts';
import { type RunningCommand, runCommand } from '../io/command.ts';
import { startMemcachedProbe } from '../io/memcached-probe.ts';
import type { User } from '../io/user.ts';

/** One result, for the log and the metrics. */
export interface CheckObservation {
  readonly kind: 'memcached' | 'script';
  readonly name: string;
  readonly before: CheckState;
  readonly after: CheckState;
  readonly result: CheckResult;
  /** From a memcached that answered. */
  readonly stats?: Stats;
  readonly tookSeconds?: number;
}

export interface Health {
  /** Throws when there is no such check. */
  status(kind: 'memcached' | 'script', name: string): CheckState;
  stop(): void;
}

export interface HealthOptions {
  readonly config: Config;
  readonly user: User | undefined;
  /** After every result. */
  readonly onResult: (observation: CheckObservation) => void;
}

/** Begins all checks at once. */
export function startHealth({ config, user, onResult }: HealthOptions): Health {
  const statuses = new Map<string, CheckState>();
  const stops: (() => void)[] = [];

  const watch = (kind: CheckObservation['kind'], check: MemcachedConfig | ScriptConfig) => {
    const key = `${kind} ${check.name}`;
    statuses.set(key, UNCHECKED);
    return (result: CheckResult, measured: { stats?: Stats; tookSeconds?: number } = {}): void => {
      const before = statuses.get(key)!;
      const after = judge(check, before, result);
      statuses.set(key, after);
      onResult({ kind, name: check.name, before, after, result, ...measured });
    };
  };

  for (const memcached of config.memcached) {
    const report = watch('memcached', memcached);
    const probe = startMemcachedProbe({
      ...memcached.address,
      interval: memcached.interval,
      timeout: memcached.timeout,
      onResult: (result) => {
        const { stats, took } = result;
        report(result, stats === undefined || took === undefined ? {} : { stats, tookSeconds: took / 1000 });
      },
    });
    stops.push(probe.stop);
  }
  for (const script of config.scripts) stops.push(startScript(script, user, watch('script', script)));

  return {
    status(kind, name) {
      const status = statuses.get(`${kind} ${name}`);
      if (status === undefined) throw new Error(`no ${kind} check named ${name}`);
      return status;
    },
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Runs one script every interval, never two at a time. Fails closed: one that cannot be run is a failing script. */
function startScript(
  { script, interval, timeout }: ScriptConfig,
  user: User | undefined,
  report: (result: CheckResult) => void,
): () => void {
  let running: RunningCommand | null = null;
  let stopped = false;
  const run = async (): Promise<void> => {
    if (running !== null) return;
    running = runCommand({ command: script, timeout, user, env: {} });
    const { outcome, how, output } = await running.result;
    running = null;
    if (stopped) return;
    const said = output === '' ? '' : `: ${output.split('\n', 1)[0]}`;
    report(outcome === 'success' ? { ok: true } : { ok: false, final: false, detail: `${how}${said}` });
  };
  const timer = setInterval(() => void run(), interval);
  void run();
  return () => {
    stopped = true;
    clearInterval(timer);
    running?.kill();
  };
}
