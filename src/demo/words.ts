/** What the demo says before it begins. Pure words. */
import type { Lab } from '../lab/namespaces.ts';
import { PROXY } from './proxy.ts';
import { PROXY_PORT, VIP } from './settings.ts';

/** Who is there, and on which machine: none but this one, and nothing of its network is touched. */
export function introduction({ hosts, client }: Lab<'a' | 'b'>): string[] {
  return [
    'memcache-ha demo: two hosts and a client in network namespaces of this machine.',
    `  host A ${hosts.a.address}, host B ${hosts.b.address}, client ${client.address}`,
    `  each host: memcached, one memcache-ha, ${PROXY.name} on ${VIP}:${PROXY_PORT} while it is MASTER`,
    '  The proxy writes to both memcacheds and reads from one that has the key.',
    '  Times are milliseconds after what was done. Logs and the capture are right to 1 ms.',
  ];
}
