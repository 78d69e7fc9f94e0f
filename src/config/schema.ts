/**
 * The schema of a whole config file: keepalived's keywords and ours, with their defaults. Input and output have the
 * same shape and durations stay seconds; checks here look at one value, cross-check looks at several.
 */
import * as z from 'zod/mini';
import { named, section } from './schema/fields.ts';
import { globalDefs } from './schema/global-defs.ts';
import { interfaceDelays } from './schema/interface-delays.ts';
import { memcached } from './schema/memcached.ts';
import { proxy } from './schema/proxy.ts';
import { syncGroup } from './schema/sync-group.ts';
import { trackFile } from './schema/track-file.ts';
import { trackProcess } from './schema/track-process.ts';
import { vrrpInstance } from './schema/vrrp-instance.ts';
import { vrrpScript } from './schema/vrrp-script.ts';

export const configSchema = section(
  {
    global_defs: z.nullish(globalDefs),
    memcached: z.nullish(named(memcached, 'a map from names to memcacheds')),
    proxy: z.nullish(named(proxy, 'a map from names to proxies')),
    vrrp_script: z.nullish(named(vrrpScript, 'a map from names to scripts')),
    vrrp_track_process: z.nullish(named(trackProcess, 'a map from names to processes')),
    track_process: z
      .nullish(named(trackProcess, 'a map from names to processes'))
      .check(z.describe('The same as vrrp_track_process.')),
    track_file: z.nullish(named(trackFile, 'a map from names to files')),
    vrrp_track_file: z
      .nullish(named(trackFile, 'a map from names to files'))
      .check(z.describe('The same as track_file.')),
    interface_up_down_delays: z.nullish(named(interfaceDelays, 'a map from interfaces to delays')),
    vrrp_sync_group: z.nullish(named(syncGroup, 'a map from names to groups')),
    vrrp_instance: named(vrrpInstance, 'a map from names to instances'),
  },
  'a map with vrrp_instance',
);

/** A file that passed the schema, defaults filled in. */
export type FileConfig = z.output<typeof configSchema>;

/** One `vrrp_instance` of it. */
export type FileInstance = z.output<typeof vrrpInstance>;

/** A file of which every part that is present passed the schema; what did not is missing. */
export type Draft = DeepPartial<z.input<typeof configSchema>>;

/** The `global_defs` of a draft. */
export type DraftGlobalDefs = NonNullable<Draft['global_defs']>;

/** One `vrrp_instance` of a draft. */
export type DraftInstance = DeepPartial<z.input<typeof vrrpInstance>>;

/** One `vrrp_sync_group` of a draft. */
export type DraftGroup = DeepPartial<z.input<typeof syncGroup>>;

type DeepPartial<T> = T extends readonly (infer E)[]
  ? readonly (DeepPartial<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;
