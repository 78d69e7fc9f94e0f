/** The one file that a pair's administrator edits, in two settings: the tutorial's numbers, and those of one who means it. */
import { stringify } from 'yaml';
import type { Host } from '../../../src/lab/host.ts';

export const VIP = '10.9.0.250';
/** Where clients ask. */
export const TARGET = `${VIP}:12000`;
export const INSTANCE = 'VI_1';

const ADDRESSES = { a: '10.9.0.101', b: '10.9.0.102' } as const;

/** `priority` is A's; B has one less. */
export interface Setting {
  readonly priority: number;
  readonly instance: Readonly<Record<string, unknown>>;
  readonly memcached: Readonly<Record<string, unknown>>;
}

export const SETTINGS: Readonly<Record<'tutorial' | 'tuned', Setting>> = {
  /** The first tutorial: version 2, an advertisement each second, PASS 1111. */
  tutorial: {
    priority: 100,
    instance: { advert_int: 1, authentication: { auth_type: 'PASS', auth_pass: '1111' } },
    memcached: { interval: 1, timeout: 0.5, fall: 2 },
  },
  /** Version 3, advertisements and probes each 0.1 s, unicast. */
  tuned: {
    priority: 254,
    instance: { version: 3, advert_int: 0.1 },
    memcached: { interval: 0.1, timeout: 0.1, fall: 2 },
  },
};

/** What this host's /etc/memcache-ha/memcache-ha.yaml holds; `changes` are keys of the instance. */
export function configFor(
  host: Host,
  { priority, instance, memcached }: Setting,
  changes: Readonly<Record<string, unknown>> = {},
): string {
  const [own, peer] = host.name === 'a' ? [ADDRESSES.a, ADDRESSES.b] : [ADDRESSES.b, ADDRESSES.a];
  const unicast = instance.version === 3 ? { unicast_src_ip: own, unicast_peer: [peer] } : {};
  return stringify({
    global_defs: { router_id: host.name, metrics: { listen: `${own}:9650`, peers: [`${peer}:9650`] } },
    memcached: { local: { address: `${own}:11211`, ...memcached } },
    proxy: {
      front: {
        listen: TARGET,
        servers: [`${ADDRESSES.a}:11211`],
        backups: [`${ADDRESSES.b}:11211`],
        run: 'always',
      },
    },
    vrrp_instance: {
      [INSTANCE]: {
        interface: 'eth0',
        virtual_router_id: 51,
        priority: host.name === 'a' ? priority : priority - 1,
        ...instance,
        ...unicast,
        track_memcached: ['local'],
        proxy: 'front',
        virtual_ipaddress: [VIP],
        ...changes,
      },
    },
  });
}
