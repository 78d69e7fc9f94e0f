/** Schema of one `vrrp_script`. */
import * as z from 'zod/mini';
import { LARGEST_WEIGHT } from '../tracked.ts';
import { command, flag, seconds, section, userName, whole } from './fields.ts';
import { reverse, weight } from './tracking.ts';

export const vrrpScript = section(
  {
    script: command().check(z.describe('The command; exit code 0 is good.')),
    interval: z._default(seconds(0.01, 86400), 1).check(z.describe('Seconds between two runs.')),
    timeout: z
      .optional(seconds(0.01, 86400))
      .check(z.describe('Seconds a run may take before it counts as failed; the interval by default.')),
    fall: z._default(whole(1), 1).check(z.describe('Failures in a row that make it down.')),
    rise: z._default(whole(1), 1).check(z.describe('Successes in a row that make it up again.')),
    weight: z
      ._default(weight(LARGEST_WEIGHT), 0)
      .check(z.describe('Moves the priority; 0: a failure is a fault.')),
    reverse: reverse(),
    init_fail: z
      ._default(flag(), false)
      .check(z.describe('It counts as failed until it has succeeded `rise` times.')),
    user: z.optional(userName()).check(z.describe('Who it runs as; script_user by default.')),
  },
  'a map with at least script',
);
