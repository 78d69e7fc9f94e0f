/**
 * What the other hosts of the pair say of themselves. They are asked when somebody wants to know, all at once and in
 * bounded time, and an answer holds for a moment, so that many who look are one question.
 */
import type { Endpoint } from '../../config/config.ts';
import { formatEndpoint } from '../../config/endpoint.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { PeerQuestion } from '../../io/peer-status.ts';
import type { HostHistory } from '../host-history.ts';
import type { PeerStatus } from '../status.ts';
import { readHistory } from './history-shape.ts';
import { readStatus } from './status-shape.ts';

/** How long a peer may take. */
const TIMEOUT: Millis = 500;
/** How long what it said, or that it said nothing, is good enough. */
const KEPT: Millis = 1000;
/** Bytes; a status of 255 instances is about half of it. */
const LONGEST = 1_000_000;

export interface PeerPorts {
  /** Rejects with a line for people. */
  readonly ask: (question: PeerQuestion) => Promise<unknown>;
  /** Monotonic. */
  readonly now: () => Millis;
}

/** A peer's history; null when it tells none. */
export interface PeerHistory {
  readonly history: HostHistory | null;
  /** How far its clock is ahead of ours, in ms, give or take the time that the answer took. */
  readonly clockAhead: Millis;
}

export interface Peers {
  /** In the order given; never rejects. */
  statuses(of: readonly Endpoint[]): Promise<readonly PeerStatus[]>;
  /** In the order given; never rejects. */
  histories(of: readonly Endpoint[]): Promise<readonly PeerHistory[]>;
}

export function createPeers({ ask, now }: PeerPorts): Peers {
  /** Asks for `path`, unless it did a moment ago. `read` makes of the answer, or of what came in its place, what is kept. */
  const asking = <T>(path: string, read: (address: string, answer: unknown) => T) => {
    const latest = new Map<string, { readonly askedAt: Millis; readonly said: Promise<T> }>();
    const question = async ({ host, port }: Endpoint): Promise<T> => {
      const answer = await ask({ host, port, path, timeout: TIMEOUT, longest: LONGEST }).catch(
        (error: Error) => error,
      );
      return read(formatEndpoint({ host, port }), answer);
    };
    return (of: readonly Endpoint[]): Promise<readonly T[]> => {
      for (const [address, { askedAt }] of latest) if (now() - askedAt >= KEPT) latest.delete(address);
      return Promise.all(
        of.map((endpoint) => {
          const address = formatEndpoint(endpoint);
          const known = latest.get(address) ?? { askedAt: now(), said: question(endpoint) };
          latest.set(address, known);
          return known.said;
        }),
      );
    };
  };

  return {
    statuses: asking('/status', (address, answer): PeerStatus => {
      const status = answer instanceof Error ? null : readStatus(answer);
      if (status !== null) {
        return { address, reached: true, detail: '', at: new Date().toISOString(), status };
      }
      const detail = answer instanceof Error ? answer.message : 'what answers there is no memcache-ha';
      return { address, reached: false, detail, at: null, status };
    }),
    histories: asking('/history', (_, answer): PeerHistory => {
      const history = readHistory(answer);
      return { history, clockAhead: history === null ? 0 : Date.parse(history.now) - Date.now() };
    }),
  };
}
