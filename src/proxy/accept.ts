/** Clients' connections: accepted, read into one shared buffer, drained, closed. What they say is input.ts's affair. */
import { Socket } from 'node:net';
import { receiveFromClient, resumeClient } from './input.ts';
import { markDirty } from './output.ts';
import type { Client, ProxyState } from './types.ts';

/** All clients are read into this one: what is read is used up, or copied, before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);
/** memcached's words for a connection too many (its `maxconns_fast`). */
const TOO_MANY = 'ERROR Too many open connections\r\n';
const DRAINED_BYTES = 65_536;

/** The parts of a socket that Node's own cluster module uses to pass connections on; undocumented, but ten years old. */
interface HandleOwner {
  _handle: unknown;
}

/**
 * A second socket object on the connection of `accepted`, which reads into our buffer instead of allocating one per read:
 * `onread` can be given to sockets that connect, but a server cannot be told to accept with it.
 */
function withReadBuffer(accepted: Socket, onRead: (length: number, buffer: Buffer) => void): Socket {
  const owner = accepted as unknown as HandleOwner;
  const handle = owner._handle;
  owner._handle = null;
  const onread = {
    buffer: READ_BUFFER,
    callback: (length: number, buffer: Uint8Array): boolean => {
      onRead(length, buffer as Buffer);
      return true;
    },
  };
  return new Socket({ handle, onread, allowHalfOpen: true } as unknown as ConstructorParameters<
    typeof Socket
  >[0]);
}

/** Serves the connection `accepted`, which must be paused since it was made. */
export function acceptClient(proxy: ProxyState, accepted: Socket): void {
  const { counters, options } = proxy;
  counters.totalConnections++;
  if (counters.connections >= options.maxConnections) {
    counters.rejectedConnections++;
    accepted.on('error', () => {});
    accepted.end(TOO_MANY);
    accepted.resume();
    setTimeout(() => accepted.destroy(), 1000).unref();
    return;
  }
  counters.connections++;
  const socket = withReadBuffer(accepted, (length, buffer) => receiveFromClient(client, buffer, length));
  const client: Client = {
    proxy,
    socket,
    protocol: 'unknown',
    head: null,
    tail: null,
    keys: 0,
    keyBudget: 16,
    bytesPerKey: 65_536,
    input: null,
    inputStart: 0,
    inputEnd: 0,
    want: 0,
    swallow: 0,
    stalled: false,
    blocked: false,
    paused: false,
    congested: false,
    closing: false,
    ended: false,
    closed: false,
    outBuffer: null,
    outStart: 0,
    outEnd: 0,
    outPieces: [],
    dirty: false,
    resume: () => resumeClient(client),
  };
  proxy.clients.add(client);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  // `echo stats | nc` ends its side at once and still wants its answer.
  socket.on('end', () => {
    client.ended = true;
    markDirty(client);
    proxy.requestTick();
  });
  socket.on('drain', () => {
    if (!client.congested || socket.writableLength > DRAINED_BYTES) return;
    client.congested = false;
    resumeClient(client);
  });
  socket.on('close', () => {
    client.closed = true;
    client.input = null;
    client.outBuffer = null;
    client.outPieces = [];
    counters.connections--;
    proxy.clients.delete(client);
  });
  socket.resume();
}
