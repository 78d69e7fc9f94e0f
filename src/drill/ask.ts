/** Asks this host's daemon and its peers how they are, now or again and again. */
import type { Status } from '../daemon/status.ts';
import { askControl } from '../io/control-socket.ts';
import { monotonicNow } from '../lab/monotonic.ts';
import { HERE, type HostLabel, type Sight } from './hosts.ts';

/** Where a host is asked. */
export interface Source {
  readonly label: HostLabel;
  readonly ask: () => Promise<Status>;
}

/** How long a daemon may take to answer, in ms: it answers in a few. */
const PATIENCE = 1_500;
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
      const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch((error: Error) => {
        throw new Error(`${url.host}: ${reasonOf(error)}`);
      });
      if (!response.ok) throw new Error(`${url.href}: HTTP ${response.status}`);
      const status = (await response.json()) as Partial<Status>;
      if (!Array.isArray(status.instances) || !Array.isArray(status.memcached))
        throw new Error(`${url.href} is not the status of a memcache-ha`);
      return status as Status;
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

/** fetch's own message is only `fetch failed`. */
function reasonOf(error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE} ms`;
  return cause?.code === 'ECONNREFUSED' ? 'connection refused' : (cause?.message ?? error.message);
}
