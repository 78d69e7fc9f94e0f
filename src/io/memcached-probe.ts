/**
 * Asks one memcached the same question again and again over one kept connection, so that its death is seen at once: the
 * connection closes, a new one is refused, and no further proof is needed. One that accepts and says nothing is seen by
 * the timeout. Reports results; what they mean for the host is decided by core/track.ts.
 */
import { connect, type Socket } from 'node:net';
import { COPY_REQUEST, GENERATION_REQUEST, parseCopy, parseGeneration } from '../core/generation-answer.ts';
import { parseStats } from '../core/memcached-stats.ts';
import type { CheckResult } from '../core/track.ts';
import type { Millis } from '../core/vrrp/parameters.ts';
import { systemClock } from './clock.ts';

/** What is asked, and how the answer is read. */
export interface Question<Answer> {
  readonly request: string;
  /** Reads what has arrived since the request was sent, as latin1. `unread`: more follows that is of no interest. */
  readonly parse: (
    text: string,
  ) =>
    | (Answer & { readonly kind: 'complete'; readonly unread?: boolean })
    | { readonly kind: 'partial' }
    | { readonly kind: 'bad'; readonly detail: string };
}

/** Whether it works. */
export const STATS = { request: 'stats\r\n', parse: parseStats };
/** Whether it works, and which generation its copy is of. */
export const STATS_AND_GENERATION = { request: COPY_REQUEST, parse: parseCopy };
/** Which generation its copy is of. */
export const GENERATION = { request: GENERATION_REQUEST, parse: parseGeneration };

export interface MemcachedProbeOptions<Answer> {
  readonly host: string;
  readonly port: number;
  readonly question: Question<Answer>;
  /** From one question to the next. */
  readonly interval: Millis;
  /** How long a connection and an answer may take together. */
  readonly timeout: Millis;
  readonly onResult: (result: ProbeResult<Answer>) => void;
}

/** A check result; with the answer, when its question was sent and how long it took, when there was one. */
export type ProbeResult<Answer> =
  | (Extract<CheckResult, { ok: true }> & {
      readonly answer: Answer;
      readonly askedAt: Millis;
      readonly took: Millis;
    })
  | Extract<CheckResult, { ok: false }>;

export interface MemcachedProbe {
  /** Asks now, besides the regular questions; does nothing while a question is under way. */
  ask(): void;
  stop(): void;
}

/**
 * A question whose connection breaks is asked again so often, with this pause. A memcached that dies may accept one
 * more connection into its listener's backlog, and the kernel resets that together with the listener: only the next
 * attempt is refused. All tries together are one result, so that `fall` goes on counting probes.
 */
const MOST_RETRIES = 3;
const RETRY_PAUSE: Millis = 10;

/** An idle connection that ends is a question at once, so often between two probes: somebody may end each one. */
const MOST_HURRIED = 3;

/** Begins at once and goes on until stopped. */
export function startMemcachedProbe<Answer>(options: MemcachedProbeOptions<Answer>): MemcachedProbe {
  const { question } = options;
  let stopped = false;
  let socket: Socket | null = null;
  let answer = '';
  let askedAt: Millis | null = null;
  let cancelTimeout: () => void = () => {};
  let nextProbe: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retries = 0;
  let overdue = false;
  let hurried = 0;

  const probe = (): void => {
    hurried = 0;
    nextProbe = setTimeout(probe, options.interval);
    // One question at a time, but none is left out: with a timeout as long as the interval (keepalived's default) one
    // that hangs would else be asked every second time only, and take twice as long to be found.
    if (askedAt !== null) overdue = true;
    else ask();
  };

  const ask = (): void => {
    if (askedAt !== null) return;
    askedAt = performance.now();
    answer = '';
    retries = 0;
    overdue = false;
    // The clock lets sockets speak first: after a stall of ours the answer may lie there unread.
    cancelTimeout = systemClock.at(askedAt + options.timeout, () =>
      fail(false, `no answer within ${options.timeout} ms`),
    );
    if (socket === null) open();
    else socket.write(question.request);
  };

  const open = (): void => {
    const opened = connect({ host: options.host, port: options.port, noDelay: true });
    socket = opened;
    opened.setEncoding('latin1');
    opened.on('connect', () => opened.write(question.request));
    opened.on('data', (text: string) => opened === socket && read(text));
    opened.on('error', (error: NodeJS.ErrnoException) => opened === socket && broken(error));
    opened.on('close', () => opened === socket && broken(null));
  };

  const read = (text: string): void => {
    answer += text;
    const parsed = question.parse(answer);
    if (askedAt === null) fail(false, 'memcached spoke without being asked');
    else if (parsed.kind === 'bad') fail(false, parsed.detail);
    else if (parsed.kind === 'complete') {
      const asked = askedAt;
      const took = performance.now() - asked;
      if (parsed.unread === true) drop();
      settle();
      options.onResult({ ok: true, answer: parsed, askedAt: asked, took });
      makeUp();
    }
  };

  /** The connection ended. An idle one may have been closed for good reasons: ask anew before judging. */
  const broken = (error: NodeJS.ErrnoException | null): void => {
    drop();
    if (stopped) return;
    if (error?.code === 'ECONNREFUSED') fail(true, 'connection refused');
    else if (askedAt === null) {
      if (hurried++ < MOST_HURRIED) ask();
    } else if (retries < MOST_RETRIES) {
      retries++;
      answer = '';
      retry = setTimeout(open, RETRY_PAUSE);
    } else fail(false, error === null ? 'connection closed' : (error.code ?? error.message));
  };

  const fail = (final: boolean, detail: string): void => {
    drop();
    settle();
    options.onResult({ ok: false, final, detail });
    makeUp();
  };

  const makeUp = (): void => {
    if (overdue && !stopped) ask();
  };

  const settle = (): void => {
    cancelTimeout();
    clearTimeout(retry);
    askedAt = null;
  };

  const drop = (): void => {
    const dropped = socket;
    socket = null;
    dropped?.destroy();
  };

  probe();
  return {
    ask() {
      if (!stopped) ask();
    },
    stop() {
      stopped = true;
      clearTimeout(nextProbe);
      settle();
      drop();
    },
  };
}
