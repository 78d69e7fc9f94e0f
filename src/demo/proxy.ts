/** Which proxy the demo's hosts run on VIP:port. The one place that knows; everything else asks for it by these names. */
import type { Host } from '../lab/host.ts';
import { nutcrackerCommand } from '../lab/programs.ts';
import { MEMCACHED_PORT, PROXY_PORT, VIP } from './settings.ts';

/** Its name for people, and the program that must be installed for it; null when it is part of memcache-ha. */
export const PROXY = { name: 'nutcracker', program: 'nutcracker' as string | null };

/**
 * Does it write to both memcacheds? nutcracker does not: so it serves the host's own memcached, and the demo itself
 * puts the client's key on both.
 */
export const REPLICATES = false;

/** The proxy's `command` in the config of this host. */
export function proxyCommand(host: Host): readonly string[] {
  return nutcrackerCommand(host, {
    listen: `${VIP}:${PROXY_PORT}`,
    servers: [`${host.address}:${MEMCACHED_PORT}`],
  });
}
