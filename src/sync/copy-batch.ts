/**
 * The way of one batch: whether the target lacks the keys (in a second pass), their items out of the source, and into the
 * target as adds, which never overwrite. What is read is encoded for the target in the turn in which it arrived, so that
 * it is copied once and that nothing which a client wrote comes in between.
 */
import {
  type AddBatch,
  type Added,
  decodeAdds,
  decodeReplies,
  encodeGiveBack,
  encodePresence,
  encodeRead,
  newAddBatch,
  type Reply,
  type TakenToken,
} from './batch.ts';
import type { KeyFilter } from './key-filter.ts';
import type { Pacer } from './pacer.ts';
import type { ClientWrites, Peer, Source } from './ports.ts';
import type { Counting } from './progress.ts';

/** What all batches have in common. */
export interface Copying {
  readonly source: Source;
  readonly target: Peer;
  readonly clientWrites: ClientWrites | null;
  readonly targetTime: () => number;
  /** The target's item_size_max. */
  readonly itemSizeMax: number;
  readonly pacer: Pacer;
  readonly counting: Counting;
  readonly now: () => number;
  readonly isStopped: () => boolean;
  /** Keys that the target is known to have; null: there are too many to remember. */
  readonly there: KeyFilter | null;
  /** Items in a row that the target refused. */
  refusals: number;
  /** Memory of batches that were answered. */
  readonly spare: Buffer[];
}

export interface Failure {
  readonly peer: 'source' | 'target';
  readonly reason: string;
}

/** Told once, when everything that the batch submitted was answered or lost. */
export type BatchEnd = (failure: Failure | null) => void;

/** What asking whether a key is there costs of the items per second, beside copying it. */
export const QUESTION = 0.25;
/** So many items in a row, and none of them stored: going on would only cost. */
const MOST_REFUSALS = 10_000;
/** A batch of a large value is not worth keeping. */
const MOST_SPARE_BYTES = 524_288;

/** Asks the target for the keys and copies those that it lacks. */
export function copyLacking(copying: Copying, keys: readonly string[], end: BatchEnd): void {
  const { target, counting } = copying;
  const lacking: string[] = [];
  target.exchange(
    encodePresence(keys),
    (buffer, start, stop) => {
      const taken: TakenToken[] = [];
      const replies = decodeReplies(buffer, start, stop, (reply) => {
        const key = keys[reply.index];
        if (key === undefined) return;
        if (reply.kind === 'missing') lacking.push(key);
        else if (reply.kind === 'error') counting.failed(reply.error);
        else counting.skipped('present');
        if (reply.tokenWon) taken.push({ key, cas: reply.cas });
      });
      counting.done(keys.length - lacking.length);
      giveBack(target, taken, () => {
        const wrong = wrongCount('target', replies, keys.length);
        if (wrong !== null || lacking.length === 0 || copying.isStopped()) {
          end(wrong);
          return;
        }
        copying.pacer.spend((1 - QUESTION) * lacking.length, 0, copying.now());
        copyKeys(copying, lacking, 0, end);
      });
    },
    (reason) => end({ peer: 'target', reason }),
  );
}

/** Copies the items of the keys. `paid`: bytes that the pacer was already told of. */
export function copyKeys(copying: Copying, listed: readonly string[], paid: number, end: BatchEnd): void {
  const { source } = copying;
  // Of a key that is under way there is nothing more to copy.
  const keys = copying.clientWrites?.reading(listed) ?? listed;
  copying.counting.done(listed.length - keys.length);
  source.exchange(
    encodeRead(keys),
    (buffer, start, stop) => {
      copying.pacer.spend(0, Math.max(0, stop - start - paid), copying.now());
      const adds = newAddBatch(keys.length, buffer, start, stop, copying.spare.pop() ?? null);
      const taken: TakenToken[] = [];
      const targetTime = copying.targetTime();
      const replies = decodeReplies(buffer, start, stop, (reply) => {
        const key = keys[reply.index];
        if (key === undefined) return;
        if (reply.tokenWon) taken.push({ key, cas: reply.cas });
        takeItem(copying, key, reply, targetTime, adds);
      });
      copying.counting.done(keys.length - adds.keys.length);
      let failure = wrongCount('source', replies, keys.length);
      let waiting = 2;
      const answered = (late: Failure | null): void => {
        failure ??= late;
        if (--waiting === 0) end(failure);
      };
      submitAdds(copying, adds, answered);
      copying.clientWrites?.settled(keys);
      giveBack(source, taken, () => answered(null));
    },
    (reason) => {
      copying.clientWrites?.settled(keys);
      end({ peer: 'source', reason });
    },
  );
}

function takeItem(copying: Copying, key: string, reply: Reply, targetTime: number, adds: AddBatch): void {
  const { counting, clientWrites } = copying;
  if (reply.kind === 'missing') counting.skipped('gone');
  else if (reply.kind === 'error') counting.failed(reply.error);
  else if (reply.stale || (reply.promised && reply.from === reply.to)) counting.skipped('stale');
  else if (clientWrites?.isWritten(key)) counting.skipped('written');
  else if (reply.to - reply.from > copying.itemSizeMax) counting.skipped('too-large');
  else adds.append(key, reply.flags, reply.ttl, targetTime, reply.from, reply.to);
}

function submitAdds(copying: Copying, adds: AddBatch, end: BatchEnd): void {
  const { keys } = adds;
  if (keys.length === 0 || copying.isStopped()) {
    end(null);
    return;
  }
  copying.target.exchange(
    adds.finish(),
    (buffer, start, stop) => {
      let refusal = '';
      const replies = decodeAdds(buffer, start, stop, (index, added, line) => {
        countAdded(copying, added, adds.sizes[index] ?? 0, line);
        if (added === 'stored' || added === 'present') copying.there?.addText(keys[index]!);
        if (line !== '') refusal = line;
      });
      copying.counting.done(keys.length);
      if (adds.memory().length <= MOST_SPARE_BYTES) copying.spare.push(adds.memory());
      const refused = copying.refusals >= MOST_REFUSALS;
      const reason = `refused ${MOST_REFUSALS} items in a row, the last with: ${refusal}`;
      end(wrongCount('target', replies, keys.length) ?? (refused ? { peer: 'target', reason } : null));
    },
    (reason) => end({ peer: 'target', reason }),
  );
}

function countAdded(copying: Copying, added: Added, size: number, line: string): void {
  const { counting } = copying;
  switch (added) {
    case 'stored':
      copying.refusals = 0;
      counting.copied(size);
      return;
    case 'present':
    case 'too-large':
      copying.refusals = 0;
      counting.skipped(added);
      return;
    case 'no-memory':
      copying.refusals++;
      counting.skipped(added);
      return;
    case 'refused':
      copying.refusals++;
      counting.failed(line);
  }
}

/** Whether they could be given back is nobody's failure: the connection's end is told by whatever else is asked. */
function giveBack(peer: Peer, taken: readonly TakenToken[], end: () => void): void {
  if (taken.length === 0) end();
  else peer.exchange(encodeGiveBack(taken), end, end);
}

function wrongCount(peer: Failure['peer'], replies: number, commands: number): Failure | null {
  return replies === commands ? null : { peer, reason: `gave ${replies} answers to ${commands} commands` };
}
