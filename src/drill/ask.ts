/** Asks this host's daemon and its peers how they are, now or again and again. */
import { readStatus } from '../daemon/peers/status-shape.ts';
import type { Status } from '../daemon/status.ts';
import { askControl } from '../io/control-socket.ts';
import { askPeer } from '../io/peer-status.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { HERE, type HostLabel, type Sight } from './hosts.ts';

/** Where a host is asked. */
export interface Source {
  readonly label: HostLabel;
  readonly ask: () => Promise<Status>;
}

/** How long a daemon may take to answer, in ms: it answers in a few. */
const PATIENCE = 1_500;
/** Longest answer of a peer, in bytes. */
const LONGEST = 1_000_000;
/** Between two questions to one host, in ms. */
const EVERY = 100;

/** This host's daemon, at its control socket. */
export function hereAt(control: string): Source {
  return {
    label: HERE,
    async ask() {
      const answer = await askControl(control, { command: 'status' }, PATIENCE);
      if (!answer.ok) throw new Error(answer.error);
      return answer.result as Status;
    },
  };
}

/** Another host's daemon, at its metrics listener. */
export function peerAt(label: HostLabel, url: URL): Source {
  return {
    label,
    async ask() {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const port = Number(url.port || 80);
      const question = { host, port, path: url.pathname, timeout: PATIENCE, longest: LONGEST };
      const answer = await askPeer(question).catch((error: Error) => {
        throw new Error(`${url.host}: ${error.message}`);
      });
      const status = readStatus(answer);
      if (status === null) throw new Error(`${url.href} is not the status of a memcache-ha`);
      return status;
    },
  };
}

/** One question; never rejects. */
export async function look({ label, ask }: Source): Promise<Sight> {
  const asked = monotonicNow();
  try {
    const status = await ask();
    return { label, asked, answered: monotonicNow(), status, detail: '' };
  } catch (error) {
    return { label, asked, answered: monotonicNow(), status: null, detail: (error as Error).message };
  }
}

/** Asks each host again and again; returns what ends it. */
export function keepLooking(sources: readonly Source[], onSight: (sight: Sight) => void): () => void {
  let stopped = false;
  const timers = new Map<Source, NodeJS.Timeout>();
  const again = async (source: Source): Promise<void> => {
    const sight = await look(source);
    if (stopped) return;
    onSight(sight);
    timers.set(
      source,
      setTimeout(() => void again(source), EVERY),
    );
  };
  for (const source of sources) void again(source);
  return () => {
    stopped = true;
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
