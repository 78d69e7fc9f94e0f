/** A raw client connection that collects what it is sent. */
import { connect, type Socket } from 'node:net';

export interface RawConnection {
  readonly socket: Socket;
  readonly send: (bytes: Buffer | string) => void;
  /** Takes what came so far out once `isWhole` says so, or the connection closed; fails after `timeout` ms. */
  readonly receive: (isWhole: (bytes: Buffer) => boolean, timeout?: number) => Promise<Buffer>;
  readonly isClosed: () => boolean;
  readonly close: () => void;
}

/** `target`: a port on loopback, HOST:PORT, or the path of a Unix socket. */
export function openConnection(target: number | string): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(target);
    let pieces: Buffer[] = [];
    let closed = false;
    let check: (() => void) | null = null;
    socket.on('data', (piece) => {
      pieces.push(piece);
      check?.();
    });
    socket.on('close', () => {
      closed = true;
      check?.();
    });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      resolve({
        socket,
        send: (bytes) => {
          socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
        },
        receive: (isWhole, timeout = 5000) =>
          new Promise((done, fail) => {
            const timer = setTimeout(() => {
              check = null;
              const got = Buffer.concat(pieces).toString('latin1').slice(-300);
              fail(new Error(`${target}: no whole answer within ${timeout} ms, only ${JSON.stringify(got)}`));
            }, timeout);
            check = () => {
              const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
              pieces = [bytes];
              if (!closed && !isWhole(bytes)) return;
              clearTimeout(timer);
              check = null;
              pieces = [];
              done(bytes);
            };
            if (pieces.length > 0 || closed) check();
          }),
        isClosed: () => closed,
        close: () => socket.destroy(),
      });
    });
  });
}

function connectTo(target: number | string): Socket {
  if (typeof target === 'string' && target.startsWith('/')) return connect(target);
  const [host, port] = typeof target === 'number' ? ['127.0.0.1', target] : target.split(':');
  return connect({ host: host!, port: Number(port), noDelay: true });
}

/** Sends one text command and takes its answer up to a line that matches. */
export async function ask(connection: RawConnection, command: string, last: RegExp): Promise<string> {
  connection.send(command);
  return (await connection.receive((bytes) => last.test(bytes.toString('latin1')))).toString('latin1');
}
