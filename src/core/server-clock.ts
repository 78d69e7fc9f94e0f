/**
 * A memcached's clock of whole seconds, as its answers tell it: each narrows down when its seconds begin. Pure; local time
 * is an argument, in ms of any clock that only goes forward.
 */

/** Bounds on its time minus the local one, in seconds: at least `least`, less than `most`. */
export interface ServerClock {
  readonly least: number;
  readonly most: number;
}

/** What one answer tells: asked for at `asked`, there at `answered`, it said `seconds` since 1970. */
export function readClock(seconds: number, asked: number, answered: number): ServerClock {
  return { least: seconds - answered / 1000, most: seconds + 1 - asked / 1000 };
}

/** What two answers tell together. When they contradict each other the later one counts: its host was stopped for a while. */
export function narrowClock(known: ServerClock, later: ServerClock): ServerClock {
  const least = Math.max(known.least, later.least);
  const most = Math.min(known.most, later.most);
  return least < most ? { least, most } : later;
}

/** Its seconds since 1970 at the local time `now`; wrong by less than half of what the bounds are apart. */
export function secondsOf({ least, most }: ServerClock, now: number): number {
  return Math.floor(now / 1000 + (least + most) / 2);
}

/** How far its seconds' beginning may be from where `secondsOf` takes it to be, in seconds. */
export function uncertaintyOf({ least, most }: ServerClock): number {
  return (most - least) / 2;
}
