/** Whether a TCP port of another host can be reached, with a bound on the time. */
import { connect } from 'node:net';

/** `accepts`: it took the connection, which is closed at once. `refuses`: its host said no. `silent`: nothing was heard. */
export type Reachability = 'accepts' | 'refuses' | 'silent';

/** Tries once; `timeout` in ms. Never rejects. */
export function tryPort(host: string, port: number, timeout: number): Promise<Reachability> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: Reachability): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(result);
    };
    const deadline = setTimeout(() => end('silent'), timeout);
    socket.on('connect', () => end('accepts'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'refuses' : 'silent');
    });
  });
}
