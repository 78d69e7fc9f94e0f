/**
 * One pass over all keys of the source: the list of them on the one side, batches on their way on the other, and between
 * the two the keys that wait, the rate, and how many batches may be under way at once.
 */
import { isNameable } from './batch.ts';
import { type Copying, copyKeys, copyLacking, type Failure, QUESTION } from './copy-batch.ts';
import { createKeyList } from './key-list.ts';
import { startMetadump } from './metadump.ts';
import type { DumpedItem } from './metadump-parser.ts';
import type { Clock } from './ports.ts';
import type { Skipped } from './refill-types.ts';

const MOST_KEYS = 128;
const MOST_BYTES = 131_072;
/** Under way at once: eight large batches, or as much in small ones. */
const MOST_KEYS_UNDER_WAY = 8 * MOST_KEYS;
const MOST_BYTES_UNDER_WAY = 8 * MOST_BYTES;

export interface PassOptions {
  readonly copying: Copying;
  readonly clock: Clock;
  /** Null for an item that is to be copied, else why not; `another`: it is the affair of another pass. */
  readonly judge: (item: DumpedItem) => Skipped | 'another' | null;
  /** Told how many items the list had that were this pass's affair. */
  readonly onListed: (count: number) => void;
  /** Only what the target lacks: it is asked first. */
  readonly asksFirst: boolean;
  /** What the keys that wait may take, in bytes. */
  readonly listBytes: number;
  /** Told once: null when every key was dealt with, and when it was stopped; always after all that was under way. */
  readonly onEnd: (failure: Failure | null) => void;
}

export interface CopyPass {
  /** Nothing more is submitted. */
  stop(): void;
}

/** Begins at once. */
export function startCopyPass({
  copying,
  clock,
  judge,
  onListed,
  asksFirst,
  listBytes,
  onEnd,
}: PassOptions): CopyPass {
  const { counting, pacer } = copying;
  const list = createKeyList();
  let listed = 0;
  let listEnded = false;
  let underWay = 0;
  let keysUnderWay = 0;
  let bytesUnderWay = 0;
  let stopped = false;
  let ended = false;
  let failure: Failure | null = null;
  let pumping = false;
  let cancelTimer: (() => void) | null = null;

  const stop = (): void => {
    stopped = true;
    listEnded = true;
    cancelTimer?.();
    cancelTimer = null;
    dump.stop();
    list.clear();
    endWhenDone();
  };

  const fail = (late: Failure): void => {
    failure ??= late;
    if (!stopped) stop();
  };

  const endWhenDone = (): void => {
    if (ended || !listEnded || list.length > 0 || underWay > 0) return;
    ended = true;
    onEnd(failure);
  };

  const takeItem = (item: DumpedItem): void => {
    const why = judge(item) ?? (isNameable(item) ? null : 'unnameable');
    if (why === 'another') return;
    listed++;
    if (why === null) {
      list.push(item, item.size);
      return;
    }
    counting.skipped(why);
    counting.done(1);
  };

  const startBatch = (now: number): void => {
    const limits = pacer.limits(MOST_KEYS, MOST_BYTES);
    const { keys, bytes } = list.take(limits.items, limits.bytes);
    underWay++;
    keysUnderWay += keys.length;
    bytesUnderWay += bytes;
    const end = (late: Failure | null): void => {
      underWay--;
      keysUnderWay -= keys.length;
      bytesUnderWay -= bytes;
      if (late !== null) fail(late);
      pump();
      endWhenDone();
    };
    if (asksFirst) {
      pacer.spend(QUESTION * keys.length, 0, now);
      copyLacking(copying, keys, end);
    } else {
      pacer.spend(keys.length, bytes, now);
      copyKeys(copying, keys, bytes, end);
    }
  };

  /** Half a batch is worth sending only when nothing else would keep the memcacheds busy. */
  const isWorthIt = (): boolean =>
    list.length > 0 && (listEnded || underWay === 0 || list.length >= MOST_KEYS);

  const pump = (): void => {
    if (pumping || stopped) return;
    pumping = true;
    while (keysUnderWay < MOST_KEYS_UNDER_WAY && bytesUnderWay < MOST_BYTES_UNDER_WAY && isWorthIt()) {
      const now = clock.now();
      if (pacer.readyAt > now) {
        cancelTimer ??= clock.at(pacer.readyAt, () => {
          cancelTimer = null;
          pump();
        });
        break;
      }
      startBatch(now);
    }
    pumping = false;
    if (list.memory < listBytes) dump.resume();
  };

  const dump = startMetadump({
    source: copying.source,
    clock,
    onItem: takeItem,
    hasRoom() {
      pump();
      return list.memory < listBytes;
    },
    onBusy: (pause) => counting.waited(pause),
    onEnd() {
      listEnded = true;
      onListed(listed);
      pump();
      endWhenDone();
    },
    onFailed: (reason) => fail({ peer: 'source', reason }),
  });
  return { stop };
}
