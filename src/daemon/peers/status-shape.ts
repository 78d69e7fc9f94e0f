/** What a peer's `/status` looks like, for reading one of another version. */
import type { Status } from '../status.ts';
import { conform, type Shape } from './shape.ts';

const CHECK = { name: 'text', status: 'text', detail: 'text' } as const;
const WHY = { list: { fields: { kind: 'text', name: 'text', detail: 'text' } } } as const;

const STATUS: Shape<Status> = {
  fields: {
    version: 'text',
    time: 'text',
    router_id: 'text',
    pid: 'number',
    started: 'text',
    drained: 'flag',
    instances: {
      list: {
        fields: {
          name: 'text',
          state: 'text',
          since: 'text',
          handing_over: 'flag',
          interface: 'text',
          vmac: { maybe: 'text' },
          virtual_router_id: 'number',
          priority: 'number',
          configured_priority: 'number',
          candidate: 'flag',
          master: { maybe: { fields: { address: 'text', priority: 'number', self: 'flag' } } },
          other_master: {
            maybe: { fields: { address: 'text', priority: 'number', count: 'number', at: 'text' } },
          },
          virtual_addresses: {
            list: {
              fields: {
                address: 'text',
                held: 'flag',
                conflict: { maybe: { fields: { mac: 'text', count: 'number', at: 'text' } } },
              },
            },
          },
          faults: WHY,
          cold: WHY,
          proxy: { maybe: 'text' },
          memcached: { list: 'text' },
          advert_seconds: 'number',
          transitions: {
            list: { fields: { at: 'text', from: 'text', to: 'text', reason: 'text', detail: 'text' } },
          },
        },
      },
    },
    memcached: {
      list: {
        fields: {
          ...CHECK,
          address: 'text',
          probe_seconds: { maybe: 'number' },
          version: { maybe: 'text' },
          copy: { maybe: 'text' },
          generation: { maybe: 'number' },
          peer: {
            maybe: {
              fields: { address: 'text', status: 'text', detail: 'text', generation: { maybe: 'number' } },
            },
          },
          process: {
            maybe: {
              fields: { pid: { maybe: 'number' }, restarts: 'number', adopted: 'flag', detail: 'text' },
            },
          },
        },
      },
    },
    scripts: { list: { fields: CHECK } },
    processes: { list: { fields: CHECK } },
    files: { list: { fields: CHECK } },
    proxies: {
      list: {
        fields: {
          name: 'text',
          listen: 'text',
          up: 'flag',
          pid: { maybe: 'number' },
          restarts: 'number',
          detail: 'text',
          copies: {
            list: { fields: { name: 'text', up: 'flag', whole: 'flag', generation: 'number' } },
          },
          refill: {
            maybe: {
              fields: {
                source: 'text',
                target: 'text',
                pass: 'text',
                waiting: 'flag',
                done: 'number',
                total: 'number',
                stored: 'number',
                rate: 'number',
                left: { maybe: 'number' },
              },
            },
          },
        },
      },
    },
  },
};

/** The status, with what is missing in it made neutral; null when this is no status of a memcache-ha. */
export function readStatus(answer: unknown): Status | null {
  const { version, instances } = (answer ?? {}) as Partial<Record<keyof Status, unknown>>;
  return typeof version === 'string' && Array.isArray(instances) ? conform<Status>(STATUS, answer) : null;
}
