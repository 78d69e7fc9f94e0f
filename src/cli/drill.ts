/** `memcache-ha drill`: makes a fault on this host of a live pair, measures what clients feel, and undoes it. */
import { runDrill } from '../drill/drill.ts';
import { DEFAULT_CONTROL } from './options.ts';
import { version } from './version.ts';

/** Exit 0 when it went well, 1 when it did not or was refused, 2 for bad usage, 128 + N when signal N ended it. */
export function drill(argv: readonly string[]): Promise<number> {
  return runDrill(argv, DEFAULT_CONTROL, version);
}
