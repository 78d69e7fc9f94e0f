/** `memcache-ha status`: asks the running daemon and shows its answer to people or, with --json, to programs. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PairStatus } from '../daemon/status.ts';
import { wantsColour } from '../demo/style.ts';
import { askControl } from '../io/control-socket.ts';
import { DEFAULT_CONTROL, readOptions } from './options.ts';
import { describe } from './status/describe.ts';
import { readPace } from './status/pace.ts';
import { createPaint } from './status/paint.ts';
import { type Screen, streamScreen, terminalScreen } from './status/screen.ts';

/** How long the daemon may take to answer, in ms. */
const PATIENCE = 5_000;

/** Exit 0 with an answer, 1 without. With --watch it goes on until it is interrupted, whatever the answers. */
export async function status(argv: readonly string[]): Promise<number> {
  const { pace, rest, wrong } = readPace(argv);
  if (wrong !== null) {
    process.stderr.write(`memcache-ha status: ${wrong}\n`);
    return 2;
  }
  const options = readOptions('status', rest, {
    control: { type: 'string', default: DEFAULT_CONTROL },
    json: { type: 'boolean', default: false },
    'no-color': { type: 'boolean', default: false },
  });
  if (options === null) return 2;
  const { control, json } = options;
  const paint = createPaint(wantsColour(process.stdout.isTTY, process.env) && !options['no-color']);
  const ask = async (signal?: AbortSignal): Promise<PairStatus> => {
    const answer = await askControl(control, { command: 'status' }, PATIENCE, signal);
    if (!answer.ok) throw new Error(answer.error);
    return answer.result as PairStatus;
  };
  const told = (error: Error): string => `memcache-ha status: ${error.message}\n`;

  if (pace !== null) {
    const stream = json || !process.stdout.isTTY;
    const screen = stream
      ? streamScreen((text) => process.stdout.write(text))
      : terminalScreen(process.stdout);
    await watch(screen, pace, async (signal) => {
      const now = new Date();
      try {
        const answer = await ask(signal);
        if (json) return JSON.stringify(answer);
        return `${paint.faint(now.toISOString())}\n\n${describe(answer, now.getTime(), paint)}`;
      } catch (error) {
        const message = (error as Error).message;
        if (json) return JSON.stringify({ error: message });
        return `${paint.faint(now.toISOString())}\n\n${paint.bad(told(error as Error))}`;
      }
    });
    return 0;
  }
  try {
    const answer = await ask();
    process.stdout.write(json ? `${JSON.stringify(answer, null, 2)}\n` : describe(answer, Date.now(), paint));
    return 0;
  } catch (error) {
    process.stderr.write(told(error as Error));
    return 1;
  }
}

/** Shows what `draw` says again and again, this many ms apart, until a signal ends it or nobody reads it any more. */
async function watch(
  screen: Screen,
  pace: number,
  draw: (signal: AbortSignal) => Promise<string>,
): Promise<void> {
  const ended = new AbortController();
  const { signal } = ended;
  const end = (): void => ended.abort();
  process.once('SIGINT', end).once('SIGTERM', end).once('SIGHUP', end);
  process.stdout.once('error', end); // EPIPE
  while (!signal.aborted) {
    const text = await draw(signal);
    if (signal.aborted) break;
    screen.show(text);
    await sleep(pace, undefined, { signal }).catch(() => {});
  }
  screen.close();
}
