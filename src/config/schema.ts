/**
 * The schema of a whole config file: keepalived's keywords and ours, with their defaults. Input and output have the
 * same shape and durations stay seconds; checks here look at one value, cross-check looks at several.
 */
import * as z from 'zod/mini';
import { named, section } from './schema/fields.ts';
import { globalDefs } from './schema/global-defs.ts';
import { memcached } from './schema/memcached.ts';
import { proxy } from './schema/proxy.ts';
import { vrrpInstance } from './schema/vrrp-instance.ts';
import { vrrpScript } from './schema/vrrp-script.ts';

export const configSchema = section(
  {
    global_defs: z.nullish(globalDefs),
    memcached: z.nullish(named(memcached, 'a map from names to memcacheds')),
    proxy: z.nullish(named(proxy, 'a map from names to proxies')),
    vrrp_script: z.nullish(named(vrrpScript, 'a map from names to scripts')),
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

/** One `vrrp_instance` of a draft. */
export type DraftInstance = DeepPartial<z.input<typeof vrrpInstance>>;

type DeepPartial<T> = T extends readonly (infer E)[]
  ? readonly (DeepPartial<E> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;
