/**
 * TCP between the hosts as far as the programs on it can tell: connections are made (SYN is sent again until it is heard),
 * refused, closed, reset, and left behind by a process that was killed. Bytes are pipe.ts's affair.
 *
 * What a process left in its kernel's send buffer is still delivered after its death, and what has arrived at a process that
 * does not run is read when it goes on, a reset behind it or not: both as Linux does.
 */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import type { Links, Place } from './links.ts';
import { createPipe, type Pipe, type Segment } from './pipe.ts';

/** One end of a connection, as its process's kernel offers it. */
export interface Endpoint {
  /** Called when there is something to read, an end or a reset; and when `room` has grown again. */
  notify: () => void;
  /** Bytes that can be sent now. */
  readonly room: number;
  /** What has arrived, and is taken out. */
  take(): Buffer[];
  readonly hasUnread: boolean;
  /** The other end will send no more, and all it sent was taken. */
  readonly ended: boolean;
  readonly wasReset: boolean;
  /** The process has let go of it. */
  readonly closed: boolean;
  /** The process at the other end has let go of it, whether that is known here or not. */
  readonly peerGone: boolean;
  send(bytes: Buffer): void;
  /** No more bytes will be sent. */
  finish(): void;
  /** Lets go: with an end behind what was sent, or with a reset when something was left unread. */
  close(): void;
  /** Lets go with a reset; what was not delivered is forgotten. */
  reset(): void;
  /** The machine went without a word. */
  vanish(): void;
}

export interface Network {
  /** Calls back once; `cancel` before that forgets the attempt. */
  dial(
    from: Place,
    to: Place,
    port: string,
    connected: (endpoint: Endpoint) => void,
    refused: () => void,
  ): { cancel(): void };
  /** Takes connections on `port` of `place`; null: refuses them. */
  listen(place: Place, port: string, accept: ((endpoint: Endpoint) => void) | null): void;
  /** The address moved to another machine: nothing gets through any more. This end is told by a reset, the other may be. */
  sever(endpoint: Endpoint): void;
}

/** Linux sends a SYN again after 1, 3, 7 … seconds. */
const FIRST_SYN_RETRY_MS = 1000;
/** How much the kernels between two processes hold of one direction: little, in some connections, to see what happens. */
const ROOM_BYTES = 256 * 1024;
const SMALL_ROOM_BYTES = 8192;
const SMALL_ROOM_CHANCE = 0.05;
/** How long the end that lost its address may take to notice. */
const MAX_NOTICE_MS = 2000;

interface Half extends Endpoint {
  arrive(segment: Segment): void;
  out: Pipe;
  in: Pipe;
  peer: Half;
}

export function createNetwork(scheduler: Scheduler, prng: Prng, links: Links): Network {
  const listeners = new Map<string, (endpoint: Endpoint) => void>();

  const connect = (from: Place, to: Place, accept: ((endpoint: Endpoint) => void) | null): Half => {
    const room = prng.chance(SMALL_ROOM_CHANCE) ? SMALL_ROOM_BYTES : ROOM_BYTES;
    const near = createHalf(room, null);
    const far = createHalf(room, accept);
    near.out = createPipe(scheduler, prng, links.link(from, to), far.arrive);
    far.in = near.out;
    far.out = createPipe(scheduler, prng, links.link(to, from), near.arrive);
    near.in = far.out;
    near.peer = far;
    far.peer = near;
    return near;
  };

  return {
    dial(from, to, port, connected, refused) {
      let over = false;
      const there = links.link(from, to);
      const back = links.link(to, from);
      const later = (delay: number, action: () => void): void => {
        scheduler.at(scheduler.now + delay, () => {
          if (!over) action();
        });
      };
      const attempt = (retry: number): void => {
        if (there.cut) {
          later(retry, () => attempt(2 * retry));
          return;
        }
        later(there.delay(), () => {
          const accept = listeners.get(`${to}:${port}`);
          if (back.cut) {
            later(retry, () => attempt(2 * retry));
            return;
          }
          later(back.delay(), () => {
            over = true;
            if (accept === undefined) {
              refused();
              return;
            }
            const near = connect(from, to, (endpoint) => {
              if (listeners.get(`${to}:${port}`) === accept) accept(endpoint);
              else endpoint.reset();
            });
            near.out.transmit('open');
            connected(near);
          });
        });
      };
      attempt(FIRST_SYN_RETRY_MS);
      return {
        cancel() {
          over = true;
        },
      };
    },
    listen(place, port, accept) {
      if (accept === null) listeners.delete(`${place}:${port}`);
      else listeners.set(`${place}:${port}`, accept);
    },
    sever(endpoint) {
      const near = endpoint as Half;
      near.out.block();
      near.peer.out.block();
      scheduler.at(scheduler.now + 0.2, () => near.arrive('reset'));
      if (!prng.chance(0.5)) return;
      scheduler.at(scheduler.now + prng.between(0, MAX_NOTICE_MS), () => near.peer.arrive('reset'));
    },
  };
}

const NO_PIPE = null as unknown as Pipe;
const NO_HALF = null as unknown as Half;

function createHalf(roomBytes: number, accept: ((endpoint: Endpoint) => void) | null): Half {
  let inbox: Buffer[] = [];
  let unread = 0;
  let endArrived = false;
  let resetArrived = false;
  let closed = false;
  let finished = false;

  const leave = (): void => {
    closed = true;
    inbox = [];
    unread = 0;
  };

  const half: Half = {
    notify: () => {},
    out: NO_PIPE,
    in: NO_PIPE,
    peer: NO_HALF,
    get room() {
      return Math.max(0, roomBytes - half.out.held);
    },
    get hasUnread() {
      return unread > 0;
    },
    get ended() {
      return endArrived && unread === 0;
    },
    get wasReset() {
      return resetArrived && unread === 0;
    },
    get closed() {
      return closed;
    },
    get peerGone() {
      return half.peer.closed;
    },
    take() {
      const taken = inbox;
      inbox = [];
      const wasFull = half.in.held >= roomBytes;
      half.in.free(unread);
      unread = 0;
      if (wasFull && !half.peer.closed) half.peer.notify();
      return taken;
    },
    arrive(segment) {
      if (closed) {
        // Nobody is there any more: the kernel says so.
        if (segment !== 'reset' && segment !== 'end') half.out.transmit('reset');
        return;
      }
      if (resetArrived) return;
      if (segment === 'open') accept?.(half);
      else if (segment === 'end') endArrived = true;
      else if (segment === 'reset') {
        resetArrived = true;
        half.out.forget();
      } else {
        inbox.push(segment);
        unread += segment.length;
      }
      half.notify();
    },
    send(bytes) {
      if (closed || finished) throw new Error('sent after its end');
      if (!resetArrived) half.out.transmit(bytes);
    },
    finish() {
      if (closed || finished) return;
      finished = true;
      if (!resetArrived) half.out.transmit('end');
    },
    close() {
      if (closed) return;
      if (!resetArrived && unread > 0) half.out.transmit('reset');
      else half.finish();
      leave();
    },
    reset() {
      if (closed) return;
      half.out.forget();
      if (!resetArrived) half.out.transmit('reset');
      leave();
    },
    vanish() {
      half.out.forget();
      leave();
    },
  };
  return half;
}
