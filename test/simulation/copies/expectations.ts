/**
 * What the proxy is expected to keep by now. A promise that it does not make yet is switched off here, and nowhere else.
 */

export interface Expectations {
  /**
   * Copies are compared by their generations. Then the address may move, proxies may be started anew and both sides may
   * write alone; without it a run has one proxy that lives from its beginning to its end, because only what that one
   * remembers tells which copy is whole.
   */
  readonly generations: boolean;
  /** A copy that is not whole is refilled: in the end both hold the same, and nothing is lost that a whole one had. */
  readonly refill: boolean;
  /** Clients may ask for the reserved key in any way, and write it: they never see it. */
  readonly reservedKey: boolean;
  /**
   * A proxy that goes on with one copy keeps this promise too when another one, that has the address as well, has made the
   * copies equal meanwhile. Without it nobody has the address together with somebody whom he could hear.
   */
  readonly rivals: boolean;
  /** flush_all with a delay takes effect on both copies when it is due, and brings nothing back that was emptied before. */
  readonly delayedFlush: boolean;
}

export const EXPECTATIONS: Expectations = {
  generations: true,
  refill: true,
  reservedKey: true,
  rivals: true,
  delayedFlush: true,
};

/** All of the contract. */
export const EVERYTHING: Expectations = {
  generations: true,
  refill: true,
  reservedKey: true,
  rivals: true,
  delayedFlush: true,
};

/**
 * Within this time, ms, a proxy has noticed that a copy can be reached again, and has compared it: an attempt that hangs, the
 * pause before the next one, its first answer, the pause before the copy is taken back.
 */
export const RECOGNITION_MS = 2000;
/** Every request is answered within this time, ms, while its proxy runs: both copies may have to time out, one by one. */
export const ANSWER_MS = 3000;
/**
 * A request whose connection was lost takes effect within this time, ms, or never: it is under way to one copy, and then
 * to the other. (Unless its proxy, or a copy that has it in its kernel, is stopped.)
 */
export const SETTLED_MS = 1500;
/** What was answered is on both copies, but for a repair that is still under way: within this time, ms. */
export const REPAIRED_MS = 500;
