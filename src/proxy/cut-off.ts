/**
 * Whether this host was cut off while its proxy was active: a copy fell silent, and so did every client. Then another proxy
 * may have been the one that clients reached, and what this one has may be old. Owns what tells the two apart; what is done
 * about it is client-speaks.ts's affair.
 */
import type { Backend, Generations } from './types.ts';

/** What clients had sent before a cut still comes for so long after the last sign of life of the other copy, in ms. */
const ECHO_MS = 20;
/** A client that had waited for the silent copy says something within this after it has its answer, in ms. */
const NEXT_REQUEST_MS = 20;

/** The copy has owed an answer for too long, and is about to be put out. */
export function copyFellSilent(backend: Backend): void {
  const { generations } = backend.proxy;
  const wasActive = generations.active && backend.aliveAt > generations.activeAt;
  if (wasActive && generations.spokenAt < backend.aliveAt + ECHO_MS)
    generations.quietSince = performance.now();
}

/** A client has said something; whether that may be the first word after a cut. */
export function endsSilence(generations: Generations, now: number): boolean {
  const { quietSince } = generations;
  generations.spokenAt = now;
  generations.quietSince = null;
  return quietSince !== null && now - quietSince > NEXT_REQUEST_MS;
}
