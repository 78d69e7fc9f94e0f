/**
 * Raises the generation before the first write is answered that a copy misses, and keeps answers of writes back until that
 * is stored. Whether it must be raised is generations.ts's to say.
 */
import { randomBytes } from 'node:crypto';
import { type Generation, soonestFlush } from '../core/generation.ts';
import { raisedNumber } from '../core/wholeness.ts';
import { answer } from './call.ts';
import { groupOf, isForeign } from './copies.ts';
import { readRecord, replaceRecord, writeRecord } from './record.ts';
import type { Backend, Generations, Op, Pair, ProxyState } from './types.ts';

const ALONE = 'a copy may miss what is written from here on';

/**
 * Raises the generation of the copies that are up; `why` is for the log. Answers of writes wait until it is stored. Where a
 * copy is away it says that no client was heard yet (`heard`).
 */
export function raise(proxy: ProxyState, why = ALONE): void {
  const { generations } = proxy;
  const number = raisedNumber(generations.seen, Date.now());
  const { flushAt } = generations.record ?? {};
  const unheard = groupOf(proxy).some(({ up }) => !up) || undefined;
  const record: Generation = { number, tag: newTag(), filling: false, unheard, flushAt };
  generations.mustRaise = false;
  generations.record = record;
  generations.seen = number;
  generations.epoch++;
  proxy.log(0, `generation ${number}: ${why}`);
  const filled: Backend[] = [];
  let storing = 1;
  const stored = (): void => {
    if (--storing === 0) follow(proxy, record, filled);
  };
  for (const backend of groupOf(proxy)) {
    if (!backend.up) {
      backend.generation ??= null;
      continue;
    }
    // What was found behind by a proxy that leaves was not emptied: it stays behind.
    if (!backend.whole && backend.generation?.filling === false) continue;
    if (!backend.whole) {
      filled.push(backend);
      continue;
    }
    storing++;
    store(backend, record, record, stored);
  }
  stored();
}

/**
 * What is being filled gets the generation when the whole copies have it. Until then it is behind, and emptied by whoever
 * finds it: the other way round a proxy that dies in between would leave whole copies that look outdated beside an empty one.
 */
function follow(proxy: ProxyState, record: Generation, filled: readonly Backend[]): void {
  const { generations } = proxy;
  // Raised once more, or no copy is left that has it: then what is there is the best there is, and the next write raises.
  const isStored = ({ up, whole, generation }: Backend): boolean =>
    up && whole && generation?.tag === record.tag;
  if (generations.record?.tag !== record.tag || !groupOf(proxy).some(isStored)) return;
  generations.epoch++;
  for (const backend of filled) {
    if (!backend.up || backend.whole) continue;
    store(backend, { ...generations.record, filling: true }, record, () => {});
  }
}

/**
 * A client has said something since the generation was raised: this proxy is one that clients reach. Stored where the
 * record is still this one; answers of writes wait until it is.
 */
export function heard(proxy: ProxyState): void {
  const { generations } = proxy;
  const { record } = generations;
  if (record?.unheard !== true || !generations.active) return;
  const now = { ...record, unheard: undefined };
  generations.record = now;
  for (const backend of groupOf(proxy)) {
    if (!backend.up || !backend.whole || isForeign(record, backend.generation ?? null)) continue;
    generations.raising++;
    readRecord(backend, ({ record: found, cas }) => {
      if (found == null || isForeign(record, found)) return settled(generations);
      replaceRecord(backend, { ...found, unheard: undefined }, cas, () => settled(generations));
    });
  }
}

/** Answers of writes wait for it. `own` is what this proxy raises to. */
function store(backend: Backend, record: Generation, own: Generation, done: () => void): void {
  const { proxy } = backend;
  proxy.generations.raising++;
  readRecord(backend, (read) => overtake(proxy, own, read.record));
  writeRecord(backend, record, () => {
    done();
    settled(proxy.generations);
  });
}

/**
 * Another proxy may have raised to the same number, or above it, since this one looked: `found` lay where `own` lies now.
 * Only one that writes alone must be above it: two that reach all copies would overtake each other without end.
 */
function overtake(proxy: ProxyState, own: Generation, found: Generation | null | undefined): void {
  const { generations } = proxy;
  if (!generations.alone || found == null || found.number < own.number) return;
  if (!isForeign(generations.record, own)) raiseAbove(proxy, found);
}

/** Raises above what another proxy gave the same copy, and keeps the flush that this one may have promised. */
function raiseAbove(proxy: ProxyState, found: Generation): void {
  const { generations } = proxy;
  generations.seen = Math.max(generations.seen, found.number);
  if (generations.record !== null) {
    const flushAt = soonestFlush([generations.record, found]);
    generations.record = { ...generations.record, flushAt };
  }
  raise(proxy);
}

/** One of those that answers of writes wait for is done. */
function settled(generations: Generations): void {
  if (--generations.raising > 0) return;
  const { held } = generations;
  generations.held = [];
  for (const release of held) release();
}

/**
 * Looks, behind a write that only this copy has, whether another proxy has given it a new generation meanwhile: then the
 * copies were equal again without that write. One look serves all the writes whose answers came before its own.
 */
function confirmAlone(backend: Backend): void {
  const { proxy } = backend;
  const { generations } = proxy;
  if (generations.confirming) return;
  generations.confirming = true;
  generations.raising++;
  readRecord(backend, ({ record }) => {
    generations.confirming = false;
    if (record != null && isForeign(generations.record, record)) {
      // What the other one has only begun to fill is no better for this.
      if (record.filling) backend.whole = false;
      raiseAbove(proxy, record);
    }
    settled(generations);
  });
}

/** The tag of a new record. */
export function newTag(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Hands the answer of a write to the client, once the generation is raised where a copy may have missed the write.
 * Bytes as in `answer`.
 */
export function answerWrite(op: Op, backend: Backend, buffer: Buffer, start: number, end: number): void {
  const { proxy } = backend;
  const { generations } = proxy;
  // Its clients are the next proxy's, and a copy that went on with one write of theirs would tie with the one that serves
  // them: nobody is told that it is stored.
  if (generations.mustRaise && generations.leaving) return;
  if (generations.mustRaise) raise(proxy);
  else if (generations.alone) confirmAlone(backend);
  if (generations.raising === 0) {
    answer(op, backend, buffer, start, end);
    return;
  }
  const kept = Buffer.from(buffer.subarray(start, end));
  generations.held.push(() => answer(op, backend, kept, 0, kept.length));
}

/** A write of `pair` that was sent lost the last copy that could have answered it. */
export function outcomeUnknown(pair: Pair): void {
  if (pair.authority === null) pair.backends[0].proxy.generations.diverged = true;
}
