/** A status as a daemon gives it, to be changed by the tests that read one. */
import type { InstanceStatus, PairStatus, Status } from '../../../src/daemon/status.ts';

export const STATUS: Status = {
  version: '0.1.0',
  time: '2026-01-01T01:00:00.000Z',
  router_id: 'host-a',
  pid: 4711,
  started: '2026-01-01T00:00:00.000Z',
  drained: false,
  instances: [
    {
      name: 'VI_1',
      state: 'MASTER',
      since: '2026-01-01T00:00:05.000Z',
      handing_over: false,
      interface: 'eth0',
      vmac: null,
      virtual_router_id: 51,
      priority: 150,
      configured_priority: 150,
      candidate: true,
      master: { address: '10.9.0.1', priority: 150, self: true },
      other_master: null,
      virtual_addresses: [{ address: '10.9.0.250', held: true, conflict: null }],
      faults: [],
      cold: [],
      proxy: 'front',
      memcached: ['local'],
      advert_seconds: 1,
      transitions: [
        {
          at: '2026-01-01T00:00:05.000Z',
          from: 'BACKUP',
          to: 'MASTER',
          reason: 'master_down',
          detail: 'last master 10.9.0.2 with priority 100',
        },
        { at: '2026-01-01T00:00:01.000Z', from: 'INIT', to: 'BACKUP', reason: 'startup', detail: '' },
      ],
    },
  ],
  memcached: [
    {
      name: 'local',
      status: 'up',
      detail: '',
      address: '10.9.0.1:11211',
      probe_seconds: 0.0004,
      version: '1.6.18',
      copy: 'whole',
      generation: 3,
      peer: { address: '10.9.0.2:11211', status: 'up', detail: '', generation: 3 },
      process: { pid: 4712, restarts: 0, adopted: false, detail: '' },
    },
  ],
  scripts: [],
  processes: [],
  files: [],
  proxies: [
    {
      name: 'front',
      listen: '10.9.0.250:12000',
      up: true,
      pid: 4713,
      restarts: 0,
      detail: '',
      copies: [
        { name: '10.9.0.1:11211', up: true, whole: true, generation: 3 },
        { name: '10.9.0.2:11211', up: true, whole: false, generation: 3 },
      ],
      refill: {
        target: '10.9.0.2:11211',
        source: '10.9.0.1:11211',
        pass: 'first pass',
        waiting: false,
        done: 500,
        total: 1000,
        stored: 500,
        rate: 20_000,
        left: 1,
      },
    },
  ],
};

export const INSTANCE: InstanceStatus = STATUS.instances[0]!;

/** The status with its only instance changed. */
export function withInstance(changes: Partial<InstanceStatus>, status: Status = STATUS): Status {
  return { ...status, instances: [{ ...status.instances[0]!, ...changes }] };
}

/** The peer of `STATUS`: BACKUP, and well. */
export const PEER: Status = {
  ...withInstance({
    state: 'BACKUP',
    priority: 100,
    configured_priority: 100,
    master: { address: '10.9.0.1', priority: 150, self: false },
    virtual_addresses: [{ address: '10.9.0.250', held: false, conflict: null }],
    transitions: [
      { at: '2026-01-01T00:00:02.000Z', from: 'INIT', to: 'BACKUP', reason: 'startup', detail: '' },
    ],
  }),
  router_id: 'host-b',
  proxies: [],
};

/** A host and its peers as the host tells it; a peer that is a text was not reached, for that reason. */
export function pairOf(own: Status, ...peers: readonly (Status | string)[]): PairStatus {
  return {
    ...own,
    peers: peers.map((peer, index) => {
      const address = `10.9.0.${2 + index}:9650`;
      return typeof peer === 'string'
        ? { address, reached: false, detail: peer, at: null, status: null }
        : { address, reached: true, detail: '', at: '2026-01-01T01:00:00.000Z', status: peer };
    }),
  };
}
