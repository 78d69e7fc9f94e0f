/** How far a drill is: what still lacks until its fault has had its effect, and until all is over. Pure. */
import type { InstanceStatus, Status } from '../daemon/status.ts';
import type { Expectation, FaultName } from './faults.ts';
import { counterpart, HERE, instanceNamed, type Sight } from './hosts.ts';
import { trackedMemcached } from './target.ts';

/** What is known at one moment; times in ms on CLOCK_MONOTONIC. */
export interface Knowledge {
  readonly fault: FaultName;
  readonly expectation: Expectation;
  /** The instance's name on this host. */
  readonly instance: string;
  /** This host just before the fault. */
  readonly before: Status;
  /** The latest of each host. */
  readonly sights: readonly Sight[];
  /** When the fault was made. */
  readonly struckAt: number;
  /** The client got a right answer after the fault, and just now. */
  readonly answered: boolean;
}

/** What the fault has not caused yet, in words; null: all of it was seen. */
export function effectLacking(known: Knowledge): string | null {
  // Whoever is cut off sees nothing of the others.
  if (known.fault === 'cut-link') return hereLacking(known);
  switch (known.expectation) {
    case 'failover':
      return failoverLacking(known);
    case 'in-place':
      return hereLacking(known) ?? answerLacking(known);
    case 'unfelt':
      return hereLacking(known);
  }
}

function failoverLacking(known: Knowledge): string | null {
  if (restartedInPlace(known)) return answerLacking(known);
  const peers = known.sights.filter(({ label }) => label !== HERE);
  const own = ownBefore(known);
  const master = peers.find(({ status }) => counterpart(own, status)?.state === 'MASTER');
  if (peers.length > 0 && master === undefined) return 'the other host is not MASTER yet';
  // Blind: that this host is not MASTER any more is all that can be known, and that somebody answers.
  if (peers.length === 0 && hereNow(known)?.state === 'MASTER') return 'this host is still MASTER';
  return answerLacking(known);
}

/** A memcached that its keeper had back before anybody was elected. */
function restartedInPlace(known: Knowledge): boolean {
  if (known.fault !== 'kill-memcached' || hereNow(known)?.state !== 'MASTER') return false;
  const now = processHere(known, statusHere(known));
  return now !== null && now !== processHere(known, known.before) && isUpHere(known);
}

/** What this host's own part has not shown yet. */
function hereLacking(known: Knowledge): string | null {
  const status = statusHere(known);
  const seen = sightHere(known).asked > known.struckAt;
  switch (known.fault) {
    case 'kill-memcached':
    case 'hang-memcached':
      return seen && (!isUpHere(known) || isNewHere(known)) ? null : 'the daemon has not noticed it yet';
    case 'kill-proxy': {
      const { proxy } = ownBefore(known);
      const [was, is] = [known.before, status].map((one) => one?.proxies.find(({ name }) => name === proxy));
      return is?.up === true && is.pid !== was?.pid ? null : 'the proxy does not listen again yet';
    }
    case 'stop-agent':
    case 'hang-agent':
      return seen && (status === null || status.pid !== known.before.pid) ? null : 'the daemon still answers';
    case 'cut-link': {
      const state = hereNow(known)?.state;
      return seen && state !== 'MASTER' && state !== 'BACKUP' ? null : 'the daemon has not noticed it yet';
    }
  }
}

/** It was down between two looks: another process serves, or the instance was in FAULT and is not any more. */
function isNewHere(known: Knowledge): boolean {
  const latest = (instance: InstanceStatus | null) => instance?.transitions[0]?.at;
  const elected = latest(hereNow(known)) !== latest(ownBefore(known));
  return elected || processHere(known, statusHere(known)) !== processHere(known, known.before);
}

const answerLacking = ({ answered }: Knowledge): string | null =>
  answered ? null : 'the client is not answered';

const sightHere = ({ sights }: Knowledge): Sight => sights.find(({ label }) => label === HERE)!;
const statusHere = (known: Knowledge): Status | null => sightHere(known).status;
const hereNow = (known: Knowledge): InstanceStatus | null => instanceNamed(statusHere(known), known.instance);
const ownBefore = ({ before, instance }: Knowledge): InstanceStatus => instanceNamed(before, instance)!;

function processHere(known: Knowledge, status: Status | null): number | null {
  return status === null ? null : (trackedMemcached(status, ownBefore(known))?.process?.pid ?? null);
}

function isUpHere(known: Knowledge): boolean {
  const status = statusHere(known);
  return status !== null && trackedMemcached(status, ownBefore(known))?.status === 'up';
}

/** How long a fault goes on once its effect was seen, in ms: long enough to see that nothing more comes of it. */
export function holdTime(fault: FaultName, expectation: Expectation, advertSeconds: number): number {
  const advert = advertSeconds * 1000;
  // Nothing is seen of the other host's Master_Down_Interval, which is below four adverts.
  if (fault === 'cut-link') return Math.max(3000, 4 * advert + 1000);
  return expectation === 'unfelt' ? Math.max(2000, 3 * advert + 1000) : 1000;
}

/**
 * How long nobody may change its state until a drill is over, in ms: a host that is back as BACKUP preempts, where it
 * does, after its Master_Down_Interval.
 */
export function quietTime(advertSeconds: number): number {
  return 4 * advertSeconds * 1000 + 1000;
}
