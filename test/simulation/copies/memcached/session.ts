/** What the commands of one connection have in common: where they run and where their answers go. */
import type { Item, Store } from './store.ts';

export interface Session {
  store: Store;
  /** Answers of this batch; they leave together. */
  readonly out: string[];
  /** Items that the answers of this batch refer to. */
  readonly referred: Item[];
  readonly pid: number;
  /** The machine's clock, since 1970. */
  readonly seconds: () => number;
  /** Begins a metadump, after which the connection takes no commands until its end; false: another one runs. */
  startDump(): boolean;
}

/** memcached's KEY_MAX_LENGTH. */
export const MAX_KEY = 250;
export const ITEM_SIZE_MAX = 1024 * 1024;

/** An answer that has the item in it keeps it until it is sent. */
export function refer(session: Session, item: Item): void {
  item.readers++;
  session.referred.push(item);
}

/** The answers so far are sent. */
export function release(session: Session): void {
  for (const item of session.referred) item.readers--;
  session.referred.length = 0;
}
