/** Statuses of a healthy pair, to be changed by a test. */
import type { InstanceStatus, Status } from '../../../src/daemon/status.ts';
import { HERE, type HostLabel, type Sight } from '../../../src/drill/hosts.ts';

const TIME = '2026-01-01T00:00:00.000Z';

export function instance(changes: Partial<InstanceStatus> = {}): InstanceStatus {
  const isMaster = (changes.state ?? 'MASTER') === 'MASTER';
  return {
    name: 'VI_1',
    state: 'MASTER',
    since: TIME,
    handing_over: false,
    interface: 'eth0',
    vmac: null,
    virtual_router_id: 51,
    priority: 100,
    configured_priority: 100,
    candidate: true,
    master: { address: '10.9.0.101', priority: 100, self: isMaster },
    other_master: null,
    virtual_addresses: [{ address: '10.9.0.250', held: isMaster, conflict: null }],
    faults: [],
    cold: [],
    proxy: 'front',
    memcached: ['local'],
    advert_seconds: 1,
    transitions: [],
    ...changes,
  };
}

export function memcached(changes: Partial<Status['memcached'][number]> = {}): Status['memcached'][number] {
  return {
    ...{ name: 'local', status: 'up', detail: '', address: '10.9.0.101:11211', probe_seconds: 0.001 },
    ...{ version: '1.6.18', copy: 'whole', generation: 1, peer: null, process: null },
    ...changes,
  };
}

export function proxy(changes: Partial<Status['proxies'][number]> = {}): Status['proxies'][number] {
  return {
    ...{ name: 'front', listen: '10.9.0.250:12000', up: true, pid: 20, restarts: 0, detail: '' },
    copies: ['10.9.0.101:11211', '10.9.0.102:11211'].map((name) => ({
      ...{ name, up: true, whole: true, generation: 1 },
    })),
    refill: null,
    ...changes,
  };
}

export function status(changes: Partial<Status> = {}): Status {
  return {
    ...{ version: '0.1.0', time: TIME, router_id: 'A', pid: 10, started: TIME, drained: false },
    instances: [instance()],
    memcached: [memcached()],
    ...{ scripts: [], processes: [], files: [] },
    proxies: [proxy()],
    ...changes,
  };
}

/** The other host of the pair. */
export function backup(changes: Partial<Status> = {}): Status {
  const own = instance({ state: 'BACKUP', priority: 99, configured_priority: 99 });
  return status({
    ...{ router_id: 'B', pid: 11, instances: [own] },
    proxies: [proxy({ up: false, pid: null, copies: [] })],
    ...changes,
  });
}

export const seen = (label: HostLabel, said: Status, asked = 0): Sight => ({
  ...{ label, asked, answered: asked + 1, status: said, detail: '' },
});

export const unseen = (label: HostLabel, detail: string, asked = 0): Sight => ({
  ...{ label, asked, answered: asked + 1, status: null, detail },
});

export const pair = (here = status(), peer = backup()): Sight[] => [seen(HERE, here), seen('peer', peer)];
