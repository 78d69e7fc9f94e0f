/** What a program prints, line by line, kept and told on. Knows nothing of the program. */
import type { Readable } from 'node:stream';
import { until } from './await.ts';
import { monotonicNow } from './monotonic.ts';

/** A line and when it was read, in milliseconds on CLOCK_MONOTONIC. */
export interface Line {
  readonly t: number;
  readonly text: string;
}

export interface LineLog {
  /** All lines so far, without their ends; the oldest go when there are more than 20 000. */
  readonly lines: readonly Line[];
  /** Calls for each line from now on. */
  onLine(listener: (line: Line) => void): void;
  /** The first line that matches, of those there are and those to come; @throws Error after `timeout` ms (default 10 000). */
  waitFor(pattern: RegExp, timeout?: number): Promise<Line>;
  /** All lines as one text, for error messages. */
  text(): string;
}

const KEEP = 20_000;

/** Reads `stream` to its end. */
export function lineLog(stream: Readable): LineLog {
  const lines: Line[] = [];
  const listeners: Array<(line: Line) => void> = [];
  let rest = '';
  const add = (text: string) => {
    const line = { t: monotonicNow(), text };
    lines.push(line);
    if (lines.length > KEEP) lines.shift();
    for (const listener of listeners) listener(line);
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) add(part.replace(/\r$/, ''));
  });
  stream.on('end', () => {
    if (rest !== '') add(rest);
    rest = '';
  });
  // A stream that breaks with its program: the program's exit tells of it.
  stream.on('error', () => {});
  const text = () => lines.map((line) => line.text).join('\n');
  return {
    lines,
    text,
    onLine: (listener) => {
      listeners.push(listener);
    },
    waitFor: async (pattern, timeout = 10_000) => {
      try {
        return await until(`a line matches ${pattern}`, () => lines.find((line) => pattern.test(line.text)), {
          timeout,
          every: 5,
        });
      } catch (error) {
        const tail = text().split('\n').slice(-15).join('\n');
        throw new Error(`${(error as Error).message}; the last lines were:\n${tail}`);
      }
    },
  };
}
