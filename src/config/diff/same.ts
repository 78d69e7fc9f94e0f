/** Whether two parts of a configuration say the same. */

/** Equal by value, down to the last word of every list; keys may stand in any order. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [ours, theirs] = [Object.entries(a), b as Record<string, unknown>];
  return (
    ours.length === Object.keys(b).length &&
    Array.isArray(a) === Array.isArray(b) &&
    ours.every(([key, value]) => Object.hasOwn(theirs, key) && same(value, theirs[key]))
  );
}
