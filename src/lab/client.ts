/** The other side of the client that asks through the virtual address: starts it in a host or here, listens to it. */
import { until } from './await.ts';
import type { GapEvent, Standing, Summary } from './client-ledger.ts';
import type { LabProcess } from './process.ts';

export interface ClientOptions {
  /** ADDRESS:PORT. */
  readonly target: string;
  /** The program that is `lab-client`, e.g. `[process.execPath, 'dist/memcache-ha.cjs', 'lab-client']`. */
  readonly command: readonly string[];
  /** Milliseconds between two requests; default 1. */
  readonly every?: number;
  /** Milliseconds until a request is given up and a new connection made; default 20; 0: as long as TCP waits. */
  readonly giveUp?: number;
  readonly key?: string;
  readonly value?: string;
  /** false: the key is there already, or need not be. Default true. */
  readonly set?: boolean;
  /** END counts as a right answer. Default false. */
  readonly expectAny?: boolean;
  /** Seconds after which it ends by itself; default 60, at most 3600. */
  readonly duration?: number;
  /** Milliseconds; gaps longer than this are told. Default 5. */
  readonly threshold?: number;
  /** Seconds that the key lives, at most 30 days; default 0: for ever. */
  readonly ttl?: number;
}

/** Where the client runs: a host of the lab, or this very machine. */
export interface ClientPlace {
  spawn(words: readonly string[]): LabProcess;
}

/** All times are milliseconds on CLOCK_MONOTONIC (`monotonicNow`). */
export interface LabClient {
  readonly process: LabProcess;
  /** The time of the first right answer; rejects when the client ends without one. */
  readonly started: Promise<number>;
  readonly events: readonly GapEvent[];
  onEvent(listener: (event: GapEvent) => void): void;
  /** How it stands right now, asked of the client itself. */
  standing(since?: number): Promise<Standing>;
  /** The longest time without a right answer, the one that still lasts included; with `since`, only of gaps that ended after it. */
  longestGap(since?: number): Promise<number>;
  /** Resolves with the time of a right answer after `after`; @throws Error after `timeout` ms (default 10 000). */
  waitAnswer(after: number, timeout?: number): Promise<number>;
  /** Ends the client; @throws Error when it had died before and left no summary. */
  stop(): Promise<Summary>;
}

/** Starts the client there; it asks at once and goes on until it is stopped, its duration ends or its place goes. */
export function startClient(place: ClientPlace, options: ClientOptions): LabClient {
  const client = place.spawn([...options.command, ...clientArguments(options)]);
  const events: GapEvent[] = [];
  const listeners: Array<(event: GapEvent) => void> = [];
  const questions: Array<{ resolve(standing: Standing): void; reject(error: Error): void }> = [];
  let summary: Summary | null = null;
  client.stdout.onLine(({ text }) => {
    const line = JSON.parse(text) as
      | GapEvent
      | ({ event: 'standing' } & Standing)
      | ({ event: 'summary' } & Summary);
    if (line.event === 'standing') questions.shift()?.resolve(line);
    else if (line.event === 'summary') summary = line;
    else {
      events.push(line);
      for (const listener of listeners) listener(line);
    }
  });

  const died = () => new Error(`the client has ended; it said: ${client.stderr.text()}`);
  void client.exited.then(() => {
    for (const question of questions.splice(0)) question.reject(died());
  });
  const standing = (since?: number) =>
    new Promise<Standing>((resolve, reject) => {
      if (!client.running()) throw died();
      const late = setTimeout(() => reject(new Error('the client does not say how it stands')), 5000);
      questions.push({
        resolve: (answer) => {
          clearTimeout(late);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      });
      client.stdin.write(`${JSON.stringify({ since })}\n`);
    });
  const waitFor = async (what: string, timeout: number, pick: (standing: Standing) => number | null) => {
    const probe = async () => (client.running() ? pick(await standing()) : 'dead');
    const seen = await until(`${what} at ${options.target}`, probe, { timeout, every: 10 });
    if (seen === 'dead') throw died();
    return seen;
  };
  const started = waitFor('a first right answer', 30_000, (now) => now.firstAnswer);
  started.catch(() => {}); // who does not await it learns from stop()
  return {
    process: client,
    started,
    events,
    onEvent: (listener) => {
      listeners.push(listener);
    },
    standing,
    longestGap: async (since) => (await standing(since)).longestGap,
    waitAnswer: (after, timeout = 10_000) =>
      waitFor('a right answer', timeout, ({ lastAnswer }) => ((lastAnswer ?? 0) > after ? lastAnswer : null)),
    stop: async () => {
      await client.stop();
      // The last lines may be read after the exit is known.
      return until('the client left its summary', () => summary, { timeout: 500, every: 5 }).catch(() => {
        throw died();
      });
    },
  };
}

function clientArguments(options: ClientOptions): string[] {
  const pairs: Array<[name: string, value: string | number | undefined]> = [
    ['target', options.target],
    ['every', options.every],
    ['give-up', options.giveUp],
    ['key', options.key],
    ['value', options.value],
    ['duration', options.duration],
    ['threshold', options.threshold],
    ['ttl', options.ttl],
  ];
  return [
    ...pairs.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...(options.set === false ? ['--no-set'] : []),
    ...(options.expectAny === true ? ['--expect-any'] : []),
  ];
}
