/**
 * The generation of a copy: what a memcached keeps under one reserved key, so that whoever looks can tell a copy that saw
 * every write from one that was restarted (no record) or cut off (a lower number). Pure: the record and its comparison.
 */

/** The reserved key. Clients of the proxy never see it. */
export const GENERATION_KEY = 'memcache-ha:generation';

/** What the reserved key holds. */
export interface Generation {
  /** Raised by one whenever a proxy goes on without one of the copies; 1 to 2^53 - 1. */
  readonly number: number;
  /** Sixteen hex digits, new with every raise: tells apart two sides that went on alone and counted to the same number. */
  readonly tag: string;
  /** The copy was emptied and sees every write since, but was not refilled yet: nothing in it is old, much is missing. */
  readonly filling: boolean;
  /**
   * It was raised to go on without a copy, and no client has said anything since: the one that goes on alone may be the one
   * that was cut off, with a write in its hands whose client never heard of it. Not there: a client has.
   */
  readonly unheard?: boolean | undefined;
  /**
   * A client asked for everything to be flushed then, ms since 1970; not there: nobody did. memcached would forget it with
   * the next flush_all, and what is emptied would come back with the next delayed one.
   */
  readonly flushAt?: number | undefined;
}

const RECORD = /^([1-9]\d{0,15}) ([0-9a-f]{16})( filling)?( unheard)?(?: flush ([1-9]\d{0,15}))?$/;

/** The record as it is stored. */
export function encodeGeneration({ number, tag, filling, unheard, flushAt }: Generation): string {
  const flush = flushAt === undefined ? '' : ` flush ${flushAt}`;
  return `${number} ${tag}${filling ? ' filling' : ''}${unheard ? ' unheard' : ''}${flush}`;
}

/** The record out of a stored value; null for what is not one, which counts as none. */
export function decodeGeneration(value: string): Generation | null {
  const match = RECORD.exec(value);
  if (match === null) return null;
  const number = Number(match[1]);
  if (!Number.isSafeInteger(number)) return null;
  return {
    number,
    tag: match[2]!,
    filling: match[3] !== undefined,
    ...(match[4] !== undefined && { unheard: true }),
    ...(match[5] !== undefined && { flushAt: Number(match[5]) }),
  };
}

/** When the first of the flushes is due that the records name, or undefined. */
export function soonestFlush(records: readonly (Generation | null | undefined)[]): number | undefined {
  const times = records.flatMap((record) => record?.flushAt ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * Whether a copy with the record `own` lacks something that a living copy with the record `other` has, and so must not be
 * read. Equal numbers with different tags are a tie: neither is behind. Two copies without a record are whole as they
 * stand; null is "no record".
 */
export function isBehind(own: Generation | null, other: Generation | null): boolean {
  if (other === null || other.filling) return false;
  if (own === null || own.filling) return true;
  return own.number < other.number;
}
