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
/** So long after it said nothing it is asked again without anybody waiting for it: who looks often is not held up. */
const SILENCE: Millis = 5000;
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

/** What a peer said, or is about to say. */
interface Kept<T> {
  readonly askedAt: Millis;
  readonly saying: Promise<T>;
  /** Null: it has not yet. */
  said: T | null;
  /** That it said nothing, the time before; null: it was not so. */
  readonly before: T | null;
}

export function createPeers({ ask, now }: PeerPorts): Peers {
  /** Asks for `path`, unless it did a moment ago. `read` makes of the answer, or of what came in its place, what is kept. */
  const asking = <T>(
    path: string,
    read: (address: string, answer: unknown) => T,
    isSilence: (said: T) => boolean,
  ) => {
    const latest = new Map<string, Kept<T>>();
    const question = ({ host, port }: Endpoint, before: T | null): Kept<T> => {
      const asked = ask({ host, port, path, timeout: TIMEOUT, longest: LONGEST });
      const kept: Kept<T> = {
        askedAt: now(),
        before,
        said: null,
        saying: asked
          .catch((error: Error) => error)
          .then((answer) => {
            kept.said = read(formatEndpoint({ host, port }), answer);
            return kept.said;
          }),
      };
      return kept;
    };
    return (of: readonly Endpoint[]): Promise<readonly T[]> => {
      for (const [address, { askedAt }] of latest) if (now() - askedAt >= SILENCE) latest.delete(address);
      return Promise.all(
        of.map((endpoint) => {
          const address = formatEndpoint(endpoint);
          let kept = latest.get(address);
          if (kept === undefined || now() - kept.askedAt >= KEPT) {
            const { said = null } = kept ?? {};
            kept = question(endpoint, said !== null && isSilence(said) ? said : null);
            latest.set(address, kept);
          }
          return kept.said ?? kept.before ?? kept.saying;
        }),
      );
    };
  };

  return {
    statuses: asking(
      '/status',
      (address, answer): PeerStatus => {
        const status = answer instanceof Error ? null : readStatus(answer);
        if (status !== null) {
          return { address, reached: true, detail: '', at: new Date().toISOString(), status };
        }
        const detail = answer instanceof Error ? answer.message : 'what answers there is no memcache-ha';
        return { address, reached: false, detail, at: null, status };
      },
      ({ reached }) => !reached,
    ),
    histories: asking(
      '/history',
      (_, answer): PeerHistory => {
        const history = readHistory(answer);
        return { history, clockAhead: history === null ? 0 : Date.parse(history.now) - Date.now() };
      },
      ({ history }) => history === null,
    ),
  };
}
