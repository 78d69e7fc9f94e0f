/**
 * Keys and expiry times as memcached's commands write them (doc/protocol.txt, "Keys", "Expiration times", "Meta
 * Commands"). Raw keys are strings of one character per byte. Pure.
 */

/** A raw key as bytes: the first `length` of them. */
export interface KeyBytes {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** memcached's KEY_MAX_LENGTH: the longest word that it takes for a key, in bytes; a key in base64 counts as that. */
export const MAX_KEY_WORD = 250;

const THIRTY_DAYS_S = 30 * 24 * 3600;

/** Whether the text protocol could not carry the raw key, so that only a meta command can name it, in base64. */
export function needsBase64(key: string): boolean {
  return key.includes(' ') || key.includes('\n') || key.includes('\0');
}

/** A raw key as a meta command names it: in base64, with its flag, where the text protocol could not carry it. */
export function keyToken(key: string): string {
  return needsBase64(key) ? `${btoa(key)} b` : key;
}

/**
 * The `exptime` that gives an item the rest of its time: `ttl` is what a meta get's `t` says, in seconds, -1 for never.
 * `now`: the clock of the memcached that it is for, seconds since 1970. An item in its last second gets one more.
 */
export function exptimeOf(ttl: number, now: number): number {
  if (ttl < 0) return 0;
  // Beyond thirty days memcached takes the number for a date.
  return ttl > THIRTY_DAYS_S ? now + ttl : Math.max(1, ttl);
}
