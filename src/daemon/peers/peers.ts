/**
 * What the other hosts of the pair say of themselves. They are asked when somebody wants to know, all at once and in
 * bounded time, and an answer holds for a moment, so that many who look are one question.
 */
import type { Endpoint } from '../../config/config.ts';
import { formatEndpoint } from '../../config/endpoint.ts';
import type { Millis } from '../../core/vrrp/parameters.ts';
import type { PeerQuestion } from '../../io/peer-status.ts';
import type { PeerStatus } from '../status.ts';
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

export interface Peers {
  /** In the order given; never rejects. */
  statuses(of: readonly Endpoint[]): Promise<readonly PeerStatus[]>;
}

export function createPeers({ ask, now }: PeerPorts): Peers {
  const latest = new Map<string, { readonly askedAt: Millis; readonly said: Promise<PeerStatus> }>();

  const question = async ({ host, port }: Endpoint): Promise<PeerStatus> => {
    const address = formatEndpoint({ host, port });
    const unreached = (detail: string): PeerStatus => ({
      address,
      reached: false,
      detail,
      at: null,
      status: null,
    });
    try {
      const answer = await ask({ host, port, path: '/status', timeout: TIMEOUT, longest: LONGEST });
      const status = readStatus(answer);
      if (status === null) return unreached('what answers there is no memcache-ha');
      return { address, reached: true, detail: '', at: new Date().toISOString(), status };
    } catch (error) {
      return unreached((error as Error).message);
    }
  };

  return {
    statuses(of) {
      for (const [address, { askedAt }] of latest) if (now() - askedAt >= KEPT) latest.delete(address);
      return Promise.all(
        of.map((endpoint) => {
          const address = formatEndpoint(endpoint);
          const known = latest.get(address) ?? { askedAt: now(), said: question(endpoint) };
          latest.set(address, known);
          return known.said;
        }),
      );
    },
  };
}
