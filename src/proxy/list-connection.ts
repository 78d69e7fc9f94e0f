/** The connection for the list of a backend's keys, beside the one that its commands travel. */
import type { Socket } from 'node:net';
import type { Connection, Dial } from '../sync/ports.ts';
import type { Backend } from './types.ts';

/** Opens such connections to `backend`, from where the proxy's other sockets come. */
export function dialList(backend: Backend): Dial {
  return (events) => {
    const { host, port, proxy } = backend;
    const socket: Socket = proxy.sockets.dial({ host, port, noDelay: true });
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      socket.destroy();
      events.closed(reason);
    };
    socket.on('connect', () => {
      if (!over) events.opened();
    });
    socket.on('data', (bytes: Buffer) => {
      if (!over) events.received(bytes);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on('close', () => end('closed the connection'));
    const connection: Connection = {
      write: (bytes) => socket.write(bytes),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      close() {
        over = true;
        socket.destroy();
      },
    };
    return connection;
  };
}
