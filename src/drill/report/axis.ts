/** A time axis: from milliseconds to a place in the picture, and where its marks stand. Pure. */

/** A stretch of time in ms and where it lies, in units of the picture. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
}

/** Where a time lies; what is outside lies at the edge. */
export function place({ from, to, left, right }: Axis, ms: number): number {
  const share = Math.min(1, Math.max(0, (ms - from) / (to - from)));
  return Math.round((left + share * (right - left)) * 10) / 10;
}

/** Round times within the axis, at most `most` of them. */
export function ticks({ from, to }: Axis, most = 8): number[] {
  const least = (to - from) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= least) ?? 10 * power;
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** `250 ms`, `2.5 s`, in the unit that suits the whole axis. */
export function tickLabel(ms: number, { from, to }: Axis): string {
  if (to - from < 5000) return `${Math.round(ms * 10) / 10} ms`;
  return `${Math.round(ms / 100) / 10} s`;
}
