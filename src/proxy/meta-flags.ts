/**
 * The flags of a meta command, checked in memcached 1.6.18's order and with its words (doc/protocol.txt, "Meta Commands").
 * Pure.
 */
import { int32, uint32, uint64 } from './numbers.ts';

/** A meta command that memcached would carry out. */
export interface MetaFlags {
  /** The flags as given, without q. */
  readonly words: readonly string[];
  /** The key's raw bytes as latin1. */
  readonly key: string;
  readonly base64: boolean;
  readonly quiet: boolean;
  /** The letter behind M; empty when not given. */
  readonly mode: string;
  readonly cas: bigint | null;
  readonly has: ReadonlySet<string>;
}

const MAX_OPAQUE = 32;
const BAD_TOKEN = 'CLIENT_ERROR bad token in command line format';
const KNOWN = 'NTRlOPLkstcfvhuqFCMJDIb';

/** The flags `words` of a command on the key `token`, or the line that memcached would answer. */
export function parseFlags(token: string, words: readonly string[]): MetaFlags | string {
  const has = new Set<string>();
  let error: string | null = null;
  let key = token;
  let mode = '';
  let cas: bigint | null = null;
  for (const word of words) {
    const letter = word[0]!;
    if (letter.charCodeAt(0) >= 127 || has.has(letter)) return 'CLIENT_ERROR duplicate flag';
    if (!KNOWN.includes(letter)) return 'CLIENT_ERROR invalid flag';
    has.add(letter);
    const argument = word.slice(1);
    switch (letter) {
      case 'b': {
        const decoded = decodeBase64(token);
        if (decoded === null) error = 'CLIENT_ERROR error decoding key';
        else key = decoded;
        break;
      }
      case 'N':
      case 'T':
      case 'R':
        if (int32(argument) === null) error = BAD_TOKEN;
        break;
      case 'F':
        if (uint32(argument) === null) error ??= 'CLIENT_ERROR bad command line format';
        break;
      case 'C':
        cas = uint64(argument);
        if (cas === null) error = BAD_TOKEN;
        break;
      case 'M':
        if (word.length !== 2) error = 'CLIENT_ERROR incorrect length for M token';
        else mode = argument;
        break;
      case 'J':
        if (uint64(argument) === null) error = 'CLIENT_ERROR invalid numeric initial value';
        break;
      case 'D':
        if (uint64(argument) === null) error = 'CLIENT_ERROR invalid numeric delta value';
        break;
      default:
        break;
    }
  }
  if (error !== null) return error;
  return {
    words: words.filter((word) => word[0] !== 'q'),
    key,
    base64: has.has('b'),
    quiet: has.has('q'),
    mode,
    cas,
    has,
  };
}

/** Whether an opaque is longer than memcached sends back. */
export function opaqueTooLong(flags: MetaFlags): boolean {
  return flags.words.some((word) => word[0] === 'O' && word.length > MAX_OPAQUE);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 as memcached decodes it: foreign characters are skipped, whole groups of four only. Null: no key. */
export function decodeBase64(token: string): string | null {
  const letters = [...token].filter((letter) => letter === '=' || ALPHABET.includes(letter));
  if (letters.length === 0 || letters.length % 4 !== 0) return null;
  let decoded = '';
  for (let group = 0; group < letters.length; group += 4) {
    const four = letters.slice(group, group + 4);
    const [a, b, c, d] = four.map((letter) => Math.max(0, ALPHABET.indexOf(letter))) as [
      number,
      number,
      number,
      number,
    ];
    const padding = four.filter((letter) => letter === '=').length;
    if (padding > 2) return null;
    const bytes = String.fromCharCode(
      ((a << 2) | (b >> 4)) & 255,
      ((b << 4) | (c >> 2)) & 255,
      ((c << 6) | d) & 255,
    );
    decoded += bytes.slice(0, 3 - padding);
    if (padding > 0) break;
  }
  return decoded === '' ? null : decoded;
}
