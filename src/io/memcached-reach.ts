/** Whether another host's memcached is there: one question on a connection of its own, with a bound on the time. */
import { connect } from 'node:net';

/** `answers`: it said something. `refuses`: its host says that nobody listens. `silent`: neither, in this time. */
export type Reach = 'answers' | 'refuses' | 'silent';

/** Asks once; `timeout` in ms. Never rejects. Any answer will do: one that wants a password is alive too. */
export function reachMemcached(host: string, port: number, timeout: number): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (reach: Reach): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(reach);
    };
    const deadline = setTimeout(() => end('silent'), timeout);
    socket.on('connect', () => socket.write('version\r\n'));
    socket.on('data', () => end('answers'));
    socket.on('close', () => end('silent'));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'refuses' : 'silent');
    });
  });
}
