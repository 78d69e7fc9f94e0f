/** keepalived's `IFNAME DOWN_DELAY [UP_DELAY]` of interface_up_down_delays, in each of its spellings. Parsing only. */
import { mustBe, type Parsed } from './describe.ts';

/** keepalived's limit in seconds. */
export const LONGEST_DELAY = 255;

/** In seconds. */
export interface Delays {
  readonly down: number;
  readonly up: number;
}

/** Every spelling of an entry; parts of a broken one are missing. */
export type FileDelays =
  | number
  | string
  | readonly (number | undefined)[]
  | { readonly down_delay?: number | undefined; readonly up_delay?: number | undefined };

/** Parses `DOWN` or `DOWN UP`, 0 to 255 seconds each. */
export function parseDelays(text: string): Parsed<Delays> {
  const words = text.trim().split(/\s+/);
  const good = words.every((word) => /^\d{1,3}(\.\d+)?$/.test(word) && Number(word) <= LONGEST_DELAY);
  if (!good || words.length > 2) {
    return { ok: false, reason: mustBe(text, `"DOWN_DELAY UP_DELAY", seconds from 0 to ${LONGEST_DELAY}`) };
  }
  return { ok: true, value: delays(words.map(Number)) };
}

/** The delays of an entry; undefined when it is too broken. */
export function delaysOf(entry: FileDelays | undefined): Delays | undefined {
  if (entry === undefined) return undefined;
  if (typeof entry === 'number') return delays([entry]);
  if (typeof entry === 'string') {
    const parsed = parseDelays(entry);
    return parsed.ok ? parsed.value : undefined;
  }
  if (Array.isArray(entry)) return entry.includes(undefined) ? undefined : delays(entry as number[]);
  const { down_delay: down, up_delay: up } = entry as Exclude<
    FileDelays,
    readonly unknown[] | string | number
  >;
  return down === undefined ? undefined : delays([down, up ?? 0]);
}

// keepalived's manual page has the down delay as the default of the up delay, but all its versions take 0.
function delays([down = 0, up = 0]: readonly number[]): Delays {
  return { down, up };
}
