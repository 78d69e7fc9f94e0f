/**
 * A refill from its beginning to its end: looks at both sides, lists the keys once to find the hottest when the target is
 * smaller, copies, and goes over the list a second time for what it had missed, or what could not be copied; again, as long as the
 * source counts more items than it lists.
 */
import { GENERATION_KEY } from '../core/generation.ts';
import type { Stats } from '../core/memcached-stats.ts';
import type { Copying, Failure } from './copy-batch.ts';
import { startCopyPass } from './copy-pass.ts';
import { type Cutoff, createHistogram } from './hottest.ts';
import { createKeyFilter, type KeyFilter } from './key-filter.ts';
import { startMetadump } from './metadump.ts';
import type { DumpedItem } from './metadump-parser.ts';
import { createPacer } from './pacer.ts';
import { createCounting } from './progress.ts';
import type { Outcome, Pass, Progress, Refill, RefillOptions, Skipped } from './refill-types.ts';
import { createSecondLook, type SecondLook } from './second-look.ts';
import { askFacts, type Facts, startWatch, stat, type Watch, whyUnfit } from './watch.ts';

/** What of the target's limit is filled: pages and chunks of memory are never quite full. */
const FILL = 0.8;
/** From here on it is worth going by heat: some sizes may find no page even where the sum has room. */
const NEARLY_FULL = 0.6;
/** So many keys are remembered that the target has: 32 MB. Of more it is asked for each one a second time. */
const MOST_REMEMBERED = 4_000_000;
const BITS_PER_REMEMBERED = 64;
/** About two million keys of 30 bytes. */
const LIST_BYTES = 67_108_864;
/** An item with its CAS number is so much longer than without, and the two sides may differ in that. */
const CAS_BYTES = 8;

function largestItem({ targetSettings }: Facts): number {
  return stat(targetSettings, 'item_size_max') || Number.POSITIVE_INFINITY;
}

