/** The meta commands of a client, checked and passed on in their own words (memcached doc/protocol.txt, "Meta Commands"). */
import { pairOf } from './call.ts';
import { decide } from './conditional.ts';
import { waitForKey } from './lock.ts';
import { decodeBase64, type MetaFlags, opaqueTooLong, parseFlags } from './meta-flags.ts';
import { allFlags, isOddKey, metaOp, only } from './meta-reply.ts';
import { parseMetaSet } from './meta-set.ts';
import { enqueueOp, settle, settleWith } from './output.ts';
import { readText } from './read.ts';
import { MAX_KEY, reply } from './reply.ts';
import type { Client, Op, Pair, Render } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

const SILENCE = Buffer.alloc(0);
const BAD_FORMAT = 'CLIENT_ERROR bad command line format';
/** memcached's MFLAG_MAX_OPT_LENGTH, which counts the end of the line as a token. */
const MAX_WORDS = 19;

/** A meta command whose line ends at `next`; answers as `parseText` does. */
export function parseMeta(
  client: Client,
  tokens: string[],
  buffer: Buffer,
  position: number,
  next: number,
  end: number,
): number {
  const command = tokens[0]!;
  switch (command) {
    case 'mn':
      reply(client, 'MN');
      return next;
    case 'me':
      debug(client, tokens);
      return next;
    case 'ms':
      return parseMetaSet(client, tokens, buffer, position, next, end);
    case 'mg':
    case 'md':
    case 'ma':
      return onKey(client, command, tokens, position, next);
    default:
      reply(client, 'ERROR');
      return next;
  }
}

function onKey(
  client: Client,
  command: 'mg' | 'md' | 'ma',
  tokens: string[],
  position: number,
  next: number,
): number {
  const refusal = firstChecks(command, tokens);
  if (refusal !== null) {
    reply(client, refusal);
    return next;
  }
  const flags = parseFlags(tokens[1]!, tokens.slice(2));
  if (typeof flags === 'string') {
    reply(client, command === 'mg' ? flags : 'CLIENT_ERROR invalid or duplicate flag');
    return next;
  }
  if (command === 'ma' && !['', 'I', '+', 'D', '-'].includes(flags.mode)) {
    reply(client, 'CLIENT_ERROR invalid mode for ma M token');
    return next;
  }
  if (opaqueTooLong(flags)) {
    reply(client, 'CLIENT_ERROR opaque token too long');
    return next;
  }
  const changes = command !== 'mg' || flags.has.has('N') || flags.has.has('T') || flags.has.has('R');
  if (changes && waitForKey(client, flags.key)) return position;
  const op = metaOp(client, flags, command === 'mg' ? 'en' : 'hd');
  if (command === 'mg') get(client, op, tokens[1]!, flags, changes);
  else if (command === 'md') remove(client, op, tokens[1]!, flags);
  else arithmetic(client, op, tokens[1]!, flags);
  return next;
}

function firstChecks(command: string, tokens: readonly string[]): string | null {
  if (tokens.length < 2) return 'ERROR';
  if (tokens[1]!.length > MAX_KEY) return BAD_FORMAT;
  if (tokens.length <= MAX_WORDS) return null;
  return `CLIENT_ERROR options flags ${command === 'mg' ? 'are ' : ''}too long`;
}

function get(client: Client, op: Op, token: string, flags: MetaFlags, changes: boolean): void {
  const pair = pairOf(client.proxy, flags.key);
  const line = `mg ${token}${allFlags(flags, 0)}\r\n`;
  if (!changes) {
    readText(op, pair, 'meta', line);
    return;
  }
  if (flags.has.has('N') && isPartial(pair)) {
    // Where the key only has not been copied yet, N would make an empty item of it.
    decide(op, pair, {
      key: flags.key,
      shape: 'meta',
      line: (tag) => `mg ${token}${allFlags(flags, tag)}\r\n`,
      value: null,
      carryLine: null,
      carryNeedsWhole: false,
    });
    return;
  }
  const mirrorLine = `mg ${token}${only(flags, 'bNTR')}\r\n`;
  writeBoth(op, pair, { shape: 'meta', line, mirrorLine, value: null, key: null });
}

/** One of the copies lacks keys that the other one has. */
function isPartial({ backends }: Pair): boolean {
  return backends.some((backend) => backend?.up && !backend.whole);
}

function remove(client: Client, op: Op, token: string, flags: MetaFlags): void {
  const pair = pairOf(client.proxy, flags.key);
  if (flags.cas === null) {
    writeBoth(op, pair, {
      shape: 'line',
      line: `md ${token}${allFlags(flags, 0)}\r\n`,
      value: null,
      key: null,
    });
    return;
  }
  decide(op, pair, {
    key: flags.key,
    shape: 'line',
    line: (tag) => `md ${token}${allFlags(flags, tag)}\r\n`,
    value: null,
    carryLine: `md ${token}${only(flags, 'bIT')}\r\n`,
    carryNeedsWhole: false,
  });
}

/** A quiet ma stays silent when it counted, but not when it created: only memcached knows which it was. */
function fencedRender(inner: Render | null): Render {
  return (op, backend, buffer, start, end) => {
    op.mute = 'none';
    const fence = buffer[end - 4] === 77 ? end - 4 : end;
    if (buffer[start] === 77) settleWith(op, SILENCE);
    else if (inner === null) settle(op, buffer, start, fence);
    else inner(op, backend, buffer, start, fence);
  };
}

function arithmetic(client: Client, op: Op, token: string, flags: MetaFlags): void {
  const fenced = flags.quiet && flags.has.has('N');
  if (fenced) op.render = fencedRender(op.render);
  decide(op, pairOf(client.proxy, flags.key), {
    key: flags.key,
    shape: fenced ? 'fenced' : 'meta',
    line: (tag) => `ma ${token}${allFlags(flags, tag)}${fenced ? ' q\r\nmn' : ''}\r\n`,
    value: null,
    carryLine: isOddKey(flags.key) ? null : `ma ${token}${only(flags, 'bMDNJT')}\r\n`,
    carryNeedsWhole: true,
    compareForms: true,
  });
}

function debug(client: Client, tokens: readonly string[]): void {
  const token = tokens[1];
  const base64 = tokens[2] === 'b';
  const key = token === undefined || !base64 ? (token ?? null) : decodeBase64(token);
  // An item created under such a key is shown raw, which would break the answer apart.
  if (token === undefined || token.length > MAX_KEY || key === null || isOddKey(key)) {
    reply(client, BAD_FORMAT);
    return;
  }
  const op = newOp(client);
  enqueueOp(client, op);
  readText(op, pairOf(client.proxy, key), 'line', `me ${token}${base64 ? ' b' : ''}\r\n`);
}
