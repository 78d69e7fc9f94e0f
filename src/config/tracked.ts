/** Entries of track_interface, track_script and track_memcached in keepalived's spelling: `NAME [weight N]`. */
import { mustBe, type Parsed, quote } from './describe.ts';

/** A parsed entry; `weight` undefined: not given, so the tracked thing's own default holds. */
export interface TrackedEntry {
  readonly name: string;
  readonly weight: number | undefined;
}

/** keepalived's limit: a weight may not move a priority of 1 to 255 or back. */
export const LARGEST_WEIGHT = 253;

/** Parses `NAME` or `NAME weight N`, N from -253 to 253. */
export function parseTracked(text: string): Parsed<TrackedEntry> {
  const [name = '', keyword, weightText, ...rest] = text.trim().split(/\s+/);
  if (name !== '' && keyword === undefined) return { ok: true, value: { name, weight: undefined } };
  if (rest.length > 0 && /^(no_?)?reverse$/.test(rest[0]!)) {
    return { ok: false, reason: `is ${quote(text)}: ${rest[0]} is not supported` };
  }
  const wrong = mustBe(text, `NAME or "NAME weight N" with N from -${LARGEST_WEIGHT} to ${LARGEST_WEIGHT}`);
  if (name === '' || keyword !== 'weight' || rest.length > 0) return { ok: false, reason: wrong };
  const weight = /^[+-]?\d{1,3}$/.test(weightText ?? '') ? Number(weightText) : Number.NaN;
  if (!(Math.abs(weight) <= LARGEST_WEIGHT)) return { ok: false, reason: wrong };
  return { ok: true, value: { name, weight } };
}

/** The name in an entry of either spelling; undefined when the entry is too broken to have one. */
export function trackedName(
  entry: string | { readonly name?: string | undefined } | undefined,
): string | undefined {
  if (typeof entry !== 'string') return entry?.name;
  const parsed = parseTracked(entry);
  return parsed.ok ? parsed.value.name : undefined;
}
