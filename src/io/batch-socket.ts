/**
 * raw-socket's socket, but for how it reads: as many datagrams in one turn of the event loop as there are, up to a
 * budget, by a reader of our own. One datagram in each turn, as raw-socket has it, is too slow for a flood, and the
 * advertisements among it would be lost in the full socket; without a budget nothing else would get a turn.
 */
import { AddressFamily, Socket } from 'raw-socket';

/** Datagrams that are read in one turn; some 10 us each with all that is done about them. */
export const DATAGRAMS_PER_TURN = 128;

/** Emits 'message' with each datagram that `receive` gives, until it gives null. */
export class BatchSocket extends Socket {
  readonly #receive: () => Uint8Array | null;

  /** Opens the socket; throws without CAP_NET_RAW. */
  constructor(family: 4 | 6, protocol: number, receive: () => Uint8Array | null) {
    super({ protocol, addressFamily: family === 4 ? AddressFamily.IPv4 : AddressFamily.IPv6 });
    this.#receive = receive;
  }

  protected override onRecvReady(): void {
    try {
      for (let read = 0; read < DATAGRAMS_PER_TURN; read++) {
        const datagram = this.#receive();
        if (datagram === null) return;
        this.emit('message', datagram);
      }
    } catch (error) {
      this.emit('error', error);
    }
  }
}
