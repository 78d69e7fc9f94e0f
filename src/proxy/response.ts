/**
 * Where an answer of memcached ends. Pure framing over bytes; meaning is left to those who asked.
 * memcached doc/protocol.txt: "Retrieval command", "Meta Commands", "Statistics".
 */
import { digits } from '../core/memcached-number.ts';

import { frameBatch } from '../sync/frame-batch.ts';

/**
 * `line`: one line. `values`: VALUE blocks and END. `meta`: one line, and a data block after `VA`.
 * `stats`: lines up to END, or one line such as RESET or ERROR. `fenced`: a quiet meta command with mn behind it, so
 * that memcached itself says whether it stays silent: MN alone, or an answer and MN. `batch`: any number of answers up
 * to the MN of a refill's batch.
 */
export type Shape = 'line' | 'values' | 'meta' | 'stats' | 'fenced' | 'batch';

const LF = 10;
const SPACE = 32;

/**
 * Answers the index after the answer that begins at `start`, or `~index` where framing may resume once more bytes have
 * come. `resume` is that index from the time before (at first: `start`). The buffer holds bytes up to `end`.
 */
export function frame(shape: Shape, buffer: Buffer, start: number, resume: number, end: number): number {
  switch (shape) {
    case 'line':
      return frameLine(buffer, resume, end);
    case 'values':
      return frameValues(buffer, resume, end);
    case 'meta':
      return frameMeta(buffer, start, end);
    case 'stats':
      return frameStats(buffer, start, resume, end);
    case 'fenced':
      return frameFenced(buffer, start, end);
    case 'batch':
      return frameBatch(buffer, start, resume, end);
  }
}

function frameLine(buffer: Buffer, resume: number, end: number): number {
  for (let index = resume; index < end; index++) if (buffer[index] === LF) return index + 1;
  return ~end;
}

function frameValues(buffer: Buffer, resume: number, end: number): number {
  let block = resume;
  for (;;) {
    // "VALUE key flags length[ cas]\r\n": the length is behind the third space.
    if (block >= end) return ~block;
    if (buffer[block] !== 86) {
      const line = frameLine(buffer, block, end);
      return line < 0 ? ~block : line;
    }
    let index = block;
    let spaces = 0;
    while (index < end && spaces < 3) if (buffer[index++] === SPACE) spaces++;
    let length = 0;
    while (index < end) {
      const digit = buffer[index]! - 48;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
      index++;
    }
    while (index < end && buffer[index] !== LF) index++;
    if (index >= end) return ~block;
    index += 1 + length + 2;
    if (index > end) return ~block;
    block = index;
  }
}

function frameMeta(buffer: Buffer, start: number, end: number): number {
  const line = frameLine(buffer, start, end);
  if (line < 0) return ~start;
  if (buffer[start] !== 86 || buffer[start + 1] !== 65 || buffer[start + 2] !== SPACE) return line;
  const whole = line + digits(buffer, start + 3, line) + 2;
  return whole <= end ? whole : ~start;
}

function frameStats(buffer: Buffer, start: number, resume: number, end: number): number {
  let line = resume;
  for (;;) {
    const next = frameLine(buffer, line, end);
    if (next < 0) return ~line;
    const stat = buffer[line] === 83 && buffer[line + 1] === 84 && buffer[line + 2] === 65;
    if (!stat) return next;
    line = next;
    if (line < start) throw new Error('framing went backwards');
  }
}

function frameFenced(buffer: Buffer, start: number, end: number): number {
  const first = frameMeta(buffer, start, end);
  if (first < 0 || (buffer[start] === 77 && buffer[start + 1] === 78)) return first;
  const fence = frameLine(buffer, first, end);
  return fence < 0 ? ~start : fence;
}
