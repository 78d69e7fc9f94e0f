/**
 * raw-socket's socket, but for how it reads: as much in one turn of the event loop as there is, up to a budget, by a
 * reader of our own. One datagram in each turn, as raw-socket has it, is too slow for a flood, and the advertisements
 * among it would be lost in the full socket; without a budget nothing else would get a turn.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { AddressFamily, Socket } from 'raw-socket';
import { setCloseOnExec } from './libc.ts';

/** Datagrams that are read in one turn; some 10 us each with all that is done about them. */
const DATAGRAMS_PER_TURN = 128;

/** Emits 'message' with whatever `receive` reads, until it gives null. */
export class BatchSocket<Message> extends Socket {
  readonly descriptor: number;
  readonly #receive: (descriptor: number) => Message | null;

  /** Opens a raw socket; throws without CAP_NET_RAW. */
  constructor(family: 4 | 6, protocol: number, receive: (descriptor: number) => Message | null) {
    const before = socketDescriptors();
    super({ protocol, addressFamily: family === 4 ? AddressFamily.IPv4 : AddressFamily.IPv6 });
    this.#receive = receive;
    // raw-socket neither tells its descriptor nor closes it on exec: it is the socket that was not there before.
    const opened = socketDescriptors().find((candidate) => !before.includes(candidate));
    if (opened === undefined) {
      this.close();
      throw new Error('raw-socket opened no descriptor');
    }
    this.descriptor = opened;
    setCloseOnExec(opened);
  }

  protected override onRecvReady(): void {
    try {
      for (let read = 0; read < DATAGRAMS_PER_TURN; read++) {
        const message = this.#receive(this.descriptor);
        if (message === null) return;
        this.emit('message', message);
      }
    } catch (error) {
      this.emit('error', error);
    }
  }
}

function socketDescriptors(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
      } catch {
        return false; // the descriptor of the listing itself
      }
    });
}
