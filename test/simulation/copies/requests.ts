/** Random requests of a client, in the words of the classic text protocol or of the meta commands. */
import { GENERATION_KEY } from '../../../src/core/generation.ts';
import type { Prng } from '../prng.ts';
import type { Expectations } from './expectations.ts';
import type { Kind } from './history.ts';
import { appendix, counterValue, prefix, textValue } from './values.ts';

/** How an answer ends: a line; VALUE blocks and END; a meta answer; `none`: there is none (noreply). */
export type AnswerShape = 'line' | 'values' | 'meta' | 'none';

export interface Draft {
  readonly kind: Kind;
  readonly key: string;
  readonly bytes: string;
  readonly shape: AnswerShape;
  /** Keys whose values are asked for. */
  readonly asked: readonly string[];
  readonly flags: number;
  readonly ttl: number;
}

const TEXT_KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'];
const COUNTER_KEYS = ['c0', 'c1'];
/** Stored for some seconds, and never touched. */
const SHORT_KEYS = ['t0', 't1'];
/** Seldom written: what a refill carries over. */
const COLD_KEYS = Array.from({ length: 10 }, (_, index) => `cold%${index}`);

/** Everything that clients write. */
export const ALL_KEYS = [...TEXT_KEYS, ...COUNTER_KEYS, ...SHORT_KEYS, ...COLD_KEYS];

export const isCounter = (key: string): boolean => key[0] === 'c' && key[1] !== 'o';
/** Its values have a time to live of some seconds. */
export const isShort = (key: string): boolean => key[0] === 't';

const LONG_PADDING = 20_000;
const MAX_FLAGS = 65_536;
const LONG_TTL_S = 1000;
const LONGEST_FLUSH_DELAY_S = 6;

/** What a client knows besides its wishes: the CAS numbers that it was told. */
export type CasNumbers = ReadonlyMap<string, string>;

function anyKey(prng: Prng): string {
  const draw = prng.next();
  if (draw < 0.55) return prng.pick(TEXT_KEYS);
  if (draw < 0.7) return prng.pick(COUNTER_KEYS);
  if (draw < 0.82) return prng.pick(SHORT_KEYS);
  return prng.pick(COLD_KEYS);
}

/** A request whose number is `id`; what the proxy is not expected to cope with is left out. */
export function drawRequest(
  prng: Prng,
  id: number,
  known: CasNumbers,
  { reservedKey, delayedFlush }: Expectations,
): Draft {
  const draw = prng.next();
  if (draw < 0.42)
    return get(prng, prng.chance(0.75) ? [anyKey(prng)] : [anyKey(prng), anyKey(prng), anyKey(prng)]);
  if (draw < 0.5) return remove(prng, anyKey(prng));
  if (draw < 0.5013) return plain('flush_all', '', 'flush_all\r\n', 'line');
  if (draw < 0.506 && delayedFlush) {
    const ttl = 1 + prng.below(LONGEST_FLUSH_DELAY_S);
    return { ...plain('flush later', '', `flush_all ${ttl}\r\n`, 'line'), ttl };
  }
  if (draw < 0.54) return rare(prng, reservedKey);
  const key = anyKey(prng);
  if (isCounter(key) && prng.chance(0.75)) return count(prng, key);
  if (draw < 0.58 && !isShort(key)) return touch(prng, key);
  return store(prng, id, key, known);
}

/** Reads `keys`, each of them once. */
export function get(prng: Prng, keys: readonly string[]): Draft {
  const asked = [...new Set(keys)];
  const first = asked[0]!;
  const base = { kind: 'get', key: asked.length === 1 ? first : '', asked, flags: 0, ttl: 0 } as const;
  const draw = prng.next();
  if (asked.length === 1 && draw < 0.3)
    return { ...base, bytes: `mg ${first} k f v c${prng.chance(0.2) ? ' u O7' : ''}\r\n`, shape: 'meta' };
  if (asked.length === 1 && draw < 0.35 && !isShort(first))
    return { ...base, kind: 'touch', bytes: `gat ${LONG_TTL_S} ${first}\r\n`, shape: 'values' };
  const command = prng.chance(0.4) ? 'gets' : 'get';
  return { ...base, bytes: `${command} ${asked.join(' ')}\r\n`, shape: 'values' };
}

