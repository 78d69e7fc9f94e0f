/**
 * One direction of a TCP connection: bytes arrive in order, in pieces, late, and not at all while the link is cut; then the
 * sender's kernel keeps them until the link is whole again, or until it forgets the connection. Ends and resets travel
 * like bytes; a reset is sent once and can get lost.
 */
import type { Prng } from '../prng.ts';
import type { Scheduler } from '../virtual-clock.ts';
import type { Link } from './links.ts';

/** `open` tells the accepting side that the connection is there. */
export type Segment = Buffer | 'open' | 'end' | 'reset';

export interface Pipe {
  /** Bytes that the kernels on the way hold, and that nobody has read yet. */
  readonly held: number;
  transmit(segment: Segment): void;
  /** The receiver has read so much. */
  free(bytes: number): void;
  /** The sender's kernel forgets what was not delivered yet. */
  forget(): void;
  /** Nothing gets through any more. */
  block(): void;
}

/** Chance that a piece of bytes arrives cut in two. */
const SPLIT_CHANCE = 0.15;
/** Retransmissions back off: after a cut the first one comes within its length, but no later than this. */
const MAX_RETRANSMISSION_MS = 1500;

export function createPipe(
  scheduler: Scheduler,
  prng: Prng,
  link: Link,
  arrive: (segment: Segment) => void,
): Pipe {
  let held = 0;
  let latest = 0;
  let stuck: Segment[] = [];
  let stuckSince = 0;
  let blocked = false;

  const carry = (segment: Segment): void => {
    const at = Math.max(latest, scheduler.now + link.delay());
    latest = at;
    scheduler.at(at, () => {
      if (!blocked) arrive(segment);
    });
  };

  const carrySplit = (segment: Segment): void => {
    if (typeof segment === 'string' || segment.length < 2 || !prng.chance(SPLIT_CHANCE)) {
      carry(segment);
      return;
    }
    const middle = 1 + prng.below(segment.length - 1);
    carry(segment.subarray(0, middle));
    carrySplit(segment.subarray(middle));
  };

  const unstick = (): void => {
    if (stuck.length === 0 || link.cut) return;
    const segments = stuck;
    stuck = [];
    for (const segment of segments) carrySplit(segment);
  };

  const stick = (segment: Segment): void => {
    if (segment === 'reset') return;
    stuck.push(segment);
    if (stuck.length > 1) return;
    stuckSince = scheduler.now;
    link.onceWhole(() => {
      const wait = Math.min(MAX_RETRANSMISSION_MS, scheduler.now - stuckSince);
      scheduler.at(scheduler.now + prng.between(0, wait), () => {
        if (!link.cut) unstick();
        else if (stuck.length > 0) stick(stuck.pop()!);
      });
    });
  };

  return {
    get held() {
      return held;
    },
    transmit(segment) {
      if (blocked) return;
      if (typeof segment !== 'string') held += segment.length;
      if (link.cut || stuck.length > 0) stick(segment);
      else carrySplit(segment);
    },
    free(bytes) {
      held -= bytes;
    },
    forget() {
      stuck = [];
    },
    block() {
      blocked = true;
      stuck = [];
    },
  };
}
