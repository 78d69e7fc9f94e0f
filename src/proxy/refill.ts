/**
 * Refills copies that are not whole, one at a time, from the ones that are: says when, from whom and at what rate, and what
 * follows when it ends. How items are copied is sync's; here is the part that knows of clients and generations.
 */
import type { RefillReport } from '../config/bundled-proxy.ts';
import { secondsOf } from '../core/server-clock.ts';
import type { Clock } from '../sync/ports.ts';
import type { Outcome, Refill, RefillOptions } from '../sync/refill-types.ts';
import { learnClock } from './backend-clock.ts';
import { pairOf } from './call.ts';
import { equalize } from './conditional.ts';
import { compare, filled } from './generations.ts';
import { createKeysUnderWay, type KeysUnderWay } from './keys-under-way.ts';
import { peerOf, sourceOf } from './refill-peers.ts';
import { describeEnd, describeProgress, type RefillNames, reportRefill, whyEnded } from './refill-words.ts';
import type { Backend, Pair, ProxyState } from './types.ts';

/** After a refill that failed: doubled with every failure in a row that copied nothing. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const PROGRESS_MS = 1000;
/** Until the first line of progress in the log, and between two. */
const FIRST_LOG_MS = 2000;
const LOG_MS = 10_000;

/** A refill under way. */
interface Running {
  readonly target: Backend;
  readonly source: Backend;
  /** The target's count when it began: emptied once more, what was copied is gone. */
  readonly emptied: number;
  readonly refill: Refill;
}

/** What the parts of the proxy that see clients' requests tell of them, and what is known of refills. */
export interface Refills {
  /** Keys whose old state is under way from the source to the target, and whether a client wrote them since. */
  readonly underWay: KeysUnderWay;
  /** All copies are emptied. */
  onFlush(): void;
  /** Copies went out, came back, were emptied or became whole. */
  reconcile(): void;
  readonly report: () => RefillReport | null;
  /** Items stored by all refills so far. */
  readonly stored: () => number;
  stop(): void;
}

/** A proxy that refills nothing, as long as nothing is known to refill with. */
export const NO_REFILLS: Refills = {
  underWay: createKeysUnderWay(),
  onFlush: () => {},
  reconcile: () => {},
  report: () => null,
  stored: () => 0,
  stop: () => {},
};

const CLOCK: Clock = {
  now: () => performance.now(),
  at(deadline, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(deadline - performance.now())));
    return () => clearTimeout(timer);
  },
};

