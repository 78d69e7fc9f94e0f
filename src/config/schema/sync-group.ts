/** Schema of one `vrrp_sync_group`. */
import * as z from 'zod/mini';
import { must, section } from './fields.ts';
import { hooks } from './hooks.ts';
import { tracked, trackedCount, trackedMemcached } from './tracking.ts';

export const syncGroup = section(
  {
    group: z
      .array(z.string(must('the name of a vrrp_instance')), must('a list, such as [VI_1, VI_2]'))
      .check(
        z.minLength(1, { error: 'is empty, must name the instances of the group' }),
        z.describe('Instances that are MASTER, BACKUP or in FAULT together.'),
      ),
    track_interface: tracked().check(z.describe('Tracked by every member, and the weights count.')),
    track_script: tracked(),
    track_process: trackedCount(),
    track_file: trackedCount(),
    track_memcached: trackedMemcached(),
    ...hooks('group', 'GROUP'),
  },
  'a map with at least group',
);
