/** Schema of weights and of the track_* lists, which instances and sync groups share. */
import * as z from 'zod/mini';
import { LARGEST_COUNT_WEIGHT, LARGEST_WEIGHT, parseTracked, parseWeight } from '../tracked.ts';
import { flag, must, parsed, section, whole } from './fields.ts';

const MAP = 'a map with name, weight and reverse';

/** `weight`: a number, or keepalived's "N reverse". */
export function weight(limit: number) {
  const rule = must(`a whole number from -${limit} to ${limit}, or "N reverse"`);
  return z.union(
    [whole(-limit, limit), parsed((text) => parseWeight(text, limit), 'N or "N reverse"')],
    rule,
  );
}

/** `reverse`, beside a weight. */
export function reverse() {
  return z
    .optional(flag())
    .check(z.describe('Success is a fault, or moves the priority the other way. Also: weight: "N reverse".'));
}

/** The members of an entry in the map spelling. */
function members(limit: number) {
  return { name: z.string(must('a name')), weight: z.optional(weight(limit)), reverse: reverse() };
}

function list<T extends z.core.$ZodType>(entryMap: T, limit: number) {
  const text = parsed((entry) => parseTracked(entry, limit), 'NAME or "NAME weight N"');
  const entry = z.union([text, entryMap], must('NAME, "NAME weight N" or a map with name and weight'));
  return z.nullish(z.array(entry, must('a list, such as [NAME]')));
}

/** track_interface and track_script. */
export function tracked() {
  return list(section(members(LARGEST_WEIGHT), MAP), LARGEST_WEIGHT);
}

/** track_process and track_file. */
export function trackedCount() {
  return list(section(members(LARGEST_COUNT_WEIGHT), MAP), LARGEST_COUNT_WEIGHT);
}

/** track_memcached, which is ours. */
export function trackedMemcached() {
  const warm = z
    ._default(flag(), false)
    .check(
      z.describe("While its copy lacks what its living peer's has, this host is MASTER only if no other is."),
    );
  return list(section({ ...members(LARGEST_WEIGHT), warm }, MAP), LARGEST_WEIGHT);
}
