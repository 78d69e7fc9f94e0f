/** What the proxy gets in the place of Node's sockets (src/proxy/sockets.ts): the same, on the simulated network. */
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { OnRead, Sockets } from '../../../src/proxy/sockets.ts';
import type { Place } from './links.ts';
import type { Network } from './network.ts';
import { NodeSocket, type ReadInto } from './node-socket.ts';
import { currentProcess } from './virtual-process.ts';

/** All virtual clients of a process are read into one buffer, as in the proxy itself. */
const CLIENT_BUFFER = Buffer.alloc(65_536);

/** The sockets of a process at `place`; `made` is told of each. Hosts are places, whatever the port. */
export function virtualSockets(network: Network, place: Place, made: (socket: NodeSocket) => void): Sockets {
  return {
    dial(options: TcpNetConnectOpts): Socket {
      const socket = new NodeSocket(currentProcess(), { paused: false, allowHalfOpen: false });
      made(socket);
      const { onread } = options;
      if (onread !== undefined) {
        const { buffer, callback } = onread;
        socket.readInto({
          buffer: () => (typeof buffer === 'function' ? buffer() : buffer) as Buffer,
          callback: callback as ReadInto['callback'],
        });
      }
      socket.dial(network, place, options.host as Place, String(options.port));
      return socket as unknown as Socket;
    },
    adopt(accepted: Socket, onRead: OnRead): Socket {
      (accepted as unknown as NodeSocket).readInto({
        buffer: () => CLIENT_BUFFER,
        callback: (length, buffer) => {
          onRead(length, buffer);
          return true;
        },
      });
      return accepted;
    },
  };
}
