/** The reserved key of one backend: read, written, and written only if nobody else did. No decisions. */
import { decodeGeneration, encodeGeneration, GENERATION_KEY, type Generation } from '../core/generation.ts';
import { submitText } from './backend-output.ts';
import { internalCall } from './call.ts';
import type { Backend } from './types.ts';

const READ = `mg ${GENERATION_KEY} v c\r\n`;
/** What is stored over the record of a copy that lost a tie: no record, which is behind every other one. */
const LOST = 'lost';

/**
 * A record as it was read: undefined when the backend went out first, null for none, which is `missing` unless something
 * else lies there. `cas` is what a conditional write needs.
 */
export interface ReadRecord {
  readonly record: Generation | null | undefined;
  readonly missing: boolean;
  readonly cas: string;
}

/** Reads the record behind whatever was submitted before; reading it also keeps it from being evicted. */
export function readRecord(backend: Backend, done: (read: ReadRecord) => void): void {
  const call = internalCall(
    backend,
    'meta',
    (_call, buffer, start, end) => {
      const match = /^VA \d+ c(\d+)\r\n([^\r]*)\r\n$/.exec(buffer.toString('latin1', start, end));
      if (match === null) done({ record: null, missing: true, cas: '0' });
      else done({ record: decodeGeneration(match[2]!), missing: false, cas: match[1]! });
    },
    () => done({ record: undefined, missing: false, cas: '0' }),
  );
  submitText(call, READ);
}

/** Stores `record` before whatever is submitted after; `done` is told when it is there, or the backend is not. */
export function writeRecord(backend: Backend, record: Generation, done: () => void = () => {}): void {
  const call = internalCall(
    backend,
    'line',
    (_call, buffer, start, end) => {
      if (buffer[start] !== 72) {
        const answer = buffer.toString('latin1', start, end - 2);
        backend.proxy.log(0, `${backend.name} does not store its generation: ${answer}`);
      }
      done();
    },
    done,
  );
  backend.generation = record;
  submitText(call, storing(encodeGeneration(record), ''));
}

/**
 * Replaces the record that was read with `cas` (null: by what counts as none); answers whether nobody else had written it
 * meanwhile.
 */
export function replaceRecord(
  backend: Backend,
  record: Generation | null,
  cas: string,
  done: (replaced: boolean) => void,
): void {
  const call = internalCall(
    backend,
    'line',
    (_call, buffer, start) => done(buffer[start] === 72),
    () => done(false),
  );
  submitText(call, storing(record === null ? LOST : encodeGeneration(record), ` C${cas}`));
}

function storing(value: string, flags: string): string {
  return `ms ${GENERATION_KEY} ${value.length} T0${flags}\r\n${value}\r\n`;
}

/** Asks how often the backend was emptied; undefined when it went out first. */
export function readFlushes(backend: Backend, done: (flushes: number | undefined) => void): void {
  const call = internalCall(
    backend,
    'stats',
    (_call, buffer, start, end) => done(flushesOf(buffer.toString('latin1', start, end))),
    () => done(undefined),
  );
  submitText(call, 'stats\r\n');
}

/** `cmd_flush` out of an answer to `stats`. */
export function flushesOf(stats: string): number {
  return Number(/^STAT cmd_flush (\d+)/m.exec(stats)?.[1] ?? 0);
}
