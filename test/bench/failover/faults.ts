/** What happens to the MASTER, and how long a client is without a right answer then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../../src/lab/await.ts';
import { startCapture } from '../../../src/lab/capture.ts';
import type { LabClient } from '../../../src/lab/client.ts';
import type { Host } from '../../../src/lab/host.ts';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import { type Holding, watchHolding } from '../../netns/support/holding.ts';
import { VIP } from '../../netns/support/pair.ts';
import { type Contender, clientOf, type Start } from './contenders.ts';

/** Longer outages, and two holders for longer, are told as for ever; in ms. */
export const BOUND = 10_000;

export interface Fault {
  readonly name: string;
  readonly strike: (contender: Contender) => Promise<void>;
  /** The daemon is gone and does not let go by itself: who holds the address is watched for so long, in ms. */
  readonly watchHolders?: number;
  /** The master falls silent without a word. */
  readonly silences?: true;
  readonly appliesTo?: (contender: Contender) => boolean;
}

const signalAll = async (contender: Contender, signal: NodeJS.Signals): Promise<void> => {
  for (const pid of await contender.daemonPids()) process.kill(pid, signal);
};

export const FAULTS: readonly Fault[] = [
  { name: 'memcached: kill -9', strike: async ({ memcached }) => void memcached.kill('SIGKILL') },
  { name: 'memcached: SIGSTOP', strike: async ({ memcached }) => void memcached.kill('SIGSTOP') },
  {
    name: 'proxy: kill -9',
    strike: async (contender) => void process.kill(await contender.proxyPid(), 'SIGKILL'),
  },
  { name: 'daemon: SIGTERM', strike: async (contender) => contender.terminate() },
  {
    name: 'daemon: drain',
    strike: async (contender) => contender.drain?.(),
    appliesTo: ({ drain }) => drain !== null,
  },
  { name: 'host: power off', strike: ({ lab }) => lab.hosts.a.powerOff(), silences: true },
  {
    name: 'daemon: kill -9',
    strike: (contender) => signalAll(contender, 'SIGKILL'),
    watchHolders: 2500,
  },
  {
    name: 'daemon: SIGSTOP',
    strike: (contender) => signalAll(contender, 'SIGSTOP'),
    watchHolders: 2500,
  },
];

/** One run. All in ms; Infinity: not within the bound. */
export interface Outcome {
  /** The longest time without a right answer for a client that gives up after 20 ms, and for one that waits on TCP. */
  readonly impatient: number;
  readonly patient: number;
  /** The most times that one request had to be sent until it was answered, of the client that waits on TCP. */
  readonly tries: number;
  /**
   * From the master's last advertisement on the wire to the first right answer, of the client that gives up; null: not
   * watched. It takes tens of ms to cut a host off, and where in the interval that falls decides a third of the other times.
   */
  readonly sinceAdvertisement: number | null;
  /** How long two hosts held the address; null: not watched. */
  readonly twoHolders: number | null;
}

/**
 * @param phase 0..1: the fault comes at this part of the interval after an advertisement. The runs of one fault are spread
 *   evenly over it: where in the interval a host dies decides about a third of the time until it is missed.
 * @returns null when the fault is none that this contender can have
 */
export async function run(
  start: Start,
  fault: Fault,
  phase: number,
  interval: number,
): Promise<Outcome | null> {
  const contender = await start();
  try {
    if (fault.appliesTo?.(contender) === false) return null;
    const { a, b } = contender.lab.hosts;
    const [impatient, patient] = [clientOf(contender, 20), clientOf(contender, 0)];
    await Promise.all([impatient.started, patient.started]);
    const watched = fault.watchHolders === undefined ? null : await watchBoth(a, b);
    const capture = fault.silences
      ? await startCapture(b, { filter: `ip proto 112 and src ${a.address}` })
      : null;
    await sleep(1000); // a spare proxy is ready, and what the start cost is over
    await nextAdvertisement(a);
    await sleep(phase * interval);
    const since = monotonicNow();
    await fault.strike(contender);
    if (fault.watchHolders !== undefined) await sleep(fault.watchHolders);
    const gaps = await Promise.all([impatient, patient].map((client) => outage(client, since)));
    const again = impatient.events.find(
      ({ t, event, gap }) => event === 'answered-again' && t > since && gap > 100,
    );
    const last = (await capture?.frames())?.at(-1);
    const { mostTries } = await patient.stop();
    await impatient.stop();
    return {
      impatient: gaps[0]!,
      patient: gaps[1]!,
      tries: mostTries,
      sinceAdvertisement: again === undefined || last === undefined ? null : again.t - last.t,
      twoHolders: watched === null ? null : heldTwice(watched, since, fault.watchHolders!),
    };
  } finally {
    await contender.destroy();
  }
}

async function outage(client: LabClient, since: number): Promise<number> {
  const settled = monotonicNow() + 500;
  const left = BOUND - (monotonicNow() - since);
  const answered = await client.waitAnswer(settled, left).then(
    () => true,
    () => false,
  );
  return answered ? client.longestGap(since) : Number.POSITIVE_INFINITY;
}

/** Resolves when the host has just advertised. */
async function nextAdvertisement(host: Host): Promise<void> {
  const words = ['tcpdump', '-l', '-n', '-Z', 'root', '-Q', 'out', '-c', '1', '-i', 'eth0', 'ip proto 112'];
  const tcpdump = host.spawn([...words, '--immediate-mode']);
  await until('the next advertisement', () => !tcpdump.running(), { timeout: 5000, every: 1 });
}

/** Both hosts, watched from now on; A has the address. */
async function watchBoth(a: Host, b: Host): Promise<readonly [Holding, Holding]> {
  const [onA, onB] = await Promise.all([a, b].map((host) => watchHolding(host, VIP)));
  return [onA!, onB!];
}

/** A has the address at `since`, B takes it at some time. Infinity: both have it at the end of the watch. */
function heldTwice([onA, onB]: readonly [Holding, Holding], since: number, watched: number): number {
  const lost = onA.changes.find(({ t, held }) => t > since && !held)?.t;
  const taken = onB.changes.find(({ t, held }) => t > since && held)?.t;
  if (taken === undefined || taken > since + watched) return 0;
  return lost === undefined ? Number.POSITIVE_INFINITY : Math.max(0, lost - taken);
}
