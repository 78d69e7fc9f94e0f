/** `memcache-ha sync`: copies what one memcached lacks from another one. */
import { systemClock } from '../io/clock.ts';
import { runSync } from '../sync/command.ts';

/** Exit 0 when everything that the target can hold was copied, 1 when not, 2 for bad usage. */
export function sync(argv: readonly string[]): Promise<number> {
  return runSync(argv, systemClock);
}
