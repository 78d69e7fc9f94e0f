/** All memcacheds that the daemon runs, by name. How each is kept running is runner.ts's. */
import { join } from 'node:path';
import type { MemcachedConfig } from '../../config/config.ts';
import type { Election } from '../../core/join.ts';
import type { CheckState } from '../../core/track.ts';
import type { Clock } from '../../io/clock.ts';
import type { CacheStatus } from '../status.ts';
import { type CacheConfig, type CacheEvent, type CacheRunner, createCacheRunner } from './runner.ts';

export interface CachesOptions {
  /** Where the processes are remembered for a successor of this daemon. */
  readonly directory: string;
  readonly clock: Clock;
  /** Who is MASTER, as the instances know it that track this memcached. */
  readonly election: (name: string) => Election;
  readonly onEvent: (config: CacheConfig, event: CacheEvent) => void;
  /** One of them became fit or unfit. */
  readonly onFitness: () => void;
}

export interface Caches {
  /**
   * These are the memcacheds from now on: those with a command are adopted or started. What runs already goes on, a
   * changed command is for its next start; what is no longer ours goes on by itself.
   */
  serve(configs: readonly MemcachedConfig[]): void;
  /** When its first answer can be expected: at once when we do not run it. */
  ready(name: string): Promise<void>;
  /** Why it counts as down whatever it answers; null: it does not. */
  unfit(name: string): CheckState | null;
  /** Null when we do not run it. */
  status(name: string): CacheStatus | null;
  /** It does not answer. */
  look(name: string): void;
  /** Those that were given up may try again. */
  forgive(): void;
  /** Minds them no more; they go on. */
  leave(): void;
}

interface Entry {
  config: CacheConfig;
  readonly runner: CacheRunner;
}

/** There are none yet. */
export function createCaches(options: CachesOptions): Caches {
  const { directory, clock, election, onEvent, onFitness } = options;
  const entries = new Map<string, Entry>();

  const add = (config: CacheConfig): void => {
    const { name } = config;
    const entry: Entry = {
      config,
      runner: createCacheRunner({
        config,
        file: recordFile(directory, name),
        clock,
        election: () => election(name),
        onEvent: (event) => onEvent(entry.config, event),
        onFitness,
      }),
    };
    entries.set(name, entry);
    entry.runner.start();
  };

  return {
    serve(configs) {
      const wanted = configs.filter(hasCommand);
      for (const [name, { runner }] of entries) {
        if (wanted.some((config) => config.name === name)) continue;
        runner.leave();
        entries.delete(name);
      }
      for (const config of wanted) {
        const entry = entries.get(config.name);
        if (entry === undefined) add(config);
        else {
          entry.config = config;
          entry.runner.change(config);
        }
      }
    },
    ready: (name) => entries.get(name)?.runner.ready ?? Promise.resolve(),
    unfit(name) {
      const fitness = entries.get(name)?.runner.fitness;
      return fitness?.status === 'down' ? fitness : null;
    },
    status(name) {
      const runner = entries.get(name)?.runner;
      if (runner === undefined) return null;
      const { pid, restarts, adopted, detail } = runner;
      return { pid, restarts, adopted, detail };
    },
    look: (name) => entries.get(name)?.runner.look(),
    forgive() {
      for (const { runner } of entries.values()) runner.forgive();
    },
    leave() {
      for (const { runner } of entries.values()) runner.leave();
    },
  };
}

/** The file that remembers the process of a memcached; names hold no blanks, but may hold a slash. */
export function recordFile(directory: string, name: string): string {
  return join(directory, `${encodeURIComponent(name)}.memcached.json`);
}

function hasCommand(config: MemcachedConfig): config is CacheConfig {
  return config.command !== null;
}
