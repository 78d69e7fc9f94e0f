/** keepalived's `init_file [VALUE] [overwrite]` in one string. Parsing only. */
import type { TrackFileConfig } from './config.ts';
import { mustBe, type Parsed } from './describe.ts';

/** keepalived keeps the number in 32 bits. */
export const SMALLEST_INT = -(2 ** 31);

/** Parses `VALUE`, `overwrite` or both in any order; the value is 0 when it is left out. */
export function parseInitFile(text: string): Parsed<NonNullable<TrackFileConfig['initFile']>> {
  const words = text.trim().split(/\s+/);
  const numbers = words.filter((word) => word !== 'overwrite');
  const value = Number(numbers[0] ?? 0) || 0;
  const whole =
    numbers.every((word) => /^-?\d{1,10}$/.test(word)) && value >= SMALLEST_INT && value < -SMALLEST_INT;
  const twice = numbers.length > 1 || words.length - numbers.length > 1;
  if (!whole || twice) {
    return { ok: false, reason: mustBe(text, 'VALUE, overwrite or "VALUE overwrite", VALUE a whole number') };
  }
  return { ok: true, value: { value, overwrite: words.length > numbers.length } };
}
