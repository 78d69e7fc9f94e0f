/** `memcache-ha reload`: has the running daemon apply its config file, and tells what changed. */
import type { Reloaded } from '../daemon/reload.ts';
import { askControl } from '../io/control-socket.ts';
import { DEFAULT_CONTROL, readOptions } from './options.ts';

/** How long the daemon may take, in ms: an instance that is made anew first hands over. */
const PATIENCE = 60_000;

/** Exit 0 when the file is in effect; 1 when it was refused, and then nothing has changed, or when nobody answers. */
export async function reload(argv: readonly string[]): Promise<number> {
  const options = readOptions('reload', argv, { control: { type: 'string', default: DEFAULT_CONTROL } });
  if (options === null) return 2;
  const tell = (lines: readonly string[]): void => {
    for (const line of lines) process.stderr.write(`${line}\n`);
  };
  try {
    const answer = await askControl(options.control, { command: 'reload' }, PATIENCE);
    if (!answer.ok) {
      tell([...(answer.details ?? []), `memcache-ha reload: ${answer.error}`]);
      return 1;
    }
    const { changes, warnings } = answer.result as Extract<Reloaded, { refused: false }>;
    tell(warnings);
    for (const line of changes.length === 0 ? ['nothing changed'] : changes) {
      process.stdout.write(`${line}\n`);
    }
    return 0;
  } catch (error) {
    tell([`memcache-ha reload: ${(error as Error).message}`]);
    return 1;
  }
}
