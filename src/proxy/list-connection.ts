/**
 * The connection for the list of a backend's keys, beside the one that its commands travel. The list comes faster than the
 * proxy can take it: it is read in small pieces with pauses between, so that no client's request waits behind it for long.
 */
import type { Connection, Dial } from '../sync/ports.ts';
import type { Backend } from './types.ts';

/** About 100 keys, a tenth of a millisecond. */
const PIECE_BYTES = 8192;
/** Of a list: about 100 000 keys. A slower reader would hold the source's crawler for long. */
const BYTES_PER_SECOND = 10_000_000;
/** Where refills have no bound. */
const LARGE_PIECE_BYTES = 65_536;

/** Opens such connections to `backend`, from where the proxy's other sockets come. */
export function dialList(backend: Backend): Dial {
  return (events) => {
    const { host, port, proxy } = backend;
    const isBounded = proxy.options.refillItems > 0 || proxy.options.refillBytes > 0;
    let over = false;
    let wanted = true;
    let cancelRest: (() => void) | null = null;
    const socket = proxy.sockets.dial({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(isBounded ? PIECE_BYTES : LARGE_PIECE_BYTES),
        callback(length, buffer) {
          if (over) return false;
          events.received((buffer as Buffer).subarray(0, length));
          if (!over) rest(length);
          return true;
        },
      },
    });
    /** Lets others have their turn, and keeps to the rate. */
    const rest = (bytes: number): void => {
      socket.pause();
      const goOn = (): void => {
        cancelRest = null;
        if (!over && wanted) socket.resume();
      };
      if (isBounded) {
        const timer = setTimeout(goOn, (bytes / BYTES_PER_SECOND) * 1000);
        cancelRest = () => clearTimeout(timer);
      } else {
        const immediate = setImmediate(goOn);
        cancelRest = () => clearImmediate(immediate);
      }
    };
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      cancelRest?.();
      socket.destroy();
      events.closed(reason);
    };
    socket.on('connect', () => {
      if (!over) events.opened();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on('close', () => end('closed the connection'));
    const connection: Connection = {
      write: (bytes) => socket.write(bytes),
      pause() {
        wanted = false;
        socket.pause();
      },
      resume() {
        wanted = true;
        if (cancelRest === null) socket.resume();
      },
      close() {
        over = true;
        cancelRest?.();
        socket.destroy();
      },
    };
    return connection;
  };
}