/** Begins at once. */
export function startRefill(options: RefillOptions): Refill {
  const { source, target, clock } = options;
  const counting = createCounting(clock.now());
  let stopReason: string | null = null;
  let failure: Failure | null = null;
  let ended = false;
  let secondPass: 'done' | 'evictions' = 'done';
  let pass: Pass = 'copying';
  let cutoff: Cutoff | null = null;
  let watch: Watch | null = null;
  let second: SecondLook | null = null;
  /** What the first pass found or put there. */
  let there: KeyFilter | null = null;
  /** Keys that its lists had for us. */
  let total = 0;
  /** Ends what is under way; its own end then ends the refill. */
  let stopCurrent: () => void = () => end();
  let cancelProgress: () => void = () => {};

  const isOver = (): boolean => stopReason !== null || failure !== null;

  const end = (): void => {
    if (ended) return;
    ended = true;
    watch?.stop();
    cancelProgress();
    const progress = counting.progress(clock.now());
    options.onProgress(progress);
    options.onEnd(outcome(progress));
  };

  const outcome = (progress: Progress): Outcome => {
    if (failure !== null) return { kind: 'failed', ...failure, progress };
    if (stopReason !== null) return { kind: 'stopped', reason: stopReason, progress };
    return { kind: 'complete', secondPass, progress };
  };

  const fail = (late: Failure): void => {
    if (isOver() || ended) return;
    failure = late;
    watch?.stop();
    stopCurrent();
  };

  const begin = (next: Pass, expected: number): void => {
    pass = next;
    counting.begin(next, expected, clock.now());
    tellProgress();
  };

  const tellProgress = (): void => {
    cancelProgress();
    cancelProgress = clock.at(clock.now() + options.progressInterval, tellProgress);
    options.onProgress(counting.progress(clock.now()));
  };

  const start = (facts: Facts): void => {
    if (isOver()) return;
    for (const peer of ['source', 'target'] as const) {
      const reason = whyUnfit(facts[peer]);
      if (reason === null) continue;
      fail({ peer, reason });
      return;
    }
    watch = startWatch(source, target, clock, facts, seeEvictions, fail);
    // Nothing tells how much of the one is also in the other.
    const most = stat(facts.source, 'bytes') + stat(facts.target, 'bytes');
    const limit = stat(facts.target, 'limit_maxbytes');
    if (limit > 0 && most > NEARLY_FULL * limit) measure(facts, FILL * limit);
    else beginCopying(facts, stat(facts.source, 'curr_items'));
  };

  const seeEvictions = (evictions: number): void => {
    if (evictions === 0 || pass !== 'checking' || isOver()) return;
    secondPass = 'evictions';
    stopCurrent();
  };

  const whyNever = (item: DumpedItem, itemSizeMax: number): Skipped | null => {
    if (item.length === GENERATION_KEY.length && item.key === GENERATION_KEY) return 'unwanted';
    if (options.wanted?.(item.key) === false) return 'unwanted';
    return item.size > itemSizeMax + CAS_BYTES ? 'too-large' : null;
  };

  const measure = (facts: Facts, room: number): void => {
    begin('measuring', stat(facts.source, 'curr_items'));
    const histogram = createHistogram(stat(facts.source, 'time'));
    const itemSizeMax = largestItem(facts);
    let items = 0;
    const dump = startMetadump({
      source,
      clock,
      onItem(item) {
        items++;
        counting.done(1);
        if (whyNever(item, itemSizeMax) === null) histogram.add(item, item.size);
      },
      hasRoom: () => true,
      onBusy: (pause) => counting.waited(pause),
      onEnd() {
        cutoff = histogram.cutoff(room);
        beginCopying(facts, items);
      },
      onFailed: (reason) => fail({ peer: 'source', reason }),
    });
    stopCurrent = () => {
      dump.stop();
      end();
    };
  };

  const copying = (facts: Facts): Copying => ({
    source,
    target,
    clientWrites: options.clientWrites,
    targetTime: options.targetTime,
    itemSizeMax: largestItem(facts),
    pacer: createPacer(options.rate, clock.now()),
    counting,
    there,
    now: () => clock.now(),
    isStopped: isOver,
    refusals: 0,
    spare: [],
  });

  const beginCopying = (facts: Facts, expected: number): void => {
    begin('copying', expected);
    if (expected <= MOST_REMEMBERED) there = createKeyFilter(expected, BITS_PER_REMEMBERED);
    copy(facts, 0);
  };

  const judge = (item: DumpedItem, step: number, itemSizeMax: number): Skipped | 'another' | null => {
    const why = whyNever(item, itemSizeMax);
    // What is never copied is counted once, in the first step.
    if (why !== null) return step === 0 ? why : 'another';
    switch (cutoff?.judge(item, item.size, step) ?? 'now') {
      case 'now':
        return null;
      case 'another':
        // The second pass is for all that have room.
        return pass === 'checking' ? null : 'another';
      case 'cold':
        return step === 0 ? 'cold' : 'another';
    }
  };

  const copy = (facts: Facts, step: number): void => {
    const common = copying(facts);
    const running = startCopyPass({
      copying: common,
      clock,
      judge(item) {
        if (second?.meet(item) === false) return 'another';
        const why = judge(item, step, common.itemSizeMax);
        return why === null && second !== null && there?.has(item) === true ? 'present' : why;
      },
      asksFirst: second !== null,
      listBytes: options.listBytes ?? LIST_BYTES,
      onListed(count) {
        // In steps the number is known beforehand, and each list has only a part of it.
        if (second === null && cutoff !== null) return;
        total = second === null ? 0 : total + count;
        counting.setTotal(second === null ? count : total);
      },
      onEnd(late) {
        stopCurrent = end;
        failure ??= late;
        if (isOver()) return end();
        watch!.look((evictions, now) => {
          if (evictions > 0) secondPass = 'evictions';
          if (second === null) goOn(facts, step, now);
          else lookAgain(facts, second, now);
        });
      },
    });
    stopCurrent = running.stop;
  };

  const goOn = (facts: Facts, step: number, now: Stats): void => {
    if (step + 1 < (cutoff?.steps ?? 1)) return copy(facts, step + 1);
    if (secondPass === 'evictions') return end();
    const progress = counting.progress(clock.now());
    options.onProgress(progress);
    begin('checking', progress.total);
    second = createSecondLook(now, progress.copied);
    copy(facts, 0);
  };

  const lookAgain = (facts: Facts, look: SecondLook, now: Stats): void => {
    const pause = look.next(now, counting.progress(clock.now()).copied);
    if (pause === null || secondPass === 'evictions') return end();
    const cancel = clock.at(clock.now() + pause, () => copy(facts, 0));
    stopCurrent = () => {
      cancel();
      end();
    };
  };

  askFacts(source, target, start, fail);
  return {
    stop(reason) {
      if (isOver() || ended) return;
      stopReason = reason;
      watch?.stop();
      stopCurrent();
    },
    progress: () => counting.progress(clock.now()),
  };
}
