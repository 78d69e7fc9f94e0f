/**
 * The connection for the list of a backend's keys, beside the one that its commands travel. The source's crawler is in the
 * way of clients until the list is there, so that it is read ahead; its lines are taken apart in small slices.
 */
import type { Dial } from '../sync/ports.ts';
import { type Ahead, dialAhead } from './read-ahead.ts';
import type { Backend } from './types.ts';

const PIECE_BYTES = 65_536;
/** Some 200 000 keys of which the reader gets fifty at a time, a tenth of a millisecond. */
const BOUNDED: Ahead = { most: 16_777_216, slice: 4096 };
/** Where refills have no bound. */
const UNBOUNDED: Ahead = { most: PIECE_BYTES, slice: PIECE_BYTES };

/** Opens such connections to `backend`, from where the proxy's other sockets come. */
export function dialList(backend: Backend): Dial {
  const { refillItems, refillBytes } = backend.proxy.options;
  return dialAhead(dialBackend(backend), refillItems > 0 || refillBytes > 0 ? BOUNDED : UNBOUNDED);
}

function dialBackend({ host, port, proxy }: Backend): Dial {
  return (events) => {
    let over = false;
    const socket = proxy.sockets.dial({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(PIECE_BYTES),
        callback(length, buffer) {
          if (!over) events.received((buffer as Buffer).subarray(0, length));
          return !over;
        },
      },
    });
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      socket.destroy();
      events.closed(reason);
    };
    socket.on('connect', () => {
      if (!over) events.opened();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on('close', () => end('closed the connection'));
    return {
      write: (bytes) => socket.write(bytes),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      close() {
        over = true;
        socket.destroy();
      },
    };
  };
}
