/**
 * What a memcached must hold after a series of commands, and what it must answer to each: the commands of the tests'
 * writers, as memcached 1.6 performs them. Keys are named by their numbers (`itemOf`); nothing here expires.
 */
import { itemOf, type State } from './items.ts';
import type { Random } from './random.ts';

/** A command on one key. */
export type Act =
  | {
      readonly kind: 'set' | 'add' | 'replace';
      readonly value: Buffer;
      readonly flags: number;
      readonly ttl: number;
    }
  | { readonly kind: 'append' | 'prepend'; readonly value: Buffer }
  | { readonly kind: 'touch' | 'gat'; readonly ttl: number }
  | { readonly kind: 'incr'; readonly by: number }
  | { readonly kind: 'delete' | 'get' };

/** How it ends: `found` with what is read. */
export type Ending =
  | { readonly kind: 'stored' | 'not-stored' | 'deleted' | 'touched' | 'missing' | 'not-a-number' }
  | { readonly kind: 'found'; readonly state: State }
  | { readonly kind: 'counted'; readonly number: string };

export interface Model {
  readonly state: (n: number) => State | null;
  /** Performs it. */
  readonly act: (n: number, act: Act) => Ending;
  /** Whatever was written so far, by number. */
  readonly written: ReadonlyMap<number, State | null>;
}

/** Begins with the items 0 to count - 1. */
export function createModel(count: number): Model {
  const written = new Map<number, State | null>();
  const state = (n: number): State | null => {
    const known = written.get(n);
    if (known !== undefined) return known;
    return n < count ? itemOf(n) : null;
  };
  const act = (n: number, given: Act): Ending => {
    const old = state(n);
    const { next, ending } = perform(old, given);
    if (next !== old) written.set(n, next);
    return ending;
  };
  return { state, act, written };
}

interface Performed {
  readonly next: State | null;
  readonly ending: Ending;
}

function perform(old: State | null, act: Act): Performed {
  const ends = (next: State | null, kind: Exclude<Ending['kind'], 'found' | 'counted'>): Performed => ({
    next,
    ending: { kind },
  });
  switch (act.kind) {
    case 'set':
    case 'add':
    case 'replace': {
      const refused = act.kind === 'set' ? false : (old !== null) === (act.kind === 'add');
      if (refused) return ends(old, 'not-stored');
      return ends({ value: act.value, flags: act.flags, ttl: act.ttl }, 'stored');
    }
    case 'append':
    case 'prepend': {
      if (old === null) return ends(old, 'not-stored');
      const parts = act.kind === 'append' ? [old.value, act.value] : [act.value, old.value];
      return ends({ ...old, value: Buffer.concat(parts) }, 'stored');
    }
    case 'touch':
    case 'gat': {
      if (old === null) return ends(old, 'missing');
      const next = { ...old, ttl: act.ttl };
      return act.kind === 'touch' ? ends(next, 'touched') : { next, ending: { kind: 'found', state: next } };
    }
    case 'incr': {
      if (old === null) return ends(old, 'missing');
      const text = old.value.toString('latin1');
      if (!/^\d{1,15}$/.test(text)) return ends(old, 'not-a-number');
      const number = String(Number(text) + act.by);
      return { next: { ...old, value: Buffer.from(number) }, ending: { kind: 'counted', number } };
    }
    case 'delete':
      return ends(null, old === null ? 'missing' : 'deleted');
    case 'get':
      return { next: old, ending: old === null ? { kind: 'missing' } : { kind: 'found', state: old } };
  }
}

/** Far enough apart to be told from each other, whatever a test takes. */
const TTLS = [-1, 5000, 200_000, 3_100_000] as const;
const BIG_BYTES = 300_000;
const MOST_GROWN = 100_000;

/** A random command for a key that holds `state`: mostly writes, and every fifth reads. */
export function randomAct(random: Random, state: State | null, isNumber: boolean): Act {
  const ttl = random.pick(TTLS);
  const flags = random.below(2 ** 31);
  const value = (bytes: number) => Buffer.alloc(bytes, `v${random.below(2 ** 31)}\r\n`);
  const plain = (): Buffer =>
    isNumber ? Buffer.from(String(random.below(1_000_000))) : value(1 + random.below(900));
  const kind = random.pick([
    ...(['set', 'set', 'delete', 'delete', 'add', 'replace', 'append', 'prepend'] as const),
    ...(['touch', 'touch', 'gat', 'incr', 'get', 'get', 'get'] as const),
  ]);
  switch (kind) {
    case 'set':
      return { kind, value: random.chance(0.004) ? value(BIG_BYTES) : plain(), flags, ttl };
    case 'add':
    case 'replace':
      return { kind, value: plain(), flags, ttl };
    case 'append':
    case 'prepend':
      // A number stays one, and what has grown enough does not grow on.
      if (isNumber || (state?.value.length ?? 0) > MOST_GROWN)
        return { kind: 'set', value: plain(), flags, ttl };
      return { kind, value: value(1 + random.below(20)) };
    case 'touch':
    case 'gat':
      return { kind, ttl };
    case 'incr':
      return { kind, by: random.below(1000) };
    case 'delete':
    case 'get':
      return { kind };
  }
}
