/**
 * Which copies are whole: compares their generations when the proxy becomes active, when a backend comes back and every now
 * and then, empties the ones that are behind before anybody reads them, and says when the generation must rise (raise.ts).
 * Only an active proxy changes anything; one that stands by just looks.
 */
import { type Generation, soonestFlush } from '../core/generation.ts';
import { compareCopies, raisedNumber, type Verdict } from '../core/wholeness.ts';
import { submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import { copiesChanged, groupOf, hasPartner, isForeign } from './copies.ts';
import { flushNow } from './flush.ts';
import { newTag, raise } from './raise.ts';
import { type ReadRecord, readFlushes, readRecord, replaceRecord, writeRecord } from './record.ts';
import { type Backend, type Generations, newOp, type ProxyState } from './types.ts';

/** The first record of a pair is the same from whichever proxy writes it. */
const FIRST: Generation = { number: 1, tag: '0'.repeat(16), filling: false };

/** Requests: a page of the smallest items holds ten times as many. */
const KEEP_EVERY = 1000;
/** A memcached without CAS numbers never lets a record be replaced: then the tie is settled without it. */
const TIE_ATTEMPTS = 3;

/**
 * Compares the copies that are there and acts on it; `returning` is a backend that answers again and becomes up with the
 * outcome. `done` is called when every copy that may be read is known; bounded by the backends' own deadlines.
 */
export function compare(
  proxy: ProxyState,
  returning: Backend | null,
  done: () => void = () => {},
  attempt = 0,
): void {
  const { generations } = proxy;
  const group = groupOf(proxy);
  const { epoch } = generations;
  const socket = returning?.socket;
  if (returning !== null && !hasPartner(returning)) {
    welcome(returning);
    done();
    return;
  }
  // Servers without backups: there is nothing to compare, and no generation to have.
  if (group.length === 0) {
    done();
    return;
  }
  readAll(proxy, group, returning, (reads) => {
    // It went out once more: its next connection compares again.
    const lost = returning !== null && returning.socket !== socket;
    if (proxy.closing || lost) done();
    else if (generations.epoch !== epoch) compare(proxy, returning, done);
    else apply(proxy, group, reads, returning, done, attempt);
  });
}

function readAll(
  proxy: ProxyState,
  group: readonly Backend[],
  returning: Backend | null,
  done: (reads: ReadRecord[]) => void,
): void {
  const reads: ReadRecord[] = group.map(() => ({ record: undefined, missing: false, cas: '0' }));
  let waiting = 1;
  const arrived = (): void => {
    if (--waiting === 0) done(reads);
  };
  group.forEach((backend, place) => {
    if (!backend.up && backend !== returning) return;
    waiting++;
    readRecord(backend, (read) => {
      reads[place] = read;
      // Another proxy's word that the copy lost a tie is no miss.
      if (!read.missing || !mayBeEvicted(proxy, backend)) {
        arrived();
        return;
      }
      restoreEvicted(backend, (restored) => {
        reads[place] = { record: restored, missing: false, cas: '0' };
        arrived();
      });
    });
  });
  arrived();
}

/** It had a record, and the connection has been up since: it was not restarted. */
function mayBeEvicted(proxy: ProxyState, backend: Backend): boolean {
  return proxy.generations.active && backend.up && (backend.generation ?? null) !== null;
}

/**
 * Looks at a record every so many requests: a small cache under a flood of writes throws out what nobody has asked for in
 * the half second between two comparisons.
 */
export function keepRecord(backend: Backend): void {
  if (backend.counters.requests - backend.keptAt < KEEP_EVERY || !backend.up) return;
  backend.keptAt = backend.counters.requests;
  if ((backend.generation ?? null) === null) return;
  readRecord(backend, ({ record }) => {
    if (record === null) compare(backend.proxy, null);
  });
}

/** A record that is gone though nobody emptied the copy was evicted, and is put back. */
function restoreEvicted(backend: Backend, done: (record: Generation | null | undefined) => void): void {
  const known = backend.generation!;
  readFlushes(backend, (flushes) => {
    if (flushes !== backend.flushes || backend.generation !== known) {
      backend.flushes = flushes ?? backend.flushes;
      done(flushes === undefined ? undefined : null);
      return;
    }
    writeRecord(backend, known);
    done(known);
  });
}

function apply(
  proxy: ProxyState,
  group: readonly Backend[],
  reads: readonly ReadRecord[],
  returning: Backend | null,
  done: () => void,
  attempt: number,
): void {
  const { generations } = proxy;
  const records = reads.map(({ record }) => record);
  const verdict = compareCopies(records, preference(group));
  generations.seen = Math.max(generations.seen, ...records.map((record) => record?.number ?? 0));
  if (verdict.arbiter !== null && isInCharge(generations) && attempt < TIE_ATTEMPTS) {
    settleTie(proxy, group, reads, verdict, () => compare(proxy, returning, done, attempt + 1));
    return;
  }
  group.forEach((backend, place) => {
    if (records[place] !== undefined) backend.generation = records[place];
  });
  judge(proxy, group, verdict, returning);
  done();
}

/** The copies that this proxy has been reading go first, then the servers before the backups. */
function preference(group: readonly Backend[]): number[] {
  const places = group.map((_backend, place) => place);
  const isRead = (place: number) => (group[place]!.up && group[place]!.whole ? 0 : 1);
  return places.sort((left, right) => isRead(left) - isRead(right) || left - right);
}

/**
 * Both sides went on alone. Two proxies may both be at it and prefer different sides: whoever replaces the arbiter's record
 * first has settled it, and the other one finds no tie any more.
 */
function settleTie(
  proxy: ProxyState,
  group: readonly Backend[],
  reads: readonly ReadRecord[],
  { arbiter, whole }: Verdict,
  done: () => void,
): void {
  const { generations } = proxy;
  const backend = group[arbiter!]!;
  const wins = whole.includes(arbiter!);
  const number = raisedNumber(generations.seen, Date.now());
  const { flushAt } = reads[arbiter!]!.record!;
  const record = wins ? { number, tag: newTag(), filling: false, flushAt } : null;
  proxy.log(0, `both sides went on alone: ${whole.map((place) => group[place]!.name).join(', ')} stays`);
  replaceRecord(backend, record, reads[arbiter!]!.cas, done);
}

function judge(
  proxy: ProxyState,
  group: readonly Backend[],
  verdict: Verdict,
  returning: Backend | null,
): void {
  const { generations } = proxy;
  const before = group.map(({ up, whole }) => up && whole);
  const named = (places: readonly number[]) => places.map((place) => group[place]!);
  if (isForeign(generations.record, verdict.record)) {
    // Another proxy was active meanwhile: what this one knew of the copies that are away is worth nothing.
    for (const backend of group) if (!backend.up) backend.generation = undefined;
  }
  const flushAt = soonestFlush(named(verdict.whole).map(({ generation }) => generation));
  generations.record = verdict.record && { ...verdict.record, flushAt };
  for (const backend of named(verdict.whole)) backend.whole = true;
  for (const backend of named([...verdict.filling, ...verdict.behind])) backend.whole = false;
  const inCharge = isInCharge(generations);
  if (inCharge && isOutdated(generations)) {
    generations.record = { ...generations.record!, filling: true };
    // What was filled from them may have writes that they lack: all begin anew, and equal.
    for (const backend of named([...verdict.whole, ...verdict.filling])) empty(backend);
  }
  if (inCharge) for (const backend of named(verdict.behind)) empty(backend);
  if (returning !== null) welcome(returning);
  // A proxy for which the copy that is filled now is out must find another generation behind its next write (raise.ts).
  if (inCharge && verdict.behind.length > 0 && generations.record !== null) {
    const names = named(verdict.behind).map(({ name }) => name);
    raise(proxy, `${names.join(', ')} is filled anew`);
  }
  const absent = group.filter((backend) => !backend.up);
  if (inCharge) establish(proxy, generations.record, absent);
  if (inCharge && flushAt !== undefined) keepFlush(proxy, named(verdict.whole), flushAt);
  if (absent.length === 0 && verdict.whole.length === group.length) generations.equalAt = performance.now();
  const changed = group.some(({ up, whole }, place) => (up && whole) !== before[place]);
  if (changed || returning !== null || verdict.behind.length > 0) copiesChanged(proxy);
  // A proxy that has just become active may find a copy that another one had begun to fill.
  else proxy.refills.reconcile();
}

/**
 * The best copies that are there missed what a copy had that is away now: this proxy has seen its higher generation. They
 * have old values, and a miss is better than these.
 */
function isOutdated({ record, seen }: Generations): boolean {
  return record !== null && !record.filling && record.number < seen;
}

/** Only one proxy may change what copies hold: the one that clients reach. */
function isInCharge({ active, leaving }: Generations): boolean {
  return active && !leaving;
}

/** Sees to it that the whole copies have a record, and that it rises when and before it must. */
function establish(proxy: ProxyState, record: Generation | null, absent: readonly Backend[]): void {
  const { generations } = proxy;
  const group = groupOf(proxy);
  generations.alone = absent.length > 0;
  const mayHaveIt = ({ generation }: Backend) =>
    generation === undefined || (generation !== null && generation.number >= (record?.number ?? 0));
  generations.mustRaise =
    absent.some((backend) => record === null || mayHaveIt(backend)) ||
    (record !== null && record.number < generations.seen);
  if (generations.diverged && group.some(({ up }) => up)) {
    generations.diverged = false;
    if (absent.length > 0) raise(proxy);
  } else if (record?.filling === true) {
    // The best there is was never whole. What is away may be; only what is beside it must not pass for it.
    if (group.filter(({ up }) => up).length > 1) raise(proxy);
    else generations.mustRaise = true;
  } else if (record === null) {
    // What is left lost its record with its contents. Whoever is away must not pass for whole if it missed writes before.
    const lacking = absent.every(
      ({ generation }) => generation !== undefined && (generation?.number ?? 0) < generations.seen,
    );
    if (generations.seen === 0 && absent.length === 0) begin(proxy, FIRST);
    else if (generations.seen > 0 && lacking) raise(proxy);
  }
}

function begin(proxy: ProxyState, record: Generation): void {
  proxy.generations.record = record;
  proxy.generations.seen = record.number;
  for (const backend of groupOf(proxy)) if (backend.up) writeRecord(backend, record);
}

/** Empties a copy that is behind, in front of whatever is submitted after; from then on nothing in it is old. */
function empty(backend: Backend): void {
  const { generations, log } = backend.proxy;
  log(0, `${backend.name} is behind, emptied`);
  backend.emptied++;
  const call = internalCall(backend, 'line', () => backend.flushes++);
  submitText(call, 'flush_all\r\n');
  const { record } = generations;
  if (record !== null) writeRecord(backend, { ...record, filling: true });
  else backend.generation = null;
}

/**
 * Carries out the flush that is due at `flushAt`, once it is; until then every copy that is `whole` knows of it, so that
 * another proxy will.
 */
function keepFlush(proxy: ProxyState, whole: readonly Backend[], flushAt: number): void {
  if (flushAt <= Date.now()) {
    proxy.log(0, `everything is flushed, as a client asked for at ${new Date(flushAt).toISOString()}`);
    flushNow(proxy, newOp(null));
    return;
  }
  for (const backend of whole) {
    const { generation } = backend;
    if (backend.up && generation != null && generation.flushAt !== flushAt)
      writeRecord(backend, { ...generation, flushAt });
  }
}

/** A copy that was refilled is whole from here on: all of it is stored before this, and so is what comes after. */
export function filled(backend: Backend): void {
  const { proxy } = backend;
  const { generations } = proxy;
  if (generations.record === null) throw new Error('a copy was refilled from copies without a record');
  writeRecord(backend, generations.record);
  backend.whole = true;
  proxy.log(0, `${backend.name} is whole again`);
  copiesChanged(proxy);
}

function welcome(backend: Backend): void {
  backend.up = true;
  backend.counters.backs++;
  backend.proxy.log(0, `${backend.name} is back${backend.whole ? '' : ', and filled from the other copy'}`);
  if (!hasPartner(backend)) copiesChanged(backend.proxy);
}

/** A backend has just gone out. What is left goes on without it, the best there is. */
export function copyOut(backend: Backend): void {
  const { proxy } = backend;
  const { generations } = proxy;
  if (hasPartner(backend) && generations.active && !proxy.closing) {
    generations.mustRaise = true;
    const left = groupOf(proxy).filter(({ up }) => up);
    if (left.length > 0 && !left.some(({ whole }) => whole)) {
      for (const survivor of left) survivor.whole = true;
    }
  }
  copiesChanged(proxy);
}
