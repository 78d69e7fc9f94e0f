/**
 * Undoes a drill in a process of its own, so that nothing stays broken when the drill is killed. It waits for its end of
 * a pipe to close, which the kernel does at the drill's death and the drill itself when it is time; and no longer than
 * its deadline, for a drill that hangs.
 */
import { spawn } from 'node:child_process';
import { lineLog } from '../lab/line-log.ts';
import { type UndoStep, undo } from './undo.ts';

export interface Janitor {
  /** Has it undo everything now; what failed, in words. Never rejects. A second call has the same answer. */
  undo(): Promise<string[]>;
}

interface Orders {
  readonly steps: readonly UndoStep[];
  /** Milliseconds. */
  readonly deadline: number;
}

/** How long its start may take, and how long its work, in ms. */
const START = 10_000;
const WORK = 120_000;

const READY = 'ready';

/**
 * Starts it, and resolves when it is waiting; rejects when it cannot.
 * @param self the words that run this program
 * @param deadline ms after which it undoes everything unasked
 */
export async function startJanitor(
  self: readonly string[],
  steps: readonly UndoStep[],
  deadline: number,
): Promise<Janitor> {
  const orders: Orders = { steps, deadline };
  const [program, ...words] = [...self, 'drill-undo', JSON.stringify(orders)];
  // Its own session: Ctrl-C is for the drill.
  const child = spawn(program!, words, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  child.stdin.on('error', () => {}); // its end is told by 'exit'
  const output = lineLog(child.stdout);
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => resolve()).on('error', () => resolve());
  });
  await Promise.race([
    output.waitFor(/^ready$/, START),
    ended.then(() => {
      throw new Error('the process that is to undo everything ended at once');
    }),
  ]);
  let done: Promise<string[]> | null = null;
  const finish = async (): Promise<string[]> => {
    child.stdin.end();
    const late = new Promise<void>((resolve) => setTimeout(resolve, WORK).unref());
    await Promise.race([ended, late]);
    const answer = output.lines.find(({ text }) => text !== READY)?.text;
    // It died of something else: the steps are the same wherever they are carried out.
    return answer === undefined ? undo(steps) : (JSON.parse(answer) as string[]);
  };
  return {
    undo() {
      done ??= finish();
      return done;
    },
  };
}

/** The hidden command `drill-undo`; exit 0 when everything was undone, else 1. */
export async function runJanitor([json = '']: readonly string[]): Promise<number> {
  const { steps, deadline } = JSON.parse(json) as Orders;
  process.title = 'memcache-ha drill-undo';
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  process.stdout.on('error', () => {}); // the drill is gone
  await new Promise<void>((resolve) => {
    setTimeout(resolve, deadline).unref();
    process.stdin.on('end', resolve).on('error', resolve).resume();
    process.stdout.write(`${READY}\n`);
  });
  const failed = await undo(steps);
  process.stdout.write(`${JSON.stringify(failed)}\n`);
  process.stdin.destroy();
  return failed.length === 0 ? 0 : 1;
}
