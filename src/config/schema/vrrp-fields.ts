/** Kinds of value that an instance and its defaults in global_defs share. */
import * as z from 'zod/mini';
import { must, seconds, whole } from './fields.ts';

/** VRRP version. */
export function version() {
  return z.optional(z.literal([2, 3], must('2 or 3')));
}

/** Seconds before or between bursts of gratuitous ARPs. */
export function garpDelay() {
  return z.optional(seconds(0, 86400));
}

/** Frames in a burst of gratuitous ARPs. */
export function garpRepeat(min: 0 | 1) {
  return z.optional(whole(min, 255));
}
