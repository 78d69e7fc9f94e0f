/** What the service manager is told: the line for `systemctl status`, reloads that overlap, and how long an end may take. */
import { describe, expect, test } from 'vitest';
import { announceReloads, longestEnd, statusLine } from '../../../src/daemon/service.ts';
import type { InstanceStatus, Status } from '../../../src/daemon/status.ts';
import type { ServiceManager } from '../../../src/io/service-manager.ts';
import { configOf } from '../config/sample.ts';

const instance = (name: string, state: InstanceStatus['state'], rest: Partial<InstanceStatus> = {}) =>
  ({
    name,
    state,
    handing_over: false,
    master: null,
    virtual_addresses: [],
    faults: [],
    ...rest,
  }) as unknown as InstanceStatus;
const held = (address: string, here = true) => ({ address, held: here, conflict: null });
const line = (instances: readonly InstanceStatus[], drained = false): string =>
  statusLine({ instances, drained } as unknown as Status, '/etc/x.yaml');

describe('the line', () => {
  const master = instance('VI_1', 'MASTER', {
    virtual_addresses: [held('10.0.0.5'), held('10.0.0.6'), held('10.0.0.7', false)],
    master: { address: '10.0.0.1', priority: 150, self: true },
  });
  const backup = instance('VI_2', 'BACKUP', { master: { address: '10.0.0.2', priority: 100, self: false } });
  const fault = instance('VI_3', 'FAULT', {
    faults: [{ kind: 'memcached', name: 'local', detail: 'refused' }] as InstanceStatus['faults'],
  });

  test.each<[string, string, string]>([
    ['a MASTER', line([master]), 'VI_1 MASTER, 10.0.0.5 10.0.0.6 held'],
    [
      'one that hands over',
      line([{ ...master, handing_over: true }]),
      'VI_1 MASTER, 10.0.0.5 10.0.0.6 held, handing over',
    ],
    ['a BACKUP', line([backup]), 'VI_2 BACKUP, master 10.0.0.2'],
    ['nobody is heard', line([instance('VI_2', 'BACKUP')]), 'VI_2 BACKUP'],
    ['a fault', line([fault]), 'VI_3 FAULT, memcached local: refused'],
    ['several', line([backup, fault]), 'VI_2 BACKUP, master 10.0.0.2; VI_3 FAULT, memcached local: refused'],
    ['drained', line([backup], true), 'drained; VI_2 BACKUP, master 10.0.0.2'],
    ['many', line([master, backup, fault, master, master]), '5 instances: 3 MASTER, 1 BACKUP, 1 FAULT'],
    ['none', line([]), 'no vrrp_instance in /etc/x.yaml: edit it, then systemctl reload memcache-ha'],
  ])('%s', (_, told, expected) => {
    expect(told).toBe(expected);
  });
});

test('of reloads that overlap the manager hears one; one that fails ends too', async () => {
  const told: string[] = [];
  const manager = { reloading: () => told.push('reloading'), ready: () => told.push('ready') };
  const ends: ((error?: Error) => void)[] = [];
  const reload = announceReloads(manager as unknown as ServiceManager, () => {
    return new Promise<void>((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve() : reject(error)));
    });
  });
  const [one, other] = [reload(), reload()];
  ends[0]!();
  await one;
  expect(told).toEqual(['reloading']);
  ends[1]!(new Error('a bug'));
  await expect(other).rejects.toThrow('a bug');
  expect(told).toEqual(['reloading', 'ready']);
});

test('the longest end: the slowest handover, two hooks in a row, and a rest', () => {
  const config = configOf(`
vrrp_instance:
  FAST: { interface: eth0, virtual_router_id: 51, virtual_ipaddress: [10.0.0.5] }
  SLOW: { interface: eth0, virtual_router_id: 52, virtual_ipaddress: [10.0.0.6], advert_int: 20 }
`);
  expect(longestEnd(config)).toBe(3 * 20_000 + 1_000 + 60_000 + 5_000);
  expect(longestEnd({ ...config, instances: [] })).toBe(65_000);
});
