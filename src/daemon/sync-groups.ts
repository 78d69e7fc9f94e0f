/** All sync groups, and the hooks of each. A group whose members change begins anew; its hooks go on. */
import type { SyncGroupConfig } from '../config/config.ts';
import { same } from '../config/diff/same.ts';
import type { HookRunner } from './hooks.ts';
import { createSyncGroup, type Member, type SyncGroup } from './sync-group.ts';

export interface SyncGroups {
  /** These are the groups from now on. */
  serve(configs: readonly SyncGroupConfig[]): void;
  /** The group that an instance is a member of. */
  of(instance: string): SyncGroup | null;
  /** Waits for the hooks that are under way; bounded. */
  finish(): Promise<void>;
}

interface Entry {
  config: SyncGroupConfig;
  readonly hooks: HookRunner;
  group: SyncGroup;
}

/** `makeHooks` gets the group's name and a function that tells its configuration as it is at the time. */
export function createSyncGroups(
  find: (instance: string) => Member,
  makeHooks: (name: string, config: () => SyncGroupConfig) => HookRunner,
): SyncGroups {
  let entries: readonly Entry[] = [];
  let ending: Promise<void>[] = [];

  const make = (config: SyncGroupConfig): Entry => {
    const hooks = makeHooks(config.name, () => entry.config);
    const entry: Entry = { config, hooks, group: createSyncGroup(config, find, hooks) };
    return entry;
  };

  return {
    serve(configs) {
      const before = entries;
      entries = configs.map((config) => {
        const known = before.find((entry) => entry.config.name === config.name);
        if (known === undefined) return make(config);
        if (!same(known.config.members, config.members)) {
          known.group = createSyncGroup(config, find, known.hooks);
        }
        known.config = config;
        return known;
      });
      const gone = before.filter((entry) => !entries.includes(entry));
      ending = [...ending, ...gone.map(({ hooks }) => hooks.finish())];
    },
    of: (instance) => entries.find(({ config }) => config.members.includes(instance))?.group ?? null,
    async finish() {
      await Promise.all([...ending, ...entries.map(({ hooks }) => hooks.finish())]);
    },
  };
}
