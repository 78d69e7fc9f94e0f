/**
 * A connection that is read as fast as it goes, up to a bound, and whose reader gets a small slice in each turn of the event
 * loop. For the list of a memcached's keys: while it is on its way the memcached's crawler works, and clients wait for that;
 * and to take apart what has come takes longer than to have it sent, and clients are not to wait for that either.
 */
import type { Connection, ConnectionEvents, Dial } from '../sync/ports.ts';

/** Both in bytes. */
export interface Ahead {
  /** Kept for the reader at most. */
  readonly most: number;
  /** What it gets in a turn. */
  readonly slice: number;
}

/** Connections as of `dial`. */
export function dialAhead(dial: Dial, { most, slice }: Ahead): Dial {
  return (events: ConnectionEvents): Connection => {
    const ahead: Buffer[] = [];
    let bytes = 0;
    /** The connection is paused, because so much is kept. */
    let full = false;
    /** The reader wants no more for now. */
    let paused = false;
    let closed: string | null = null;
    let over = false;
    let turn: NodeJS.Immediate | null = null;

    const next = (): Buffer => {
      const first = ahead[0]!;
      const part = first.subarray(0, slice);
      if (part.length === first.length) ahead.shift();
      else ahead[0] = first.subarray(slice);
      bytes -= part.length;
      if (full && 2 * bytes <= most) {
        full = false;
        connection.resume();
      }
      return part;
    };

    const awaitTurn = (): void => {
      if (turn !== null || paused || over || (ahead.length === 0 && closed === null)) return;
      turn = setImmediate(() => {
        turn = null;
        if (paused || over) return;
        if (ahead.length > 0) events.received(next());
        else if (closed !== null) {
          over = true;
          events.closed(closed);
        }
        awaitTurn();
      });
    };

    const connection = dial({
      opened: events.opened,
      received(piece) {
        // It is valid during the call only.
        ahead.push(Buffer.from(piece));
        bytes += piece.length;
        if (bytes >= most && !full) {
          full = true;
          connection.pause();
        }
        awaitTurn();
      },
      closed(reason) {
        closed = reason;
        awaitTurn();
      },
    });
    return {
      write: connection.write,
      pause() {
        paused = true;
      },
      resume() {
        paused = false;
        awaitTurn();
      },
      close() {
        over = true;
        connection.close();
      },
    };
  };
}
