/** When a proxy could not reach a copy, for whatever reason, and when it could not do anything at all. */
import { HOSTS, type Host } from './history.ts';

interface Spell {
  readonly from: number;
  to: number;
}

export interface Reach {
  /** From now on `proxy` does not reach `copy`. Reasons add up: each needs its own `unblock`. */
  block(proxy: Host, copy: Host, now: number): void;
  unblock(proxy: Host, copy: Host, now: number): void;
  /** No spell of being out of reach touches the time between. */
  wasReachable(proxy: Host, copy: Host, from: number, to: number): boolean;
  /** When the spell began that kept `proxy` from `copy` at some time between, or `to` when there was none. */
  apartSince(proxy: Host, copy: Host, from: number, to: number): number;
  /** The proxy of a host does not run, or not freely. */
  blockProxy(proxy: Host, now: number): void;
  unblockProxy(proxy: Host, now: number): void;
  ranFreely(proxy: Host, from: number, to: number): boolean;
  /** `time`, or when the proxy went on if it was stopped then. */
  runningSince(proxy: Host, time: number): number;
}

interface Track {
  reasons: number;
  readonly spells: Spell[];
}

function block(track: Track, now: number): void {
  if (track.reasons++ === 0) track.spells.push({ from: now, to: Number.POSITIVE_INFINITY });
}

function unblock(track: Track, now: number): void {
  if (track.reasons === 0) throw new Error('it was not blocked');
  if (--track.reasons === 0) track.spells[track.spells.length - 1]!.to = now;
}

function isFree(track: Track, from: number, to: number): boolean {
  return track.spells.every((spell) => spell.to < from || spell.from > to);
}

export function createReach(): Reach {
  const track = (): Track => ({ reasons: 0, spells: [] });
  const ways = new Map<string, Track>();
  const proxies = new Map<Host, Track>();
  for (const proxy of HOSTS) {
    proxies.set(proxy, track());
    for (const copy of HOSTS) ways.set(proxy + copy, track());
  }
  return {
    block: (proxy, copy, now) => block(ways.get(proxy + copy)!, now),
    unblock: (proxy, copy, now) => unblock(ways.get(proxy + copy)!, now),
    wasReachable: (proxy, copy, from, to) => isFree(ways.get(proxy + copy)!, from, to),
    apartSince: (proxy, copy, from, to) =>
      ways.get(proxy + copy)!.spells.find((spell) => spell.to >= from && spell.from <= to)?.from ?? to,
    blockProxy: (proxy, now) => block(proxies.get(proxy)!, now),
    unblockProxy: (proxy, now) => unblock(proxies.get(proxy)!, now),
    ranFreely: (proxy, from, to) => isFree(proxies.get(proxy)!, from, to),
    runningSince: (proxy, time) =>
      proxies
        .get(proxy)!
        .spells.reduce((latest, { from, to }) => (from <= latest && latest < to ? to : latest), time),
  };
}