/** Refills for `proxy`; `begin` copies from one memcached to another one. */
export function createRefills(proxy: ProxyState, begin: (options: RefillOptions) => Refill): Refills {
  const underWay = createKeysUnderWay();
  let running: Running | null = null;
  /** Sources that the present target was refilled from. */
  let finished: Backend[] = [];
  let failures = 0;
  let storedBefore = 0;
  let notBefore = 0;
  let cancelPause: () => void = () => {};
  let finishing = false;
  /** Keys that are made equal one by one, and what waits until they are. */
  let equalizing = 0;
  let whenEqual: () => void = () => {};

  const pauseUntil = (time: number): void => {
    notBefore = Math.max(notBefore, time);
    cancelPause();
    cancelPause = CLOCK.at(notBefore, reconcile);
  };

  const isCurrent = ({ target, source, emptied }: Running): boolean =>
    target.up && !target.whole && target.emptied === emptied && source.up && source.whole;

  const reconcile = (): void => {
    if (running !== null) {
      if (!isCurrent(running)) running.refill.stop('the copies changed');
      return;
    }
    const { active, leaving } = proxy.generations;
    if (finishing || !active || leaving || proxy.closing || performance.now() < notBefore) return;
    const target = proxy.backends.find(({ up, whole }) => up && !whole);
    if (target !== undefined) startNext(target);
  };

  const equalizeLater = (key: string): void => {
    equalizing++;
    equalize(pairOf(proxy, key), key, () => {
      equalizing--;
      if (equalizing === 0) whenEqual();
    });
  };

  /** Another proxy may have raised what the target was filled from meanwhile: it is compared once more before it is read. */
  const finish = (target: Backend): void => {
    const { emptied } = target;
    finishing = true;
    compare(proxy, null, () => {
      finishing = false;
      const mayFill = !proxy.generations.leaving && target.up && !target.whole;
      if (mayFill && target.emptied === emptied) filled(target);
      else reconcile();
    });
  };

  const startNext = (target: Backend): void => {
    const link = linksOf(target).find(({ source }) => !finished.includes(source));
    if (link === undefined) {
      finished = [];
      finish(target);
      return;
    }
    const { source, pairs } = link;
    const names = namesOf(target, source);
    proxy.log(0, `refilling ${target.name} from ${source.name}`);
    learnClock(target);
    let waited = false;
    let logAt = performance.now() + FIRST_LOG_MS;
    const refill = begin({
      source: sourceOf(source),
      target: peerOf(target),
      clock: CLOCK,
      targetTime: () => secondsOf(target.clock, performance.now()),
      wanted: proxy.onlyPair !== null ? null : (key) => pairs.includes(pairOf(proxy, key)),
      clientWrites: {
        reading: underWay.begin,
        isWritten: underWay.isWritten,
        settled(keys) {
          // Some writes leave nothing where there is nothing: touch, or append.
          for (const key of underWay.end(keys)) equalizeLater(key);
        },
      },
      rate: { items: proxy.options.refillItems, bytes: proxy.options.refillBytes },
      progressInterval: PROGRESS_MS,
      onProgress(progress) {
        proxy.onReport();
        const waitsNow = progress.isWaiting && !waited;
        waited = progress.isWaiting;
        if (performance.now() < logAt && !waitsNow) return;
        logAt = performance.now() + LOG_MS;
        proxy.log(0, describeProgress(names, progress));
      },
      onEnd(outcome) {
        const end = () => ended(mine, outcome);
        if (equalizing === 0) end();
        else whenEqual = end;
      },
    });
    const mine: Running = { target, source, emptied: target.emptied, refill };
    running = mine;
  };

  const ended = (which: Running, outcome: Outcome): void => {
    const { target, source } = which;
    const names = namesOf(target, source);
    const current = isCurrent(which);
    running = null;
    whenEqual = () => {};
    underWay.clear();
    storedBefore += outcome.progress.copied;
    if (outcome.kind === 'complete' && current) {
      failures = 0;
      finished.push(source);
      proxy.log(0, describeEnd(names, outcome.progress));
      startNext(target);
    } else {
      finished = [];
      const why = `refilling ${target.name} ended early: ${whyEnded(names, outcome)}`;
      // What made the copies change takes its time by itself.
      if (outcome.kind === 'failed' && current) {
        if (outcome.progress.copied > 0) failures = 0;
        const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
        proxy.log(0, `${why}; again in ${pause / 1000} s`);
        pauseUntil(performance.now() + pause);
      } else {
        proxy.log(0, why);
        reconcile();
      }
    }
    proxy.onReport();
  };

  return {
    underWay,
    // What was read before it must not come to life on the target after it.
    onFlush: underWay.writeAll,
    reconcile,
    report: () => running && reportRefill(namesOf(running.target, running.source), running.refill.progress()),
    stored: () => storedBefore + (running?.refill.progress().copied ?? 0),
    stop() {
      cancelPause();
      running?.refill.stop('the proxy stops');
    },
  };
}

/** The whole copies that hold keys which belong on `target`, and the pairs that they share. */
function linksOf(target: Backend): { readonly source: Backend; readonly pairs: readonly Pair[] }[] {
  const pairsOf = new Map<Backend, Pair[]>();
  for (const { pair, side } of target.roles) {
    const source = pair.backends[side === 0 ? 1 : 0];
    if (source === null || !source.up || !source.whole) continue;
    pairsOf.set(source, [...(pairsOf.get(source) ?? []), pair]);
  }
  return [...pairsOf].map(([source, pairs]) => ({ source, pairs }));
}

function namesOf(target: Backend, source: Backend): RefillNames {
  return { target: target.name, source: source.name };
}
