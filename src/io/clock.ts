/** The monotonic clock and its one kind of timer. */

/** Time as the daemon sees it; the simulator has its own. All times are monotonic ms. */
export interface Clock {
  now(): number;
  /** Calls back once `deadline` has come, never early; returns what cancels it. */
  at(deadline: number, callback: () => void): () => void;
}

/** Lateness from which a timer is taken for a stall of the whole process. */
const STALL = 20;
/** Turns of the event loop that a stalled process gives its sockets: a full one is read in as many. */
const TURNS_AFTER_STALL = 48;
/** For at most so many ms: under a flood the socket is never empty. */
const LONGEST_DEFERRAL = 20;
/** setTimeout's longest delay. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The real clock. Node runs due timers before it reads sockets, so a process that was stopped would declare a master
 * dead whose advertisements lie unread in the socket: every timer lets the sockets speak first.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  at(deadline, callback) {
    let timeout: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const defer = (turns: number, until: number): void => {
      immediate = setImmediate(() => {
        if (turns > 1 && performance.now() < until) defer(turns - 1, until);
        else callback();
      });
    };
    const wait = (): void => {
      const delay = Math.min(Math.max(0, Math.ceil(deadline - performance.now())), LONGEST_DELAY);
      timeout = setTimeout(() => {
        const now = performance.now();
        const late = now - deadline;
        if (late < 0) wait();
        else defer(late > STALL ? TURNS_AFTER_STALL : 1, now + LONGEST_DEFERRAL);
      }, delay);
    };
    wait();
    return () => {
      clearTimeout(timeout);
      clearImmediate(immediate);
    };
  },
};
