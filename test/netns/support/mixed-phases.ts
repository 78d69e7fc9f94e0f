/** What happens in the scenarios of mixed pairs. Each returns since when its time counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicNow } from '../../../src/lab/monotonic.ts';
import type { MixedPair } from './mixed-pair.ts';
import type { Phase, Standing } from './mixed-scenario.ts';

type Act = Phase['act'];
type Name = 'a' | 'b';

/** The time counts from the start's end: how long a program takes to load is not the protocol's. */
export const start =
  (name: Name): Act =>
  async (pair) => {
    await pair[name].node.start();
    return monotonicNow();
  };

const fault =
  (act: (pair: MixedPair) => Promise<unknown>): Act =>
  async (pair) => {
    const begun = monotonicNow();
    await act(pair);
    return begun;
  };

export const terminate = (name: Name) => fault((pair) => pair[name].node.terminate());
/**
 * Pulls the cable midway between two advertisements. One that is sent into a link whose loss the program has not seen
 * yet is kept by the kernel (it asks for the peer's MAC address, in vain) and goes out when the link is back, seconds
 * too late: with unicast, whichever program it is, the new master then steps down for a word that is long void.
 */
export const linkDown =
  (name: Name): Act =>
  async (pair) => {
    const { setting } = pair;
    const { states, host } = pair[name].node;
    const sinceMaster = monotonicNow() - (states.findLast(({ state }) => state === 'MASTER')?.t ?? 0);
    const interval = setting.interval * 1000;
    await sleep((1.5 * interval - (sinceMaster % interval)) % interval);
    const begun = monotonicNow();
    await host.linkDown();
    return begun;
  };
export const linkUp = (name: Name) => fault((pair) => pair[name].node.host.linkUp());
export const failProbe = (name: Name) => fault((pair) => pair[name].failProbe());
export const mendProbe = (name: Name) => fault((pair) => pair[name].mendProbe());
export const part = fault((pair) => pair.part());
export const heal = fault((pair) => pair.heal());
export const wait = (milliseconds: number) => fault(() => sleep(milliseconds));

/** `MASTER BACKUP a`, in words. */
export function standing(a: Standing['a'], b: Standing['b'], holders: string): Standing {
  return { a, b, holders };
}
