/** Clients' connections: accepted, read into one shared buffer, drained, closed. What they say is input.ts's affair. */
import type { Socket } from 'node:net';
import { receiveFromClient, resumeClient } from './input.ts';
import { markDirty } from './output.ts';
import type { Client, ProxyState } from './types.ts';

/** memcached's words for a connection too many (its `maxconns_fast`). */
const TOO_MANY = 'ERROR Too many open connections\r\n';
const DRAINED_BYTES = 65_536;

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
  const socket = proxy.sockets.adopt(accepted, (length, buffer) => receiveFromClient(client, buffer, length));
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
