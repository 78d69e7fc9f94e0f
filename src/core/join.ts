/**
 * Whether a repcached that was started as a slave (`-x PEER`) became one, and what to do when it did not. Decides only;
 * looking at its sockets and starting it again are the daemon's.
 *
 * repcached 2.3.1 tries once. A peer that refuses in that moment makes it a lone master for good: one whose replication
 * port is closed because it takes its old slave, which died without a word, for alive; or one that was started at the
 * same time and tried the same. So the election decides: the host that hears another MASTER has its cache try again,
 * and only while that cache can hold nothing of its own: it was started to become a slave, was never seen to be one,
 * and its host was not MASTER since.
 */
import type { Millis } from './vrrp/parameters.ts';

/** Local TCP ports of one process. */
export interface OpenPorts {
  readonly listening: readonly number[];
  readonly connected: readonly number[];
}

/**
 * `starting`: its clients' port is not open yet. `copying`: nor is that, but it is connected. `joined`: it serves and
 * is connected. `alone`: it serves, and waits for a slave of its own. `serving`: nothing tells whether it has a partner.
 */
export type Standing = 'starting' | 'copying' | 'joined' | 'alone' | 'serving';

/**
 * Where it stands, by its sockets. repcached opens its clients' port when it has the whole copy or has given up its
 * master, and listens on its replication port only while it has no partner. Connections of clients tell nothing.
 */
export function standingOf(clientsPort: number, { listening, connected }: OpenPorts): Standing {
  const another = (port: number): boolean => port !== clientsPort;
  if (!listening.includes(clientsPort)) return connected.some(another) ? 'copying' : 'starting';
  if (connected.some(another)) return 'joined';
  return listening.some(another) ? 'alone' : 'serving';
}

/** Who is MASTER as far as this host knows: itself, another one that it hears, or nobody. */
export type Election = 'self' | 'other' | 'nobody';

/** How long it may take to open its clients' port before its master is asked whether it is still there. */
export const PATIENCE: Millis = 10_000;

/** Pause before the second attempt to join, after the first that failed; it doubles with every further one. */
const FIRST_PAUSE: Millis = 1_000;
const LONGEST_PAUSE: Millis = 60_000;

export interface JoinView {
  readonly standing: Standing;
  readonly election: Election;
  /** Its peer answers clients now. */
  readonly peerServes: boolean;
  /** Since it was started. */
  readonly age: Millis;
  /** How often it was started to join before this time. */
  readonly attempts: number;
}

/**
 * `settled`: it stays as it is, whatever comes. `wait`: too early to tell. `stranded`: it serves alone while another
 * host is MASTER. `again`: end it and start it anew.
 */
export type JoinVerdict = 'settled' | 'wait' | 'stranded' | 'again';

/** What to do about a cache that was started to join its peer and has not settled yet. */
export function judgeJoin({ standing, election, peerServes, age, attempts }: JoinView): JoinVerdict {
  switch (standing) {
    case 'starting':
    case 'copying':
      // Its master went without a word: it would wait for TCP to give up, after minutes or hours, and serve nobody.
      return age >= PATIENCE && election !== 'other' && !peerServes ? 'again' : 'wait';
    case 'joined':
    case 'serving':
      return 'settled';
    case 'alone':
      if (election === 'self') return 'settled'; // from now on clients write here
      if (election === 'nobody' || !peerServes) return 'wait';
      return age >= pauseAfter(attempts) ? 'again' : 'stranded';
  }
}

function pauseAfter(attempts: number): Millis {
  return attempts === 0 ? 0 : Math.min(FIRST_PAUSE * 2 ** (attempts - 1), LONGEST_PAUSE);
}
