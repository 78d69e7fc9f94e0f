/**
 * The two ends of a refill as the proxy has them: batches travel the ordered connections that the clients' requests travel
 * too, so that what a client writes and what the refill adds have one order on the target.
 */
import { parseStats } from '../core/memcached-stats.ts';
import type { Peer, Source } from '../sync/ports.ts';
import { submitOwned, submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import type { Backend } from './types.ts';

/** `backend` as a peer of a refill, for as long as it stays up. */
export function peerOf(backend: Backend): Peer {
  const gone = () => new Error(`${backend.name} went out`);
  return {
    name: backend.name,
    exchange: (batch, take) =>
      new Promise((resolve, reject) => {
        if (!backend.up) {
          reject(gone());
          return;
        }
        const call = internalCall(
          backend,
          'batch',
          (_call, buffer, start, end) => resolve(take(buffer, start, end)),
          () => reject(gone()),
        );
        submitOwned(call, batch);
      }),
    stats: (topic) =>
      new Promise((resolve, reject) => {
        if (!backend.up) {
          reject(gone());
          return;
        }
        const call = internalCall(
          backend,
          'stats',
          (_call, buffer, start, end) => resolve(parseStats(buffer.toString('latin1', start, end))),
          () => reject(gone()),
        );
        submitText(call, topic === undefined ? 'stats\r\n' : `stats ${topic}\r\n`);
      }),
  };
}

/** `peerOf` with a connection of its own for the list of keys. */
export function sourceOf(backend: Backend): Source {
  return { ...peerOf(backend), dial: backend.proxy.dialList(backend) };
}
