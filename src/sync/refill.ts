/**
 * A refill from its beginning to its end: looks at both sides, lists the keys once to find the hottest when the target is
 * smaller, copies, and goes over it a second time for what the list missed or what changed meanwhile.
 */
import { GENERATION_KEY } from '../core/generation.ts';
import type { Copying, Failure } from './copy-batch.ts';
import { startCopyPass } from './copy-pass.ts';
import { type Cutoff, createHistogram } from './hottest.ts';
import { startMetadump } from './metadump.ts';
import type { DumpedItem } from './metadump-parser.ts';
import { createPacer } from './pacer.ts';
import { createCounting } from './progress.ts';
import type { Outcome, Pass, Progress, Refill, RefillOptions, Skipped } from './refill-types.ts';
import { askFacts, type Facts, startWatch, stat, type Watch, whyUnfit } from './watch.ts';

/** What of the target's limit is filled when it cannot take all: its memory comes in slabs that are never quite full. */
const FILL = 0.9;
/** An item with its CAS number is so much longer than without, and the two sides may differ in that. */
const CAS_BYTES = 8;

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

  const begin = (next: Pass, total: number): void => {
    pass = next;
    counting.begin(next, total, clock.now());
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
    const room = FILL * stat(facts.target, 'limit_maxbytes');
    if (stat(facts.source, 'bytes') > room) measure(facts, room);
    else copy(facts, 'copying', stat(facts.source, 'curr_items'));
  };

  const seeEvictions = (evictions: number): void => {
    if (evictions === 0 || pass !== 'checking' || isOver()) return;
    secondPass = 'evictions';
    stopCurrent();
  };

  const judgeKey = ({ key }: DumpedItem): Skipped | null =>
    key === GENERATION_KEY || !options.wanted(key) ? 'unwanted' : null;

  const measure = (facts: Facts, room: number): void => {
    begin('measuring', stat(facts.source, 'curr_items'));
    const histogram = createHistogram(stat(facts.source, 'time'));
    let items = 0;
    const dump = startMetadump({
      source,
      clock,
      onItem(item) {
        items++;
        counting.done(1);
        if (judgeKey(item) === null) histogram.add(item, item.size);
      },
      hasRoom: () => true,
      onBusy: (pause) => counting.waited(pause),
      onEnd() {
        cutoff = histogram.cutoff(room);
        copy(facts, 'copying', items);
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
    itemSizeMax: stat(facts.targetSettings, 'item_size_max') || Number.POSITIVE_INFINITY,
    pacer: createPacer(options.rate, clock.now()),
    counting,
    now: () => clock.now(),
    isStopped: isOver,
    refusals: 0,
  });

  const copy = (facts: Facts, next: 'copying' | 'checking', total: number): void => {
    begin(next, total);
    const common = copying(facts);
    const judge = (item: DumpedItem): Skipped | null => {
      const why = judgeKey(item);
      if (why !== null) return why;
      if (item.size > common.itemSizeMax + CAS_BYTES) return 'too-large';
      return cutoff === null || cutoff.admits(item, item.size) ? null : 'cold';
    };
    const running = startCopyPass({
      copying: common,
      clock,
      judge,
      asksFirst: next === 'checking',
      onEnd(late) {
        stopCurrent = end;
        failure ??= late;
        if (isOver()) end();
        else watch!.look((evictions) => after(facts, next, evictions));
      },
    });
    stopCurrent = running.stop;
  };

  const after = (facts: Facts, done: 'copying' | 'checking', evictions: number): void => {
    if (evictions > 0) secondPass = 'evictions';
    if (done === 'checking' || evictions > 0) end();
    else copy(facts, 'checking', counting.progress(clock.now()).total);
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
