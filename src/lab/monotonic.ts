/** The lab's clock. Owns nothing but the reading of CLOCK_MONOTONIC; never the time of day. */

/**
 * Now in milliseconds on CLOCK_MONOTONIC, to the microsecond. Comparable between all processes of one machine,
 * which is how the client's times and the test's times meet.
 */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
