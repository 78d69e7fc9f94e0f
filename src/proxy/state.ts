/**
 * A key's whole state, value, flags and time to live, as one copy tells it and another one takes it over: meta commands
 * (memcached doc/protocol.txt, "Meta Get", "Meta Set"). Pure.
 */
import { exptimeOf, keyToken, needsBase64 } from '../core/memcached-key.ts';
import { digits } from '../core/memcached-number.ts';

export { keyToken };

/** Asks for a key's state without counting as a use of it. */
export function stateLine(key: string): string {
  return `mg ${keyToken(key)} u f t v\r\n`;
}

/** The line that stores a state; its value lies in the answer from `from` on, CRLF included. */
export interface SetLine {
  readonly line: string;
  readonly from: number;
  /** In the words of a command. */
  readonly expiry: number;
  readonly stale: boolean;
  /** Made empty by a meta get with N, for the one client that was told to fill it. */
  readonly vivified: boolean;
  /** The reading itself took the token of a stale item. */
  readonly tokenWon: boolean;
}

/** Out of the answer to `stateLine` in `buffer[start..end)`; null when there is no such key. `now`: the clock of whoever it is for, s. */
export function setLine(
  key: string,
  buffer: Buffer,
  start: number,
  end: number,
  now: number,
): SetLine | null {
  if (buffer[start] !== 86) return null;
  const lineEnd = buffer.indexOf(10, start) + 1;
  const length = digits(buffer, start + 3, lineEnd);
  const words = buffer.toString('latin1', start, lineEnd - 2).split(' ');
  const flag = (letter: string): string =>
    words.find((word, index) => index > 1 && word[0] === letter) ?? letter;
  const ttl = Number(flag('t').slice(1));
  const expiry = exptimeOf(ttl, now);
  const base64 = needsBase64(key);
  const token = base64 ? Buffer.from(key, 'latin1').toString('base64') : key;
  if (lineEnd + length + 2 !== end) throw new Error('a meta answer was framed wrongly');
  return {
    line: `ms ${token} ${length}${base64 ? ' b' : ''} F${flag('f').slice(1)} T${expiry}\r\n`,
    from: lineEnd,
    expiry,
    stale: words.includes('X'),
    vivified: length === 0 && words.includes('Z') && flag('f') === 'f0',
    tokenWon: words.includes('W'),
  };
}
