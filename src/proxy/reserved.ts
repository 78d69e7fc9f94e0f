/**
 * The reserved key is the proxy's own: to clients it does not exist, and they cannot make it. Finds the requests that name
 * it, and answers them.
 */
import { GENERATION_KEY } from '../core/generation.ts';
import { decodeBase64 } from './meta-flags.ts';
import { int32 } from './numbers.ts';
import { reply } from './reply.ts';
import type { Client } from './types.ts';

const REFUSAL = 'CLIENT_ERROR this key is reserved';
const STORAGE_LENGTH_AT: Record<string, number> = {
  set: 4,
  add: 4,
  replace: 4,
  append: 4,
  prepend: 4,
  cas: 4,
  ms: 2,
};

/** Whether `buffer[start..end)` is the reserved key. */
export function isReservedKey(buffer: Buffer, start: number, end: number): boolean {
  return end - start === GENERATION_KEY.length && buffer.toString('latin1', start, end) === GENERATION_KEY;
}

/** Whether a text request's words name the reserved key. */
export function namesReservedKey(tokens: readonly string[]): boolean {
  return tokens.includes(GENERATION_KEY) || (isMeta(tokens[0]) && isReservedInBase64(tokens));
}

function isMeta(command: string | undefined): boolean {
  return command?.length === 2 && command[0] === 'm';
}

/** More than one word of base64 is the reserved key, as memcached decodes it. */
function isReservedInBase64(tokens: readonly string[]): boolean {
  for (let index = 2; index < tokens.length; index++)
    if (tokens[index]![0] === 'b') return decodeBase64(tokens[1]!) === GENERATION_KEY;
  return false;
}

/**
 * Answers a text request that names the reserved key: reads miss it, all else is refused. The words of a get that asks for
 * other keys too are answered instead, without it; null: answered.
 */
export function answerReserved(client: Client, tokens: readonly string[]): string[] | null {
  const command = tokens[0]!;
  const isGat = command === 'gat' || command === 'gats';
  if (isGat || command === 'get' || command === 'gets' || command === 'bget') {
    const others = tokens.filter((token) => token !== GENERATION_KEY);
    if (others.length > (isGat ? 2 : 1)) return others;
    reply(client, 'END');
    return null;
  }
  if (command === 'mg' || command === 'me') {
    // Quiet, a miss is silent; else it repeats the opaque token.
    const opaque = tokens.slice(2).find((token) => command === 'mg' && token[0] === 'O');
    reply(client, opaque === undefined ? 'EN' : `EN ${opaque}`, command === 'mg' && tokens.includes('q'));
    return null;
  }
  const lengthAt = STORAGE_LENGTH_AT[command];
  const length = lengthAt === undefined ? null : int32(tokens[lengthAt] ?? '');
  reply(client, REFUSAL, tokens[tokens.length - 1] === 'noreply');
  if (length !== null && length >= 0) client.swallow = length + 2;
  return null;
}