/** A request that asks for no values. */
export function plain(kind: Kind, key: string, bytes: string, shape: AnswerShape): Draft {
  return { kind, key, bytes, shape, asked: [], flags: 0, ttl: 0 };
}

function remove(prng: Prng, key: string): Draft {
  if (prng.chance(0.15)) return plain('delete', key, `delete ${key} noreply\r\n`, 'none');
  return plain('delete', key, prng.chance(0.3) ? `md ${key}\r\n` : `delete ${key}\r\n`, 'line');
}

function count(prng: Prng, key: string): Draft {
  if (prng.chance(0.1)) return plain('incr', key, `incr ${key} 1 noreply\r\n`, 'none');
  if (prng.chance(0.3)) return plain('incr', key, `ma ${key} v\r\n`, 'meta');
  return plain('incr', key, `incr ${key} 1\r\n`, 'line');
}

function touch(prng: Prng, key: string): Draft {
  const ttl = prng.pick([0, LONG_TTL_S, 2 * LONG_TTL_S]);
  return plain('touch', key, `touch ${key} ${ttl}\r\n`, 'line');
}

function rare(prng: Prng, reserved: boolean): Draft {
  const key = GENERATION_KEY;
  const others = ['version\r\n', 'mn\r\n'];
  const reads = [`mg ${key} v k f\r\n`, `me ${key}\r\n`, `mg ${key} t s\r\n`];
  const writes = [`delete ${key}\r\n`, `md ${key}\r\n`, `touch ${key} 1\r\n`, `incr ${key} 1\r\n`];
  const draw = prng.next();
  if (draw < 0.3) return plain('other', '', `get ${key} k0 ${key}\r\n`, 'values');
  if (draw < 0.6) return plain('other', '', prng.pick(reads), 'meta');
  if (draw < 0.8 || !reserved) return plain('other', '', prng.pick(others), 'line');
  if (draw < 0.9) return plain('other', '', prng.pick(writes), 'line');
  return plain('other', '', `set ${key} 0 0 18\r\n9 00112233aabbccdd\r\n`, 'line');
}

const META_MODE: Partial<Record<Kind, string>> = {
  add: ' ME',
  replace: ' MR',
  append: ' MA',
  prepend: ' MP',
};

function store(prng: Prng, id: number, key: string, known: CasNumbers): Draft {
  const cas = known.get(key);
  const kinds: readonly Kind[] =
    isCounter(key) || isShort(key)
      ? ['set', 'set', 'add']
      : ['set', 'set', 'set', 'set', 'add', 'add', 'replace', 'append', 'append', 'prepend', 'cas', 'cas'];
  const drawn = prng.pick(kinds);
  const kind = drawn === 'cas' && cas === undefined ? 'set' : drawn;
  const flags = id % MAX_FLAGS;
  const ttl = isShort(key) ? 2 + prng.below(5) : prng.pick([0, 0, LONG_TTL_S]);
  const padding = prng.chance(0.01) ? LONG_PADDING : prng.chance(0.3) ? prng.below(200) : 0;
  const value =
    kind === 'append'
      ? appendix(id)
      : kind === 'prepend'
        ? prefix(id)
        : isCounter(key)
          ? counterValue(id)
          : textValue(id, padding);
  const base = { kind, key, asked: [], flags, ttl };
  if (prng.chance(0.3)) {
    const words = `${META_MODE[kind] ?? ''}${kind === 'cas' ? ` C${cas}` : ''}`;
    return {
      ...base,
      bytes: `ms ${key} ${value.length} F${flags} T${ttl}${words}\r\n${value}\r\n`,
      shape: 'line',
    };
  }
  const muted = prng.chance(0.15);
  const tail = `${kind === 'cas' ? ` ${cas}` : ''}${muted ? ' noreply' : ''}`;
  const line = `${kind} ${key} ${flags} ${ttl} ${value.length}${tail}\r\n`;
  return { ...base, bytes: `${line}${value}\r\n`, shape: muted ? 'none' : 'line' };
}
