/**
 * A reload: reads the config file, finds out whether anything on this host stands against it, applies it, and tells what
 * changed. One at a time. Whatever is wrong, nothing has changed.
 */
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { describeChanges } from '../config/diff/describe-changes.ts';
import { type Metrics, RELOAD_RESULTS } from './metrics.ts';
import type { ReadConfig } from './read-config.ts';

/** Lines of one reload that are logged; the answer has them all. */
const MOST_LOGGED = 50;

export type Reloaded =
  /** In effect; no changes when the file says what it said. */
  | { readonly refused: false; readonly changes: readonly string[]; readonly warnings: readonly string[] }
  /** Nothing has changed; a line for each reason. */
  | { readonly refused: true; readonly reasons: readonly string[] };

export interface ReloadPorts {
  readonly read: () => Promise<ReadConfig>;
  /** The configuration that is in effect. */
  readonly current: () => Config;
  /** What of a change cannot take effect while the daemon runs; a line each. */
  readonly obstacles: (next: Config) => readonly string[];
  /** Makes the change ready and gives what puts it into effect; rejects with what this host has against it. */
  readonly prepare: (next: Config) => Promise<() => Promise<void>>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Gives the function that reloads. Calls that come while one is under way are one more, all together. */
export function createReload(ports: ReloadPorts): () => Promise<Reloaded> {
  const { metrics, log } = ports;
  for (const result of RELOAD_RESULTS) metrics.configReloads.inc({ result }, 0);
  metrics.configGood.set(1);

  const refuse = (...reasons: readonly string[]): Reloaded => ({ refused: true, reasons });

  const attempt = async (): Promise<Reloaded> => {
    const read = await ports.read().catch((error: Error) => error);
    if (read instanceof Error) return refuse(read.message);
    const { config: next, problems } = read;
    if (next === null) return refuse(...problems);
    const changes = describeChanges(ports.current(), next);
    if (changes.length === 0) return { refused: false, changes, warnings: problems };
    const obstacles = ports.obstacles(next);
    if (obstacles.length > 0) return refuse(...obstacles);
    const apply = await ports.prepare(next).catch((error: Error) => error);
    if (apply instanceof Error) return refuse(apply.message);
    // Nothing is in the way any more. What fails now is a bug that leaves one thing changed and another not.
    await apply().catch((error: Error) => {
      queueMicrotask(() => {
        throw error;
      });
      throw error;
    });
    return { refused: false, changes, warnings: problems };
  };

  const reload = async (): Promise<Reloaded> => {
    const reloaded = await attempt();
    tell(reloaded, metrics, log);
    log.level = ports.current().global.logLevel;
    return reloaded;
  };

  let underWay: Promise<Reloaded> | null = null;
  let next: Promise<Reloaded> | null = null;
  const start = (): Promise<Reloaded> => {
    const started = reload().finally(() => {
      underWay = null;
    });
    underWay = started;
    return started;
  };
  return () => {
    if (underWay === null) return start();
    // The file may have changed after it was read.
    next ??= underWay.then(() => {
      next = null;
      return start();
    });
    return next;
  };
}

function tell(reloaded: Reloaded, metrics: Metrics, log: Logger): void {
  const { refused } = reloaded;
  const result = refused ? 'refused' : reloaded.changes.length === 0 ? 'unchanged' : 'applied';
  metrics.configReloads.inc({ result });
  metrics.configGood.set(refused ? 0 : 1);
  const lines = refused ? reloaded.reasons : [...reloaded.changes, ...reloaded.warnings];
  for (const line of lines.slice(0, MOST_LOGGED)) log[refused ? 'error' : 'info'](`reload: ${line}`);
  const left = lines.length > MOST_LOGGED ? `, ${lines.length - MOST_LOGGED} lines more` : '';
  if (refused) log.error(`reload: refused, nothing was changed${left}`);
  else log.info(`reload: ${result === 'unchanged' ? 'nothing changed' : 'applied'}${left}`);
}
