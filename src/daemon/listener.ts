/** A listener that can move: it listens at one place at a time, or nowhere. Knows nothing of what it serves. */
import type { Endpoint } from '../config/config.ts';
import { same } from '../config/diff/same.ts';

export interface Listener {
  /** Listens there instead; null: nowhere. Rejects when it cannot, and then it is where it was. */
  move(to: Endpoint | null): Promise<void>;
  close(): void;
}

/** Is nowhere yet. */
export function createListener(open: (at: Endpoint) => Promise<{ close(): void }>): Listener {
  let at: Endpoint | null = null;
  let server: { close(): void } | null = null;

  const listen = async (where: Endpoint | null): Promise<void> => {
    server = where === null ? null : await open(where);
    at = where;
  };
  return {
    async move(to) {
      if (same(at, to)) return;
      // First away from here: 0.0.0.0 and 127.0.0.1 are in each other's way.
      server?.close();
      server = null;
      const before = at;
      try {
        await listen(to);
      } catch (error) {
        await listen(before);
        throw error;
      }
    },
    close: () => server?.close(),
  };
}
