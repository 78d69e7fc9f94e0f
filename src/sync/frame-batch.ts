/**
 * Where the answer to a batch ends. A batch is any number of commands with a one-line answer, or VA and a data block,
 * that end with `mn`, the command that memcached has for this purpose (doc/protocol.txt, "Meta No-Op"). Pure.
 */
import { digits } from '../core/memcached-number.ts';

const LF = 10;

/**
 * Answers the index after the line MN of the answer that begins at `start`, or `~index` where framing may resume once
 * more bytes have come. `resume` is that index from the time before (at first: `start`). The buffer holds bytes up to `end`.
 */
export function frameBatch(buffer: Buffer, _start: number, resume: number, end: number): number {
  let reply = resume;
  for (;;) {
    const next = replyEnd(buffer, reply, end);
    if (next < 0) return ~reply;
    if (isFence(buffer, reply, next)) return next;
    reply = next;
  }
}

/** The index after the reply that begins at `start`, its data block included; -1: it has not come whole. */
export function replyEnd(buffer: Buffer, start: number, end: number): number {
  const line = lineEnd(buffer, start, end);
  if (line < 0 || !hasValue(buffer, start)) return line;
  const whole = line + digits(buffer, start + 3, line) + 2;
  return whole <= end ? whole : -1;
}

/** The index after the line that begins at `start`, or -1. */
export function lineEnd(buffer: Buffer, start: number, end: number): number {
  for (let index = start; index < end; index++) if (buffer[index] === LF) return index + 1;
  return -1;
}

/** Whether the reply at `start` is "VA ", a line with a data block behind it. */
export function hasValue(buffer: Buffer, start: number): boolean {
  return buffer[start] === 86 && buffer[start + 1] === 65 && buffer[start + 2] === 32;
}

/** Whether the line `buffer[start..next)` is MN. */
export function isFence(buffer: Buffer, start: number, next: number): boolean {
  return next - start === 4 && buffer[start] === 77 && buffer[start + 1] === 78;
}
