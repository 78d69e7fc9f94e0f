/**
 * The two copies of a key: which is up, which is whole, and which one decides (the authority). Pure decisions; who is up
 * is found out by the proxy's backends. A copy is whole when it saw every write that its pair answered.
 *
 * Here a copy that missed writes stays out of authority for as long as the other one lives. Comparing generations when a
 * copy comes back, and refilling it, are further events of this same machine.
 */

/** 0: the server (`-s`), 1: its backup (`-b`). */
export type Side = 0 | 1;

/** What is known of one pair. `exists` is false for the backup of a pair that has none. */
export interface Copies {
  readonly exists: readonly [boolean, boolean];
  readonly up: readonly [boolean, boolean];
  readonly whole: readonly [boolean, boolean];
}

/** `out`: no longer answers, or lost its connection. `back`: takes writes again from now on. `whole`: was made equal. */
export type CopyEvent =
  | { readonly type: 'out'; readonly side: Side }
  | { readonly type: 'back'; readonly side: Side }
  | { readonly type: 'whole'; readonly side: Side };

/** A pair at the start: both are taken for up and whole until one fails, so that turning the proxy on costs no cache. */
export function initialCopies(hasBackup: boolean): Copies {
  return { exists: [true, hasBackup], up: [true, hasBackup], whole: [true, hasBackup] };
}

function set(pair: readonly [boolean, boolean], side: Side, value: boolean): readonly [boolean, boolean] {
  return side === 0 ? [value, pair[1]] : [pair[0], value];
}

/** The pair after an event. Events about a side that does not exist, or that change nothing, answer the same pair. */
export function stepCopies(copies: Copies, event: CopyEvent): Copies {
  const { side } = event;
  const other: Side = side === 0 ? 1 : 0;
  if (!copies.exists[side]) return copies;
  switch (event.type) {
    case 'out': {
      if (!copies.up[side]) return copies;
      const up = set(copies.up, side, false);
      // The last one to go keeps its wholeness: nobody took a write that it missed.
      if (!copies.up[other]) return { ...copies, up };
      // From here the other goes on alone. It is the best copy there is, even when it was not whole itself.
      return { ...copies, up, whole: set(set(copies.whole, side, false), other, true) };
    }
    case 'back': {
      if (copies.up[side]) return copies;
      const up = set(copies.up, side, true);
      if (copies.up[other]) return { ...copies, up };
      // Alone again: it serves, and what it takes from now on the other one misses.
      return { ...copies, up, whole: set(set(copies.whole, side, true), other, false) };
    }
    case 'whole':
      return copies.up[side] ? { ...copies, whole: set(copies.whole, side, true) } : copies;
  }
}

/** Who decides and who is read: the server while it is whole, else the backup, else whichever is up; null: nobody. */
export function authorityOf(copies: Copies): Side | null {
  for (const side of [0, 1] as const) if (copies.up[side] && copies.whole[side]) return side;
  for (const side of [0, 1] as const) if (copies.up[side]) return side;
  return null;
}
