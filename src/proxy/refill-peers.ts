/**
 * The two ends of a refill as the proxy has them: batches travel the ordered connections that the clients' requests travel
 * too, so that what a client writes and what the refill adds have one order on the target.
 */
import { parseStats } from '../core/memcached-stats.ts';
import type { Lost, Peer, Source } from '../sync/ports.ts';
import { tellTime } from './backend-clock.ts';
import { submitOwned, submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import { dialList } from './list-connection.ts';
import type { Backend, Call } from './types.ts';

/** `backend` as a peer of a refill, for as long as it stays up. */
export function peerOf(backend: Backend): Peer {
  const submitOr = (lost: Lost, make: (gone: () => void) => void): void => {
    const gone = () => lost('went out');
    if (backend.up) make(gone);
    else setImmediate(gone);
  };
  return {
    name: backend.name,
    exchange(batch, take, lost) {
      const finish: Call['finish'] = (_call, buffer, start, end) => take(buffer, start, end);
      submitOr(lost, (gone) => submitOwned(internalCall(backend, 'batch', finish, gone), batch));
    },
    stats(topic, take, lost) {
      const asked = performance.now();
      const finish: Call['finish'] = (_call, buffer, start, end) => {
        const answer = parseStats(buffer.toString('latin1', start, end));
        if (answer.kind !== 'complete') {
          lost('answers stats with something else');
          return;
        }
        const time = answer.stats.get('time');
        if (time !== undefined) tellTime(backend, Number(time), asked);
        take(answer.stats);
      };
      const line = topic === 'general' ? 'stats\r\n' : `stats ${topic}\r\n`;
      submitOr(lost, (gone) => submitText(internalCall(backend, 'stats', finish, gone), line));
    },
  };
}

/** `peerOf` with a connection of its own for the list of keys. */
export function sourceOf(backend: Backend): Source {
  return { ...peerOf(backend), dial: dialList(backend) };
}
