/** incr, decr, delete and touch (memcached doc/protocol.txt). */
import { pairOf } from './call.ts';
import { decide } from './conditional.ts';
import { waitForKey } from './lock.ts';
import { int32, uint64 } from './numbers.ts';
import { enqueueOp } from './output.ts';
import { MAX_KEY, reply } from './reply.ts';
import type { Client, Op } from './types.ts';
import { newOp } from './types.ts';
import { writeBoth } from './write.ts';

const BAD_FORMAT = 'CLIENT_ERROR bad command line format';

function queued(client: Client, muted: boolean): Op {
  const op = newOp(client);
  if (muted) op.mute = 'all';
  enqueueOp(client, op);
  return op;
}

/** `incr` or `decr`, whose line ends at `next`; answers as `parseText` does. */
export function arithmetic(
  client: Client,
  command: 'incr' | 'decr',
  tokens: string[],
  position: number,
  next: number,
): number {
  if (tokens.length !== 3 && tokens.length !== 4) {
    reply(client, 'ERROR');
    return next;
  }
  const muted = tokens[tokens.length - 1] === 'noreply';
  const key = tokens[1]!;
  const delta = uint64(tokens[2]!);
  if (key.length > MAX_KEY || delta === null) {
    const reason = key.length > MAX_KEY ? BAD_FORMAT : 'CLIENT_ERROR invalid numeric delta argument';
    reply(client, reason, muted);
    return next;
  }
  if (waitForKey(client, key)) return position;
  decide(queued(client, muted), pairOf(client.proxy, key), {
    key,
    shape: 'line',
    line: () => `${command} ${key} ${delta}\r\n`,
    value: null,
    carryLine: `${command} ${key} ${delta}\r\n`,
    carryNeedsWhole: true,
    compareForms: true,
  });
  return next;
}

/** `delete`, whose line ends at `next`; answers as `parseText` does. */
export function remove(client: Client, tokens: string[], position: number, next: number): number {
  if (tokens.length < 2 || tokens.length > 4) {
    reply(client, 'ERROR');
    return next;
  }
  let muted = false;
  if (tokens.length > 2) {
    const zero = tokens[2] === '0';
    muted = tokens[tokens.length - 1] === 'noreply';
    const valid = tokens.length === 3 ? zero || muted : zero && muted;
    if (!valid) {
      reply(client, `${BAD_FORMAT}.  Usage: delete <key> [noreply]`, muted);
      return next;
    }
  }
  const key = tokens[1]!;
  if (key.length > MAX_KEY) {
    reply(client, BAD_FORMAT, muted);
    return next;
  }
  if (waitForKey(client, key)) return position;
  const command = { shape: 'line', line: `delete ${key}\r\n`, value: null, key: null } as const;
  writeBoth(queued(client, muted), pairOf(client.proxy, key), command);
  return next;
}

/** `touch`, whose line ends at `next`; answers as `parseText` does. */
export function touch(client: Client, tokens: string[], position: number, next: number): number {
  if (tokens.length !== 3 && tokens.length !== 4) {
    reply(client, 'ERROR');
    return next;
  }
  const muted = tokens[tokens.length - 1] === 'noreply';
  const key = tokens[1]!;
  const exptime = int32(tokens[2]!);
  if (key.length > MAX_KEY || exptime === null) {
    const reason = key.length > MAX_KEY ? BAD_FORMAT : 'CLIENT_ERROR invalid exptime argument';
    reply(client, reason, muted);
    return next;
  }
  if (waitForKey(client, key)) return position;
  const command = { shape: 'line', line: `touch ${key} ${exptime}\r\n`, value: null, key: null } as const;
  writeBoth(queued(client, muted), pairOf(client.proxy, key), command);
  return next;
}
