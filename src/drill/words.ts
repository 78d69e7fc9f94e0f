/** Small pieces of what a drill says. Pure. */

/** Milliseconds for people: whole ones, one decimal below ten, seconds from ten thousand on. */
export function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** An outage: the client tells of no gap up to its threshold. */
export function outageWords(value: number, threshold: number): string {
  return value === 0 ? `at most ${threshold} ms` : milliseconds(value);
}
