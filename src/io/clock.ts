/** The monotonic clock and its one kind of timer. */

/** Time as the daemon sees it; the simulator has its own. All times are monotonic ms. */
export interface Clock {
  now(): number;
  /**
   * Calls back once `deadline` has come, never early; returns what cancels it. It may be two ms late unless `exact`, which
   * is for what seldom comes so far: it costs the processor those two ms.
   */
  at(deadline: number, callback: () => void, exact?: boolean): () => void;
}

/** Lateness from which a timer is taken for a stall of the whole process. */
const STALL = 20;
/** Turns of the event loop that a stalled process gives its sockets: a full one is read in as many. */
const TURNS_AFTER_STALL = 48;
/** For at most so many ms: under a flood the socket is never empty. */
const LONGEST_DEFERRAL = 20;
/** So long before an exact deadline the event loop does not sleep any more: setTimeout counts whole ms. */
const TURNING = 2;
/** setTimeout's longest delay. */
const LONGEST_DELAY = 2 ** 31 - 1;

/**
 * The real clock. Node runs due timers before it reads sockets, so a process that was stopped would declare a master
 * dead whose advertisements lie unread in the socket: every timer lets the sockets speak first.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  at(deadline, callback, exact = false) {
    let timeout: NodeJS.Timeout | undefined;
    let immediate: NodeJS.Immediate | undefined;
    const defer = (turns: number, until: number): void => {
      immediate = setImmediate(() => {
        if (turns > 1 && performance.now() < until) defer(turns - 1, until);
        else callback();
      });
    };
    /** Each turn lets the sockets speak. */
    const turn = (): void => {
      immediate = setImmediate(() => {
        if (performance.now() < deadline) turn();
        else callback();
      });
    };
    const wait = (): void => {
      const left = deadline - performance.now();
      if (exact && left > 0 && left <= TURNING) return turn();
      const delay = Math.max(0, Math.ceil(exact ? left - TURNING : left));
      timeout = setTimeout(
        () => {
          const now = performance.now();
          const late = now - deadline;
          if (late < 0) wait();
          else defer(late > STALL ? TURNS_AFTER_STALL : 1, now + LONGEST_DEFERRAL);
        },
        Math.min(delay, LONGEST_DELAY),
      );
    };
    wait();
    return () => {
      clearTimeout(timeout);
      clearImmediate(immediate);
    };
  },
};
