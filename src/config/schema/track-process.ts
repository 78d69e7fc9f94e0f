/** Schema of one `vrrp_track_process`. */
import * as z from 'zod/mini';
import { LARGEST_COUNT_WEIGHT } from '../tracked.ts';
import { command, flag, oneOf, seconds, section, whole } from './fields.ts';
import { reverse, weight } from './tracking.ts';

/** keepalived's limits: an hour, and 16 bits. */
const delay = () => z.optional(seconds(0, 3600));
const MOST_PROCESSES = 65535;

export const trackProcess = section(
  {
    process: command().check(
      z.describe('Name of the program, and the parameters that it must have, if any.'),
    ),
    param_match: z
      .optional(oneOf(['exact', 'initial', 'partial']))
      .check(
        z.describe(
          'exact: these parameters and no others. initial: the last may be longer. partial: more may follow. Without parameters, exact means that it has none.',
        ),
      ),
    full_command: z
      ._default(flag(), false)
      .check(z.describe("Compare with the program as it was called instead of the process's name.")),
    weight: z
      ._default(weight(LARGEST_COUNT_WEIGHT), 0)
      .check(z.describe('Moves the priority; 0: a lost quorum is a fault.')),
    reverse: reverse(),
    quorum: z._default(whole(1, MOST_PROCESSES), 1).check(z.describe('Fewest processes for success.')),
    quorum_max: z
      .optional(whole(0, MOST_PROCESSES))
      .check(z.describe('Most processes for success; 0: none may run. No limit by default.')),
    delay: delay().check(z.describe('Both fork_delay and terminate_delay.')),
    fork_delay: delay().check(
      z.describe('Seconds that a gained quorum must last before it counts; 0 by default.'),
    ),
    terminate_delay: delay().check(
      z.describe('Seconds that a lost quorum must last before it counts; 0 by default.'),
    ),
  },
  'a map with at least process',
);
