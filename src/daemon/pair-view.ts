/** Everything that the page shows, in one value: `/pair`. For the page of the same version; programs have `/status`. */
import type { HostHistory } from './host-history.ts';
import type { PeerHistory } from './peers/peers.ts';
import { type Problem, problemsOf } from './problems.ts';
import type { PairStatus, Status } from './status.ts';

export interface HostView {
  /** Of its metrics listener; null: this host. */
  readonly address: string | null;
  /** Why it was not reached; else empty. */
  readonly detail: string;
  /** Null: it was not reached. */
  readonly status: Status | null;
  /** Null: it does not tell. */
  readonly history: HostHistory | null;
  /** How far its clock is ahead of this host's, in ms. */
  readonly clockAhead: number;
}

export interface PairView {
  /** This host's clock, ms since the epoch. */
  readonly now: number;
  readonly problems: readonly Problem[];
  /** This host first. */
  readonly hosts: readonly HostView[];
}

/** `histories` are of the same peers, in the same order. */
export function composeView(
  { peers, ...own }: PairStatus,
  history: HostHistory,
  histories: readonly PeerHistory[],
  now: number,
): PairView {
  return {
    now,
    problems: problemsOf({ ...own, peers }, now),
    hosts: [
      { address: null, detail: '', status: own, history, clockAhead: 0 },
      ...peers.map(({ address, detail, status }, index) => {
        const told = histories[index];
        return {
          ...{ address, detail, status },
          history: status === null ? null : (told?.history ?? null),
          clockAhead: told?.clockAhead ?? 0,
        };
      }),
    ],
  };
}
