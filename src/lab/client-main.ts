/**
 * The client's own process: one `get` each millisecond through the virtual address, one at a time on one kept
 * connection, and a line of JSON for each time without a right answer. Owns the socket and the timers; what an answer
 * is worth stands in client-answer.ts, what a gap is in client-ledger.ts.
 */
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { judgeGet, judgeSet, type Verdict } from './client-answer.ts';
import { type ClientArguments, parseClientArguments } from './client-arguments.ts';
import { createLedger } from './client-ledger.ts';
import { monotonicNow } from './monotonic.ts';

interface Attempt {
  readonly sent: number;
  readonly judge: (received: Buffer) => Verdict;
  readonly request: Buffer;
  received: Buffer;
  giveUp: NodeJS.Timeout | null;
}

/**
 * The hidden command `lab-client`. Prints JSON lines on stdout: GapEvents, a `standing` for each line that arrives on
 * stdin (`{"since": T}`), and a `summary` at the end of --duration or on SIGTERM or SIGINT. Times `t` are
 * milliseconds on CLOCK_MONOTONIC.
 * @param argv the arguments behind the command's name
 * @returns the exit code: 0, or 1 when no right answer ever came, or 2 for bad usage
 */
export async function runLabClient(argv: readonly string[]): Promise<number> {
  const parsed = parseClientArguments(argv);
  if ('mistake' in parsed) {
    process.stderr.write(`lab-client: ${parsed.mistake}\n`);
    return 2;
  }
  const ledger = createLedger(parsed.threshold, print);
  const stopAsking = askAndAsk(parsed, ledger);
  const ticks = setInterval(() => ledger.tick(monotonicNow()), parsed.threshold);
  const questions = createInterface({ input: process.stdin });
  questions.on('line', (line) => {
    const now = monotonicNow();
    print({ t: now, event: 'standing', ...ledger.standing(now, sinceOf(line)) });
  });

  await new Promise<void>((resolve) => {
    setTimeout(resolve, parsed.duration * 1000).unref();
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
  clearInterval(ticks);
  stopAsking();
  questions.close();
  process.stdin.destroy();
  const now = monotonicNow();
  const summary = ledger.summary(now);
  print({ t: now, event: 'summary', ...summary });
  return summary.answers > 0 ? 0 : 1;
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function sinceOf(line: string): number | undefined {
  try {
    const { since } = JSON.parse(line) as { since?: unknown };
    return typeof since === 'number' ? since : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until the returned function is called. */
function askAndAsk(options: ClientArguments, ledger: ReturnType<typeof createLedger>): () => void {
  const { key, value, ttl } = options;
  const set = Buffer.concat([
    Buffer.from(`set ${key} 0 ${ttl} ${value.length}\r\n`),
    value,
    Buffer.from('\r\n'),
  ]);
  const get = Buffer.from(`get ${key}\r\n`);
  const start = monotonicNow();
  let stored = !options.set;
  let socket: Socket | null = null;
  let attempt: Attempt | null = null;
  let turn: NodeJS.Timeout | null = null;
  let stopped = false;

  /** The next request leaves at the next multiple of the period. */
  const nextTurn = () => {
    const sinceLast = (monotonicNow() - start) % options.every;
    turn = setTimeout(begin, options.every - sinceLast);
  };
  const begin = () => {
    ledger.request();
    const judge = stored ? (received: Buffer) => judgeGet(received, key, value) : judgeSet;
    attempt = {
      sent: monotonicNow(),
      judge,
      request: stored ? get : set,
      received: Buffer.alloc(0),
      giveUp: null,
    };
    if (options.giveUp > 0) attempt.giveUp = setTimeout(giveUp, options.giveUp);
    if (socket === null) open();
    else socket.write(attempt.request);
  };
  /** Forgets the request that is on its way; @returns it, or null when none is. */
  const finish = () => {
    const done = attempt;
    if (done?.giveUp) clearTimeout(done.giveUp);
    attempt = null;
    return done;
  };
  const drop = () => {
    socket?.destroy();
    socket = null;
  };
  const giveUp = () => {
    finish();
    drop();
    ledger.failed('failures', `no answer within ${options.giveUp} ms`);
    begin();
  };
  const onEnd = (reason: string) => {
    drop();
    // A connection that closes between two requests costs no answer by itself: the next turn connects anew.
    if (finish() === null) {
      ledger.remark(reason);
      return;
    }
    ledger.failed('failures', reason);
    nextTurn();
  };
  const onData = (chunk: Buffer) => {
    if (attempt === null) {
      ledger.failed('wrong', 'bytes that nobody asked for');
      drop();
      return;
    }
    attempt.received = attempt.received.length === 0 ? chunk : Buffer.concat([attempt.received, chunk]);
    const verdict = attempt.judge(attempt.received);
    if (verdict.kind === 'partial') return;
    const { sent } = attempt;
    finish();
    if (verdict.kind === 'miss' && !options.expectAny) ledger.failed('misses', 'miss');
    else if (verdict.kind === 'wrong' && !(options.expectAny && verdict.what.startsWith('VALUE '))) {
      ledger.failed('wrong', verdict.what);
    } else if (stored) {
      if (verdict.kind !== 'right') ledger.tolerated();
      ledger.right(monotonicNow(), sent);
    } else stored = true;
    nextTurn();
  };
  const open = () => {
    const opened = connect({ host: options.host, port: options.port, noDelay: true });
    socket = opened;
    // Events of a socket that was given up belong to no request any more.
    const ifCurrent = (act: () => void) => () => {
      if (socket === opened && !stopped) act();
    };
    opened.on(
      'connect',
      ifCurrent(() => attempt !== null && opened.write(attempt.request)),
    );
    opened.on('data', (chunk) => ifCurrent(() => onData(chunk))());
    opened.on('error', (error: NodeJS.ErrnoException) =>
      ifCurrent(() => onEnd(error.code ?? error.message))(),
    );
    opened.on(
      'close',
      ifCurrent(() => onEnd('closed')),
    );
  };

  begin();
  return () => {
    stopped = true;
    finish();
    drop();
    if (turn !== null) clearTimeout(turn);
  };
}
