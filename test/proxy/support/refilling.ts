/** What tests of refills ask and wait for: a proxy's statistics, a copy's record, and two copies compared key by key. */
import {
  decodeGeneration,
  encodeGeneration,
  GENERATION_KEY,
  type Generation,
} from '../../../src/core/generation.ts';
import { ask, openConnection } from './connection.ts';
import { readStates, type State } from './items.ts';
import { sleep } from './processes.ts';

/** One command, on a connection of its own. */
export async function talk(port: number, command: string, last: RegExp): Promise<string> {
  const connection = await openConnection(port);
  try {
    return await ask(connection, command, last);
  } finally {
    connection.close();
  }
}

/** The statistics of a memcached or a proxy. */
export async function statsOf(port: number): Promise<Map<string, string>> {
  const answer = await talk(port, 'stats\r\n', /END\r\n$/);
  return new Map([...answer.matchAll(/^STAT (\S+) (.*)\r$/gm)].map((match) => [match[1]!, match[2]!]));
}

/** Waits until `condition` holds, asking every `every` ms, for `patience` ms at most. */
export async function until(
  what: string,
  condition: () => Promise<boolean>,
  patience = 20_000,
  every = 20,
): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience} ms`);
    await sleep(every);
  }
}

/** Both copies are up and whole, as the proxy at `port` sees it, and have stored all that this rests on. */
export async function isWhole(port: number): Promise<boolean> {
  const stats = await statsOf(port);
  for (const n of [1, 2]) {
    if (stats.get(`backend_${n}_up`) !== '1' || stats.get(`backend_${n}_whole`) !== '1') return false;
    const copy = Number(stats.get(`backend_${n}_address`)!.split(':')[1]);
    if ((await recordOf(copy))?.filling !== false) return false;
  }
  return true;
}

export function untilWhole(port: number, patience?: number): Promise<void> {
  return until('both copies are whole', () => isWhole(port), patience);
}

/** A refill is under way. */
export async function isRefilling(port: number): Promise<boolean> {
  return (await statsOf(port)).has('refill_done');
}

/** The generation that a memcached holds. */
export async function recordOf(port: number): Promise<Generation | null> {
  const answer = await talk(port, `get ${GENERATION_KEY}\r\n`, /END\r\n$/);
  return decodeGeneration(/^VALUE \S+ \d+ \d+\r\n(.*)\r\n/.exec(answer)?.[1] ?? '');
}

/** Makes a memcached the whole copy beside one that has no record. */
export async function giveRecord(port: number): Promise<void> {
  const record = encodeGeneration({ number: 5, tag: 'f'.repeat(16), filling: false });
  await talk(port, `set ${GENERATION_KEY} 0 0 ${record.length}\r\n${record}\r\n`, /STORED\r\n$/);
}

/** How two copies differ in the keys, told for the first few, and how many there are. */
export interface Differences {
  readonly compared: number;
  readonly present: number;
  readonly different: number;
  /** Alike, but for times to live that are more than a second apart. */
  readonly apart: number;
  readonly examples: readonly string[];
}

const CHUNK = 10_000;
/** In seconds. A memcached's clock ticks once a second, and later where it gets no CPU; dates are rougher than durations. */
const MOST_APART = 3;
/** What is known of a key says what it was given some time ago. */
const ROUGHLY = 600;

/**
 * Compares every key on both copies, and with what it is known to be (undefined: nothing is known; null: nothing there):
 * value, flags and time to live.
 */
export async function compareCopies(
  first: number,
  second: number,
  keys: readonly string[],
  known: (key: string) => State | null | undefined = () => undefined,
): Promise<Differences> {
  let different = 0;
  let present = 0;
  let apart = 0;
  const examples: string[] = [];
  for (let from = 0; from < keys.length; from += CHUNK) {
    const chunk = keys.slice(from, from + CHUNK);
    const [left, right] = await Promise.all([readStates(first, chunk), readStates(second, chunk)]);
    const ticked: string[] = [];
    for (const [index, key] of chunk.entries()) {
      const [one, other, wanted] = [left[index]!, right[index]!, known(key)];
      if (one !== null) present++;
      if (isApart(one, other)) ticked.push(key);
      const wrong =
        differsIn(one, other, MOST_APART) ?? (wanted === undefined ? null : differsIn(one, wanted, ROUGHLY));
      if (wrong === null) continue;
      different++;
      if (examples.length >= 5) continue;
      const what = `${describe(one)} / ${describe(other)}, wanted ${describe(wanted)}`;
      examples.push(`${JSON.stringify(key)} ${wrong}: ${what}`);
    }
    apart += await countApart(first, second, ticked);
  }
  return { compared: keys.length, present, different, apart, examples };
}

function differsIn(one: State | null, other: State | null, tolerance: number): string | null {
  if (one === null || other === null) return one === other ? null : 'presence';
  if (!one.value.equals(other.value)) return 'value';
  if (one.flags !== other.flags) return 'flags';
  if (one.ttl < 0 || other.ttl < 0) return one.ttl === other.ttl ? null : 'ttl';
  return Math.abs(one.ttl - other.ttl) > tolerance ? 'ttl' : null;
}

function isApart(one: State | null, other: State | null): boolean {
  return one !== null && other !== null && Math.abs(one.ttl - other.ttl) > 1;
}

/** Asks again: between the two reads a clock may have ticked. */
async function countApart(first: number, second: number, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const [left, right] = await Promise.all([readStates(first, keys), readStates(second, keys)]);
  return keys.filter((_, index) => isApart(left[index]!, right[index]!)).length;
}

function describe(state: State | null | undefined): string {
  if (state === null) return 'nothing';
  if (state === undefined) return 'unknown';
  const start = JSON.stringify(state.value.toString('latin1', 0, 12));
  return `${state.value.length} bytes ${start}, flags ${state.flags}, ttl ${state.ttl}`;
}
