/** ms (memcached doc/protocol.txt, "Meta Set"): all the storage commands in one. */
import { pairOf } from './call.ts';
import { decide } from './conditional.ts';
import { waitForKey } from './lock.ts';
import { type MetaFlags, opaqueTooLong, parseFlags } from './meta-flags.ts';
import { allFlags, metaOp, only } from './meta-reply.ts';
import { int32 } from './numbers.ts';
import { MAX_KEY, reply } from './reply.ts';
import { ownCopy } from './text-storage.ts';
import { removeTooLarge } from './too-large.ts';
import type { Client, Op, Pair } from './types.ts';
import { type Value, writeBoth } from './write.ts';

const BAD_FORMAT = 'CLIENT_ERROR bad command line format';
const MAX_WORDS = 19;
const MAX_LENGTH = 2 ** 31 - 1 - 2;
const BYTES_PER_KEY = 16_384;

/** `ms`, whose line ends at `next`; answers as `parseText` does. */
export function parseMetaSet(
  client: Client,
  tokens: string[],
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const length = tokens.length > 2 ? int32(tokens[2]!) : null;
  const early = earlyError(tokens, length);
  if (early !== null || length === null) {
    reply(client, early ?? BAD_FORMAT);
    return next;
  }
  const token = tokens[1]!;
  const flags = checked(token, tokens.slice(3));
  if (typeof flags === 'string') {
    reply(client, flags);
    client.swallow = length + 2;
    return next;
  }
  const pair = pairOf(client.proxy, flags.key);
  if (length + 2 > pair.backends[0].itemSizeMax) {
    if (waitForKey(client, flags.key)) return position;
    reply(client, 'SERVER_ERROR object too large for cache');
    client.swallow = length + 2;
    removeTooLarge(pair, flags.key);
    return next;
  }
  const valueEnd = next + length + 2;
  if (valueEnd > end) {
    client.want = valueEnd - position;
    return position;
  }
  if (buffer[valueEnd - 2] !== 13 || buffer[valueEnd - 1] !== 10) {
    reply(client, 'CLIENT_ERROR bad data chunk');
    return valueEnd;
  }
  if (waitForKey(client, flags.key)) return position;
  const op = metaOp(client, flags, 'hd', true, 1 + Math.floor(length / BYTES_PER_KEY));
  store(op, pair, token, length, flags, { buffer, from: next, to: valueEnd, owned: buffer === client.input });
  return valueEnd;
}

/** Errors after which memcached takes the value for further commands, because it does not know its length. */
function earlyError(tokens: readonly string[], length: number | null): string | null {
  if (tokens.length < 2) return 'ERROR';
  if (tokens[1]!.length > MAX_KEY || tokens.length === 2) return BAD_FORMAT;
  if (tokens.length > MAX_WORDS) return 'CLIENT_ERROR options flags too long';
  return length === null || length < 0 || length > MAX_LENGTH ? BAD_FORMAT : null;
}

function checked(token: string, words: readonly string[]): MetaFlags | string {
  const flags = parseFlags(token, words);
  if (typeof flags === 'string') return flags;
  if (!['', 'E', 'A', 'P', 'R', 'S'].includes(flags.mode)) return 'CLIENT_ERROR invalid mode for ms M token';
  return opaqueTooLong(flags) ? 'CLIENT_ERROR opaque token too long' : flags;
}

function store(op: Op, pair: Pair, token: string, length: number, flags: MetaFlags, value: Value): void {
  const start = `ms ${token} ${length}`;
  const plain = flags.mode === '' || flags.mode === 'S';
  if (plain && flags.cas === null) {
    const line = `${start}${allFlags(flags, 0)}\r\n`;
    writeBoth(op, pair, { shape: 'line', line, value, key: flags.key });
    return;
  }
  const extends_ = flags.mode === 'A' || flags.mode === 'P';
  // A set that may go through as stale keeps more of the old item than the command tells.
  const unknown = flags.has.has('I') && flags.cas !== null && !extends_;
  decide(op, pair, {
    key: flags.key,
    shape: 'line',
    line: (tag) => `${start}${allFlags(flags, tag)}\r\n`,
    value: value.owned ? value : ownCopy(value),
    carryLine: unknown ? null : `${start}${only(flags, extends_ ? 'bM' : 'bFT')}\r\n`,
    carryNeedsWhole: extends_,
  });
}
