/** What the page is drawn from: what the daemon said, and what the browser knows besides. */
import type { HostView, PairView } from '../daemon/pair-view.ts';

/** Spans of the timeline, in ms, by the name that stands in the address. */
export const SPANS: Readonly<Record<string, number>> = {
  '15m': 900_000,
  '1h': 3_600_000,
  '6h': 21_600_000,
  '24h': 86_400_000,
  '7d': 604_800_000,
};
export const DEFAULT_SPAN = '1h';

/** A host as it is drawn; of one that does not answer, what it said last is in its history. */
export interface DrawnHost extends HostView {
  /** How it is called: by its router_id, or by its address while it has told nothing. */
  readonly label: string;
  /** When it answered last, on this host's clock in ms; null: never while this page was open. */
  readonly heardAt: number | null;
}

export interface Model extends Omit<PairView, 'hosts'> {
  readonly hosts: readonly DrawnHost[];
  /** Name of one of SPANS. */
  readonly span: string;
  /** For how long the daemon that this page came from has not answered, in ms; null: it does. */
  readonly silentFor: number | null;
}

/** The state's own colour, or that of a state which we do not know. */
export function stateClass(state: string): string {
  return ['MASTER', 'BACKUP', 'FAULT'].includes(state) ? state.toLowerCase() : 'other';
}

/** For those who see no colours. */
export function stateSign(state: string): string {
  return { MASTER: '●', BACKUP: '○', FAULT: '✕' }[state] ?? '–';
}
