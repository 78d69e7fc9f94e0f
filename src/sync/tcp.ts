/** Connections over TCP, as the command makes them. Nothing else here knows node:net. */
import { connect } from 'node:net';
import type { Endpoint } from '../config/config.ts';
import type { Dial } from './ports.ts';

const READ_BUFFER_BYTES = 262_144;

/** Opens connections to one memcached. */
export function tcpDial({ host, port }: Endpoint): Dial {
  return (events) => {
    const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    let closed = false;
    const socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer: readBuffer,
        callback(length, buffer) {
          if (!closed) events.received((buffer as Buffer).subarray(0, length));
          return true;
        },
      },
    });
    const close = (reason: string): void => {
      if (closed) return;
      closed = true;
      socket.destroy();
      events.closed(reason);
    };
    socket.on('connect', () => {
      if (!closed) events.opened();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => close(wording(error)));
    socket.on('end', () => close('closed the connection'));
    socket.on('close', () => close('closed the connection'));
    return {
      write: (bytes) => void socket.write(bytes),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      close() {
        closed = true;
        // Node would reset it only once it is open, which may take minutes.
        if (socket.connecting) socket.destroy();
        // A list that is not read to its end must not go on: a reset tells its crawler at once.
        else socket.resetAndDestroy();
      },
    };
  };
}

function wording(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused the connection';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'reset the connection';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has a name that cannot be resolved';
    default:
      return `cannot be reached (${error.code ?? error.message})`;
  }
}
