/**
 * A client's bytes on their way to the parsers: keeps what is not yet a whole request, throws away what is to be
 * swallowed, and stops taking in while the client has too much under way. One read buffer serves all clients.
 */
import { parseBinary } from './binary-request.ts';
import { clientSpeaks } from './client-speaks.ts';
import { markDirty } from './output.ts';
import { parseText } from './text-request.ts';
import type { Client } from './types.ts';

const BINARY_MAGIC = 0x80;
/** Unparsed input of one client that makes it pause, beyond the request that it is in the middle of. */
const PAUSE_BYTES = 65_536;

/** Takes in `buffer[0..length)`, which is only valid during the call. */
export function receiveFromClient(client: Client, buffer: Buffer, length: number): void {
  if (client.closed || client.closing) return;
  clientSpeaks(client.proxy);
  take(client, buffer, length);
  if (client.dirty) client.proxy.requestTick();
}

function take(client: Client, buffer: Buffer, length: number): void {
  let position = 0;
  while (client.input !== null && position < length) {
    position += append(client, buffer, position, length);
    if (client.stalled) break;
    // Still incomplete: by now it may be known how much more belongs to it.
    consumeInput(client);
  }
  if (client.closing || client.closed) return;
  if (position < length && client.input === null) position = run(client, buffer, position, length);
  if (client.closing || client.closed) return;
  while (position < length) position += append(client, buffer, position, length);
  if (client.stalled && client.inputEnd - client.inputStart > PAUSE_BYTES) pause(client);
}

/** Takes up requests again after a stall. */
export function resumeClient(client: Client): void {
  client.blocked = false;
  if (client.closed || client.closing || client.congested || client.keys >= client.keyBudget) return;
  if (client.proxy.held) return;
  client.stalled = false;
  if (client.input !== null) consumeInput(client);
  if (!client.stalled && client.paused && !client.closed) {
    client.paused = false;
    client.socket.resume();
  }
  client.proxy.requestTick();
}

function pause(client: Client): void {
  if (client.paused) return;
  client.paused = true;
  client.socket.pause();
}

/** Adds bytes to the kept input, at most up to the end of the request that is known to be incomplete. */
function append(client: Client, buffer: Buffer, from: number, to: number): number {
  let take = to - from;
  if (client.input === null) {
    const size = client.want > 0 ? client.want : Math.max(512, take);
    client.input = Buffer.allocUnsafeSlow(size);
    client.inputStart = 0;
    client.inputEnd = 0;
  }
  const kept = client.inputEnd - client.inputStart;
  if (client.want > kept) take = Math.min(take, client.want - kept);
  if (client.inputEnd + take > client.input.length) {
    const size = Math.max(client.want, kept + take, client.want > 0 ? 0 : 2 * kept);
    const larger = Buffer.allocUnsafeSlow(size);
    client.input.copy(larger, 0, client.inputStart, client.inputEnd);
    client.input = larger;
    client.inputStart = 0;
    client.inputEnd = kept;
  }
  buffer.copy(client.input, client.inputEnd, from, from + take);
  client.inputEnd += take;
  return take;
}

/** Parses the kept input. */
function consumeInput(client: Client): void {
  const input = client.input!;
  const position = run(client, input, client.inputStart, client.inputEnd);
  if (client.closed || client.closing || position === client.inputEnd) {
    client.input = null;
    client.inputStart = 0;
    client.inputEnd = 0;
    return;
  }
  client.inputStart = position;
}

/** Parses requests; answers where the first one begins that is incomplete or must wait. */
function run(client: Client, buffer: Buffer, start: number, end: number): number {
  let position = start;
  if (client.protocol === 'unknown') {
    client.protocol = buffer[position] === BINARY_MAGIC ? 'binary' : 'text';
  }
  const parse = client.protocol === 'binary' ? parseBinary : parseText;
  while (position < end && !client.closing) {
    if (client.swallow > 0) {
      const dropped = Math.min(client.swallow, end - position);
      client.swallow -= dropped;
      position += dropped;
      continue;
    }
    if (client.keys >= client.keyBudget || client.congested || client.proxy.held) {
      client.stalled = true;
      break;
    }
    client.want = 0;
    const next = parse(client, buffer, position, end);
    if (next === position) break;
    position = next;
  }
  if (client.closing) {
    markDirty(client);
    client.proxy.requestTick();
  }
  return position;
}
