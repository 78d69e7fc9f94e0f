/** Weights, and entries of the track_* lists, in keepalived's spelling: `N [reverse]` and `NAME [weight N [reverse]]`. */
import { mustBe, type Parsed, quote } from './describe.ts';

/** What an entry or a definition says of its weight; undefined: nothing, so what stands behind it holds. */
export interface WeightFields {
  readonly weight: number | undefined;
  /** keepalived's `reverse`: success is a fault, and the priority moves the other way. */
  readonly reverse: boolean | undefined;
}

/** A parsed entry. */
export interface TrackedEntry extends WeightFields {
  readonly name: string;
}

/** The map spelling of a weight: `weight: N`, `weight: "N reverse"`, or `weight: N` and `reverse: true`. */
export interface WeightMap {
  readonly weight?: number | string | undefined;
  readonly reverse?: boolean | undefined;
}

/** An entry of a track_* list in either spelling. */
export type FileTracked = string | (WeightMap & { readonly name?: string | undefined });

/** keepalived's limit: a weight may not move a priority of 1 to 255 or back. */
export const LARGEST_WEIGHT = 253;

/** keepalived's limit for processes and files: one more, so that a file's -1 can be a fault by itself. */
export const LARGEST_COUNT_WEIGHT = 254;

/** Parses `N`, `N reverse` or `N noreverse`, N from -limit to limit. */
export function parseWeight(text: string, limit: number): Parsed<WeightFields> {
  const value = weightWords(text.trim().split(/\s+/), limit);
  if (value !== null) return { ok: true, value };
  return { ok: false, reason: mustBe(text, `N or "N reverse" with N from -${limit} to ${limit}`) };
}

/** Parses `NAME`, `NAME weight N` or `NAME weight N reverse`, N from -limit to limit; `noreverse` is the opposite. */
export function parseTracked(text: string, limit: number = LARGEST_WEIGHT): Parsed<TrackedEntry> {
  const [name = '', keyword, ...words] = text.trim().split(/\s+/);
  if (name !== '' && keyword === undefined) {
    return { ok: true, value: { name, weight: undefined, reverse: undefined } };
  }
  if (name !== '' && (keyword === 'reverse' || keyword === 'noreverse')) {
    return {
      ok: false,
      reason: `is ${quote(text)}: ${keyword} follows a weight, such as "${name} weight 0 ${keyword}"`,
    };
  }
  const weight = name === '' || keyword !== 'weight' ? null : weightWords(words, limit);
  if (weight !== null) return { ok: true, value: { name, ...weight } };
  const what = `NAME, "NAME weight N" or "NAME weight N reverse" with N from -${limit} to ${limit}`;
  return { ok: false, reason: mustBe(text, what) };
}

function weightWords(words: readonly string[], limit: number): WeightFields | null {
  const [number = '', direction, ...rest] = words;
  if (!/^[+-]?\d{1,3}$/.test(number) || Math.abs(Number(number)) > limit || rest.length > 0) return null;
  if (direction !== undefined && direction !== 'reverse' && direction !== 'noreverse') return null;
  const weight = Number(number) || 0; // "-0" is 0
  return { weight, reverse: direction === undefined ? undefined : direction === 'reverse' };
}

/** The weight in the map spelling; undefined where nothing is said or what is said is broken. */
export function weightOf(map: WeightMap): WeightFields {
  const { weight, reverse } = map;
  if (typeof weight !== 'string') return { weight, reverse };
  const parsed = parseWeight(weight, LARGEST_COUNT_WEIGHT);
  return parsed.ok
    ? { ...parsed.value, reverse: reverse ?? parsed.value.reverse }
    : { weight: undefined, reverse };
}

/** An entry of either spelling; undefined when it is too broken to have a name. */
export function trackedEntry(entry: FileTracked | undefined): TrackedEntry | undefined {
  if (entry === undefined) return undefined;
  if (typeof entry !== 'string') {
    return entry.name === undefined ? undefined : { name: entry.name, ...weightOf(entry) };
  }
  const parsed = parseTracked(entry, LARGEST_COUNT_WEIGHT);
  return parsed.ok ? parsed.value : undefined;
}
