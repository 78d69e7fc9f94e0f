/**
 * Values that tell which writes they come from. A text value is `v12`, padded with x, with `+13` behind it for what write 13
 * appended and `14-` before it for what write 14 prepended. A counter set by write 12 starts at 13 000 000 and counts up.
 */

export interface Version {
  /** The write that stored it. */
  readonly base: number;
  /** What was appended and prepended, by write; of a counter: nothing. */
  readonly added: readonly number[];
  /** Of a counter: how often it was counted up. */
  readonly count: number;
}

const COUNTER_STEP = 1_000_000;
const NOTHING: readonly number[] = [];

export function textValue(write: number, padding: number): string {
  return `v${write}${'x'.repeat(padding)}`;
}

export function appendix(write: number): string {
  return `+${write}`;
}

export function prefix(write: number): string {
  return `${write}-`;
}

export function counterValue(write: number): string {
  return String((write + 1) * COUNTER_STEP);
}

/** What a counter's number says, or null when no write can have made it. */
export function counterVersion(value: string): Version | null {
  // memcached pads a number that became shorter.
  const text = value.trimEnd();
  if (!/^\d{7,15}$/.test(text)) return null;
  const number = Number(text);
  return { base: Math.floor(number / COUNTER_STEP) - 1, added: NOTHING, count: number % COUNTER_STEP };
}

const TEXT = /^((?:\d+-)*)v(\d+)x*((?:\+\d+)*)$/;

/** What a value says, or null when no write can have made it. */
export function versionOf(value: string): Version | null {
  if (value[0] === 'v' && value.indexOf('+') === -1) {
    const write = Number.parseInt(value.slice(1), 10);
    return Number.isNaN(write) ? null : { base: write, added: NOTHING, count: 0 };
  }
  const match = TEXT.exec(value);
  if (match === null) return counterVersion(value);
  const numbers = (text: string, mark: string) => text.split(mark).filter(Boolean).map(Number);
  const added = [...numbers(match[1]!, '-'), ...numbers(match[3]!, '+')];
  return { base: Number(match[2]), added, count: 0 };
}
