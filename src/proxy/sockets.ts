/**
 * Where the proxy's sockets come from: Node's own, unless a test puts a simulated network in their place. Every connection
 * that the proxy opens or takes over is made here.
 */
import { connect, Socket, type TcpNetConnectOpts } from 'node:net';

/** What is done with bytes that were read into a buffer of our own: they are valid during the call. */
export type OnRead = (length: number, buffer: Buffer) => void;

export interface Sockets {
  /** Opens a connection, as `net.connect` does. */
  readonly dial: (options: TcpNetConnectOpts) => Socket;
  /** The connection of `accepted`, which is paused since it was made, as a socket that reads for `onRead`. */
  readonly adopt: (accepted: Socket, onRead: OnRead) => Socket;
}

/** Node's own. */
export const NODE_SOCKETS: Sockets = { dial: connect, adopt: withReadBuffer };

/** All clients are read into this one: what is read is used up, or copied, before the next read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/** The parts of a socket that Node's own cluster module uses to pass connections on; undocumented, but ten years old. */
interface HandleOwner {
  _handle: unknown;
}

/**
 * A second socket object on the connection of `accepted`, which reads into our buffer instead of allocating one per read:
 * `onread` can be given to sockets that connect, but a server cannot be told to accept with it.
 */
function withReadBuffer(accepted: Socket, onRead: OnRead): Socket {
  const owner = accepted as unknown as HandleOwner;
  const handle = owner._handle;
  owner._handle = null;
  const onread = {
    buffer: READ_BUFFER,
    callback: (length: number, buffer: Uint8Array): boolean => {
      onRead(length, buffer as Buffer);
      return true;
    },
  };
  return new Socket({ handle, onread, allowHalfOpen: true } as unknown as ConstructorParameters<
    typeof Socket
  >[0]);
}
