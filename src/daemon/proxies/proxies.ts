/** All proxies by name. Owns who there is; when one runs is decided by the elections, how it is kept running by runner.ts. */
import type { ProxyConfig } from '../../config/config.ts';
import { same } from '../../config/diff/same.ts';
import type { Clock } from '../../io/clock.ts';
import type { ProxyProgram } from './program.ts';
import { createProxyRunner, type ProxyEvent, type ProxyJob, type ProxyRunner } from './runner.ts';

export interface ProxiesOptions {
  readonly clock: Clock;
  /** Throws when it cannot be run here. */
  readonly createProgram: (config: ProxyConfig) => ProxyProgram;
  readonly onAdded: (config: ProxyConfig) => void;
  readonly onGone: (config: ProxyConfig) => void;
  readonly onEvent: (config: ProxyConfig, event: ProxyEvent) => void;
  /** One of them became fit or unfit. */
  readonly onFitness: () => void;
}

/** What is to become of the proxies; nothing has changed yet. */
export interface PreparedProxies {
  /** From now on these are the proxies. One that is as it was goes on undisturbed; those that are no more are ended. */
  commit(): void;
  /** Lets go of what was made ready. */
  discard(): void;
}

export interface Proxies {
  /** Makes the programs of those that are new or changed; throws when one cannot be run here. */
  prepare(configs: readonly ProxyConfig[]): PreparedProxies;
  find(name: string): ProxyRunner | undefined;
  readonly all: readonly { readonly config: ProxyConfig; readonly runner: ProxyRunner }[];
  /** Ends those that are not among these and resolves when they have; bounded. */
  retire(names: ReadonlySet<string>): Promise<void>;
}

interface Entry {
  config: ProxyConfig;
  readonly runner: ProxyRunner;
}

/** There are none yet. */
export function createProxies(options: ProxiesOptions): Proxies {
  const entries = new Map<string, Entry>();

  const add = (job: ProxyJob): void => {
    const entry: Entry = {
      config: job.config,
      runner: createProxyRunner({
        job,
        clock: options.clock,
        onEvent: (event) => options.onEvent(entry.config, event),
        onFitness: options.onFitness,
      }),
    };
    entries.set(job.config.name, entry);
    options.onAdded(job.config);
  };

  return {
    prepare(configs) {
      const jobs: ProxyJob[] = [];
      const discard = (): void => {
        for (const { program } of jobs) program.close();
      };
      try {
        for (const config of configs) {
          if (same(entries.get(config.name)?.config, config)) continue;
          jobs.push({ config, program: options.createProgram(config) });
        }
      } catch (error) {
        discard();
        throw error;
      }
      return {
        commit() {
          for (const job of jobs) {
            const known = entries.get(job.config.name);
            if (known === undefined) add(job);
            else {
              known.config = job.config;
              known.runner.change(job);
            }
          }
        },
        discard,
      };
    },
    find: (name) => entries.get(name)?.runner,
    get all() {
      return [...entries.values()];
    },
    async retire(names) {
      const gone = [...entries].filter(([name]) => !names.has(name));
      await Promise.all(gone.map(([, { runner }]) => runner.end()));
      for (const [name, { config }] of gone) {
        entries.delete(name);
        options.onGone(config);
      }
    },
  };
}
