/** What the members of a sync group are told of each other: faults, and copies that are cold. */
import { describe, expect, test } from 'vitest';
import { assess, type TrackedStatus } from '../../../src/core/track.ts';
import { createSyncGroup, type Member } from '../../../src/daemon/sync-group.ts';

const memcached = (changes: Partial<TrackedStatus>): TrackedStatus => ({
  kind: 'memcached',
  name: 'local',
  weight: 0,
  reverse: false,
  status: 'up',
  streak: 0,
  detail: '',
  ...changes,
});

/** What VI_1, which tracks nothing itself, makes of the group when VI_2 tracks this. */
function readinessBeside(other: TrackedStatus) {
  const members: Record<string, readonly TrackedStatus[]> = { VI_1: [], VI_2: [other] };
  const find = (name: string): Member => ({
    name,
    state: 'BACKUP',
    ownStatuses: () => members[name]!,
    follow() {},
  });
  const hooks = { notify() {}, async finish() {} };
  const hookless = { master: null, backup: null, fault: null, stop: null, any: null };
  const group = createSyncGroup({ name: 'VG', members: ['VI_1', 'VI_2'], hooks: hookless }, find, hooks);
  return assess(100, [group.statusFor('VI_1')], '10.9.0.3', true);
}

describe('a member beside another whose', () => {
  const cold = { decided: true, cold: 'cold: generation 3, peer 4' };

  test('checks are good: nothing', () => {
    const whole = memcached({ warmth: { decided: true, cold: null } });
    expect(readinessBeside(whole)).toMatchObject({ decided: true, priority: 100, faults: [], cold: [] });
  });

  test('memcached is down: a fault', () => {
    const down = memcached({ status: 'down', warmth: cold });
    expect(readinessBeside(down)).toMatchObject({
      faults: [{ kind: 'sync_group', name: 'VG', detail: 'VI_2 cannot serve' }],
      cold: [],
    });
  });

  test('copy is cold: cold with it, or the group would be torn apart', () => {
    expect(readinessBeside(memcached({ warmth: cold }))).toMatchObject({
      decided: true,
      priority: 1,
      faults: [],
      cold: [
        {
          kind: 'sync_group',
          name: 'VG',
          detail: 'cold: memcached local is cold: generation 3, peer 4',
        },
      ],
    });
  });

  test('copy was not compared yet: not decided', () => {
    const unknown = memcached({ warmth: { decided: false, cold: null } });
    expect(readinessBeside(unknown).decided).toBe(false);
  });
});
