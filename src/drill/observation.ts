/**
 * Turns what the hosts say, question after question, into moments and into the states that each went through. Pure:
 * a book that is written by `add`, times are arguments.
 */

import type { Transition } from '../daemon/history.ts';
import type { InstanceStatus, Status } from '../daemon/status.ts';
import type { HostLabel, Sight } from './hosts.ts';
import type { Moment, Mood } from './moment.ts';

/** A state that a host was in from then on; `silent`: its daemon gave no answer. */
export interface Change {
  readonly t: number;
  readonly state: string;
}

export interface Observation {
  add(sight: Sight): void;
  /** The latest of each host that was asked. */
  latest(): readonly Sight[];
  moments(): readonly Moment[];
  /** Of one host, in the order of time. */
  changes(label: HostLabel): readonly Change[];
  /** How far the host's clock may be misjudged, in ms; null: it never answered. */
  clockError(label: HostLabel): number | null;
  /** What changed in the elections, as it became known. */
  transitions(): readonly (Change & { readonly label: HostLabel })[];
}

interface HostBook {
  sight: Sight;
  /** The last one with an answer. */
  status: Status | null;
  readonly seen: Set<string>;
  readonly changes: Change[];
  silentSince: number | null;
  clock: { readonly offset: number; readonly error: number } | null;
}

/** An ISO time has whole milliseconds: what happened lies in the middle of one. */
const HALF = 0.5;

/**
 * @param find the instance that the drill is about, on whichever host
 * @param wallClock this process's wall clock minus its monotonic one, in ms, for hosts that do not tell their time
 */
export function createObservation(
  find: (label: HostLabel, status: Status) => InstanceStatus | null,
  wallClock: number,
): Observation {
  const books = new Map<HostLabel, HostBook>();
  const moments: Moment[] = [];
  const transitions: (Change & { label: HostLabel })[] = [];

  const tell = (t: number, who: HostLabel, mood: Mood, text: string) => moments.push({ t, who, mood, text });

  const compareClocks = (book: HostBook, { asked, answered }: Sight, status: Status): void => {
    const error = (answered - asked) / 2 + HALF;
    const offset = Date.parse(status.time) + HALF - (asked + answered) / 2;
    if (Number.isFinite(offset) && (book.clock === null || error < book.clock.error))
      book.clock = { offset, error };
  };

  const silence = (book: HostBook, { label, asked, detail }: Sight): void => {
    if (book.silentSince !== null) return;
    book.silentSince = asked;
    book.changes.push({ t: asked, state: 'silent' });
    tell(asked, label, 'bad', `its daemon does not answer: ${detail}`);
  };

  const transition = (
    book: HostBook,
    label: HostLabel,
    { at, from, to, reason, detail }: Transition,
  ): void => {
    const t = Date.parse(at) + HALF - (book.clock?.offset ?? wallClock);
    book.changes.push({ t, state: to });
    transitions.push({ t, state: to, label });
    const why = detail === '' ? reason : `${reason}: ${detail}`;
    tell(t, label, moodOf(to), `${from} -> ${to}  ${why}`);
  };

  const compare = (book: HostBook, sight: Sight, status: Status): void => {
    const { label, asked, answered } = sight;
    const before = book.status;
    const now = find(label, status);
    if (book.silentSince !== null) {
      const restarted = before !== null && before.pid !== status.pid;
      tell(
        answered,
        label,
        'good',
        `its daemon answers${restarted ? `, a new one (pid ${status.pid})` : ' again'}`,
      );
      book.silentSince = null;
      if (now !== null) book.changes.push({ t: answered, state: now.state });
    }
    for (const one of [...(now?.transitions ?? [])].reverse()) {
      const key = `${one.at} ${one.from} ${one.to} ${one.reason}`;
      if (!book.seen.has(key) && before !== null) transition(book, label, one);
      book.seen.add(key);
    }
    if (before === null) {
      if (now !== null) book.changes.push({ t: asked, state: now.state });
      return;
    }
    for (const { mood, text } of differences(before, status, find(label, before), now))
      tell(answered, label, mood, text);
  };

  return {
    add(sight) {
      const { label, status } = sight;
      const book: HostBook = books.get(label) ?? {
        ...{ sight, status: null, seen: new Set(), changes: [], silentSince: null, clock: null },
      };
      books.set(label, book);
      book.sight = sight;
      if (status === null) return silence(book, sight);
      compareClocks(book, sight, status);
      compare(book, sight, status);
      book.status = status;
    },
    latest: () => [...books.values()].map(({ sight }) => sight),
    moments: () => moments,
    changes: (label) => [...(books.get(label)?.changes ?? [])].sort((one, other) => one.t - other.t),
    clockError: (label) => books.get(label)?.clock?.error ?? null,
    transitions: () => transitions,
  };
}

function moodOf(state: string): Mood {
  if (state === 'MASTER') return 'good';
  return state === 'BACKUP' ? 'plain' : 'bad';
}

/** What is different between two answers of one host, beside its transitions. */
function differences(
  before: Status,
  now: Status,
  was: InstanceStatus | null,
  is: InstanceStatus | null,
): { mood: Mood; text: string }[] {
  const list: { mood: Mood; text: string }[] = [];
  const add = (mood: Mood, text: string) => list.push({ mood, text });
  for (const memcached of now.memcached) {
    const { name, status, detail, copy, process } = memcached;
    const old = before.memcached.find((one) => one.name === name);
    if (old === undefined) continue;
    if (status !== old.status) {
      const why = status === 'up' || detail === '' ? '' : `: ${detail}`;
      add(status === 'up' ? 'good' : 'bad', `memcached ${name} is ${status}${why}`);
    }
    if (process?.pid !== old.process?.pid && process?.pid != null)
      add('good', `memcached ${name} was started again, pid ${process.pid}`);
    if (copy !== old.copy && copy !== null) add(copy === 'whole' ? 'good' : 'plain', `its copy is ${copy}`);
  }
  for (const proxy of now.proxies) {
    const old = before.proxies.find(({ name }) => name === proxy.name);
    if (old === undefined) continue;
    if (proxy.up && (!old.up || proxy.pid !== old.pid))
      add('good', `proxy ${proxy.name} listens, pid ${proxy.pid}`);
    if (!proxy.up && old.up) add('plain', `proxy ${proxy.name} does not listen`);
    list.push(...copyDifferences(old, proxy));
  }
  for (const { address, held } of is?.virtual_addresses ?? []) {
    const old = was?.virtual_addresses.find((one) => one.address === address);
    if (old !== undefined && old.held !== held)
      add('plain', held ? `holds ${address}` : `let go of ${address}`);
  }
  return list;
}

function copyDifferences(
  old: Status['proxies'][number],
  { name, copies, refill }: Status['proxies'][number],
): { mood: Mood; text: string }[] {
  const describe = ({ up, whole }: { up: boolean; whole: boolean }) =>
    !up ? 'out' : whole ? 'whole' : 'not whole, not read';
  return [
    ...copies.flatMap((copy) => {
      const was = old.copies.find((one) => one.name === copy.name);
      if (was === undefined || describe(was) === describe(copy)) return [];
      const mood: Mood = copy.up && copy.whole ? 'good' : copy.up ? 'plain' : 'bad';
      return [{ mood, text: `proxy ${name}: copy ${copy.name} is ${describe(copy)}` }];
    }),
    ...(refill !== null && old.refill === null
      ? [{ mood: 'plain' as const, text: `proxy ${name}: refills ${refill.target} from ${refill.source}` }]
      : []),
  ];
}
