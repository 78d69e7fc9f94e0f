/** Times for people. */

/** `12 s`, `3 min`, `5 h`, `2 d`; at least 0. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** From an ISO time to `now` (ms since the epoch). */
export function ago(since: string, now: number): string {
  const at = Date.parse(since);
  return Number.isNaN(at) ? 'an unknown time' : duration(now - at);
}

export function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
