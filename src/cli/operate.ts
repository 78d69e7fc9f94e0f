/** `memcache-ha drain` and `resume`: one word to the running daemon. */
import { askControl } from '../io/control-socket.ts';
import { DEFAULT_CONTROL, readOptions } from './options.ts';

/** How long the daemon may take to answer, in ms. */
const PATIENCE = 5_000;

/** Exit 0 when the daemon took the command, 1 when it did not or is not there. */
async function tell(command: 'drain' | 'resume', argv: readonly string[]): Promise<number> {
  const options = readOptions(command, argv, { control: { type: 'string', default: DEFAULT_CONTROL } });
  if (options === null) return 2;
  try {
    const answer = await askControl(options.control, { command }, PATIENCE);
    if (answer.ok) return 0;
    process.stderr.write(`memcache-ha ${command}: ${answer.error}\n`);
  } catch (error) {
    process.stderr.write(`memcache-ha ${command}: ${(error as Error).message}\n`);
  }
  return 1;
}

export const drain = (argv: readonly string[]): Promise<number> => tell('drain', argv);
export const resume = (argv: readonly string[]): Promise<number> => tell('resume', argv);
