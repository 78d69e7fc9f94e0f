/** Schema of one entry of `interface_up_down_delays`: how long a change of an interface must last before it counts. */
import * as z from 'zod/mini';
import { LONGEST_DELAY, parseDelays } from '../interface-delays.ts';
import { must, parsed, seconds, section } from './fields.ts';

const delay = () => seconds(0, LONGEST_DELAY);
const WHAT = 'DOWN_DELAY, [DOWN_DELAY, UP_DELAY] or a map with down_delay and up_delay';

export const interfaceDelays = z.union(
  [
    delay(),
    parsed(parseDelays, WHAT),
    z.array(delay()).check(z.minLength(1, must(WHAT)), z.maxLength(2, { error: 'has more than two delays' })),
    section(
      {
        down_delay: delay().check(z.describe('Seconds that it must be down before that counts.')),
        up_delay: z
          ._default(delay(), 0)
          .check(z.describe('Seconds that it must be up again before that counts.')),
      },
      'a map with down_delay and up_delay',
    ),
  ],
  must(WHAT),
);
