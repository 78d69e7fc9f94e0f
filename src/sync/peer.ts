/**
 * A memcached over one connection of its own: commands out, answers matched first in, first out, and an end to every
 * wait. A connection that is lost stays lost; what was asked, and whatever is asked later, is told so.
 */
import { MAX_STATS_LENGTH, parseStats } from '../core/memcached-stats.ts';
import { frameBatch } from './frame-batch.ts';
import type { Clock, Connection, Dial, Lost, Peer, Take } from './ports.ts';

/** Until the connection is there, and between two signs of life while an answer is due, in ms. */
export const PEER_SILENCE = 10_000;

/** One command or batch without its whole answer. */
interface Call {
  /** The index after the answer, or `~index` where framing may resume, as `frameBatch` says. */
  readonly frame: (buffer: Buffer, start: number, resume: number, end: number) => number;
  readonly take: Take;
  readonly lost: Lost;
}

export interface OwnPeer extends Peer {
  /** Ends the connection; what waits for an answer is told that it is lost. */
  close(): void;
}

/** Connects at once. */
export function createPeer(name: string, dial: Dial, clock: Clock): OwnPeer {
  let calls: Call[] = [];
  /** The oldest of `calls` that waits; those before it are answered. */
  let first = 0;
  let unsent: (Buffer | string)[] | null = [];
  let lostFor: string | null = null;
  /** Bytes of an answer that has not come whole: `carry[0..length)`, framed up to `resume`. */
  let carry = Buffer.alloc(0);
  let length = 0;
  let resume = 0;
  let aliveAt = clock.now();
  let cancelTimer: (() => void) | null = null;

  const waiting = (): boolean => first < calls.length;

  const watchSilence = (): void => {
    cancelTimer ??= clock.at(aliveAt + PEER_SILENCE, () => {
      cancelTimer = null;
      if (!waiting()) return;
      if (clock.now() < aliveAt + PEER_SILENCE) watchSilence();
      else lose(`gave no answer for ${PEER_SILENCE / 1000} s`);
    });
  };

  const lose = (reason: string): void => {
    if (lostFor !== null) return;
    lostFor = reason;
    connection.close();
    cancelTimer?.();
    const left = calls.slice(first);
    calls = [];
    first = 0;
    for (const { lost } of left) lost(reason);
  };

  const send = (bytes: Buffer | string, call: Call): void => {
    if (lostFor !== null) {
      const reason = lostFor;
      clock.at(clock.now(), () => call.lost(reason));
      return;
    }
    if (!waiting()) aliveAt = clock.now();
    calls.push(call);
    if (unsent === null) connection.write(bytes);
    else unsent.push(bytes);
    watchSilence();
  };

  const takeAnswers = (buffer: Buffer, end: number): number => {
    let position = 0;
    while (position < end) {
      const call = calls[first];
      if (call === undefined) {
        lose('sent what nobody asked for');
        return end;
      }
      const answer = call.frame(buffer, position, position + resume, end);
      if (answer < 0) {
        resume = ~answer - position;
        return position;
      }
      resume = 0;
      first++;
      if (first === calls.length || first === 1024) {
        calls = calls.slice(first);
        first = 0;
      }
      call.take(buffer, position, answer);
      if (lostFor !== null) return end;
      position = answer;
    }
    return position;
  };

  const receive = (bytes: Buffer): void => {
    aliveAt = clock.now();
    if (length === 0) {
      const used = takeAnswers(bytes, bytes.length);
      keep(bytes, used, bytes.length);
      return;
    }
    if (length + bytes.length > carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length + bytes.length, 2 * carry.length));
      carry.copy(larger, 0, 0, length);
      carry = larger;
    }
    bytes.copy(carry, length);
    length += bytes.length;
    const used = takeAnswers(carry, length);
    if (used > 0) keep(carry, used, length);
  };

  const keep = (from: Buffer, used: number, end: number): void => {
    const left = end - used;
    if (left > carry.length) carry = Buffer.allocUnsafeSlow(Math.max(262_144, left));
    from.copy(carry, 0, used, end);
    length = left;
  };

  const connection: Connection = dial({
    opened() {
      const bytes = unsent ?? [];
      unsent = null;
      for (const one of bytes) connection.write(one);
      aliveAt = clock.now();
    },
    received: receive,
    closed: lose,
  });

  return {
    name,
    exchange: (batch, take, lost) => send(batch, { frame: frameBatch, take, lost }),
    stats(topic, take, lost) {
      send(topic === 'general' ? 'stats\r\n' : `stats ${topic}\r\n`, {
        frame: frameStats,
        take(buffer, start, end) {
          const parsed = parseStats(buffer.toString('latin1', start, end));
          if (parsed.kind === 'complete') take(parsed.stats);
          else lost(parsed.kind === 'bad' ? `gave an ${parsed.detail}` : 'gave no whole answer to stats');
        },
        lost,
      });
    },
    close: () => lose('the connection was closed on purpose'),
  };
}

/** Statistics end with END; anything else that is a line, such as ERROR, is the whole answer, and for the parser to judge. */
function frameStats(buffer: Buffer, start: number, resume: number, end: number): number {
  let line = resume;
  for (;;) {
    const lf = buffer.indexOf(10, line);
    if (lf < 0 || lf >= end) return end - start > MAX_STATS_LENGTH ? end : ~line;
    if (buffer[line] !== 83 || buffer[line + 1] !== 84) return lf + 1;
    line = lf + 1;
  }
}
