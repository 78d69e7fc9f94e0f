/** The ways between the hosts: how long a packet takes, and whether it gets through at all. One link per direction. */
import type { Prng } from '../prng.ts';

/** Two hosts with a memcached and a proxy each, and a place where the clients are. */
export type Place = 'A' | 'B' | 'clients';

export interface Link {
  readonly cut: boolean;
  /** The time that the next packet takes, ms. */
  delay(): number;
  /** Calls `action` when the link is next whole again. */
  onceWhole(action: () => void): void;
}

/** Latency of a packet, ms. */
export interface Weather {
  readonly minimum: number;
  readonly maximum: number;
}

export interface Links {
  link(from: Place, to: Place): Link;
  /** Cuts one direction. Cuts add up: each needs its own `mend`. */
  cut(from: Place, to: Place): void;
  mend(from: Place, to: Place): void;
  /** Between A and B, both ways; null: as usual. */
  setWeather(weather: Weather | null): void;
}

const LOCAL: Weather = { minimum: 0.01, maximum: 0.05 };
const USUAL: Weather = { minimum: 0.05, maximum: 0.4 };

interface LinkState extends Link {
  cuts: number;
  waiting: (() => void)[];
}

export function createLinks(prng: Prng): Links {
  const all = new Map<string, LinkState>();
  let weather: Weather = USUAL;

  const link = (from: Place, to: Place): LinkState => {
    const name = `${from} ${to}`;
    const known = all.get(name);
    if (known !== undefined) return known;
    const local = from === to;
    const between = from !== 'clients' && to !== 'clients';
    const made: LinkState = {
      cuts: 0,
      waiting: [],
      get cut() {
        return made.cuts > 0;
      },
      delay() {
        const { minimum, maximum } = local ? LOCAL : between ? weather : USUAL;
        return prng.between(minimum, maximum);
      },
      onceWhole(action) {
        made.waiting.push(action);
      },
    };
    all.set(name, made);
    return made;
  };

  return {
    link,
    cut(from, to) {
      link(from, to).cuts++;
    },
    mend(from, to) {
      const mended = link(from, to);
      if (mended.cuts === 0) throw new Error(`${from} ${to} is not cut`);
      if (--mended.cuts > 0) return;
      const { waiting } = mended;
      mended.waiting = [];
      for (const action of waiting) action();
    },
    setWeather(next) {
      weather = next ?? USUAL;
    },
  };
}
