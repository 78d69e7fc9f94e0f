/**
 * Reads what another host said as a value of a known type: what is missing or of the wrong kind becomes something
 * neutral, what is not known is left out, and everything has a bound. For answers that may come from another version.
 */

/** Bounds of one text and one list; what is beyond is left out. */
const LONGEST_TEXT = 500;
const LONGEST_LIST = 1000;

/** What a value of type T looks like. */
export type Shape<T> = null extends T
  ? { readonly maybe: Shape<NonNullable<T>> }
  : [T] extends [string]
    ? 'text'
    : [T] extends [number]
      ? 'number'
      : [T] extends [boolean]
        ? 'flag'
        : T extends readonly (infer Entry)[]
          ? { readonly list: Shape<Entry> }
          : { readonly fields: { readonly [Key in keyof T]-?: Shape<T[Key]> } };

type AnyShape =
  | 'text'
  | 'number'
  | 'flag'
  | { readonly maybe: AnyShape }
  | { readonly list: AnyShape }
  | { readonly fields: Readonly<Record<string, AnyShape>> };

/**
 * The value in this shape. Neutral are '', 0, false, null and []; a union of words is any text, so whoever shows it must
 * be ready for a word that it does not know.
 */
export function conform<T>(shape: Shape<T>, value: unknown): T {
  return read(shape as AnyShape, value) as T;
}

function read(shape: AnyShape, value: unknown): unknown {
  if (shape === 'text') return typeof value === 'string' ? value.slice(0, LONGEST_TEXT) : '';
  if (shape === 'number') return typeof value === 'number' && Number.isFinite(value) ? value : 0;
  if (shape === 'flag') return value === true;
  if ('maybe' in shape) return isOfKind(shape.maybe, value) ? read(shape.maybe, value) : null;
  if ('list' in shape) {
    if (!Array.isArray(value)) return [];
    const entries = value.slice(0, LONGEST_LIST).filter((entry) => isOfKind(shape.list, entry));
    return entries.map((entry) => read(shape.list, entry));
  }
  const given = isMap(value) ? value : {};
  return Object.fromEntries(
    Object.entries(shape.fields).map(([key, field]) => [
      key,
      read(field, Object.hasOwn(given, key) ? given[key] : undefined),
    ]),
  );
}

/** True when the value itself is what it should be, whatever is in it. */
function isOfKind(shape: AnyShape, value: unknown): boolean {
  if (shape === 'text') return typeof value === 'string';
  if (shape === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (shape === 'flag') return typeof value === 'boolean';
  if ('maybe' in shape) return value === null || isOfKind(shape.maybe, value);
  if ('list' in shape) return Array.isArray(value);
  return isMap(value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
