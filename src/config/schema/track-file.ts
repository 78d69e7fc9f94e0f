/** Schema of one `track_file` (`vrrp_track_file`). */
import * as z from 'zod/mini';
import { parseInitFile, SMALLEST_INT } from '../init-file.ts';
import { LARGEST_COUNT_WEIGHT } from '../tracked.ts';
import { flag, matching, must, parsed, section, whole } from './fields.ts';
import { reverse, weight } from './tracking.ts';

const value = () => whole(SMALLEST_INT, -SMALLEST_INT - 1);

const initFile = z.union(
  [
    value(),
    parsed(parseInitFile, 'VALUE'),
    section(
      { value: z._default(value(), 0), overwrite: z._default(flag(), false) },
      'a map with value and overwrite',
    ),
  ],
  must('VALUE, "VALUE overwrite" or a map with value and overwrite'),
);

export const trackFile = section(
  {
    file: matching(/^\/[^\p{C}]{1,4095}$/u, 'an absolute path').check(
      z.describe('Holds a number; a file that is not there is a 0.'),
    ),
    weight: z
      ._default(weight(LARGEST_COUNT_WEIGHT), 1)
      .check(z.describe('Times the number, moves the priority; 0: any number but 0 is a fault.')),
    reverse: reverse(),
    init_file: z
      .optional(initFile)
      .check(z.describe('Written at the start when the file is not there, or always with overwrite.')),
  },
  'a map with at least file',
);
