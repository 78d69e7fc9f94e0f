/** `--keep`: the commands to try on a pair that stays. Pure words. */
import type { DemoHost } from './demo-host.ts';
import { KEY, LABELS, MEMCACHED_PORT, PROXY_PORT, VIP } from './settings.ts';

/** @param program the words that run memcache-ha */
export function commandsToTry(
  hosts: Readonly<Record<'A' | 'B', DemoHost>>,
  client: string,
  program: readonly string[],
): string[] {
  const memcacheHa = program.join(' ');
  const inside = (namespace: string) => `ip netns exec ${namespace}`;
  const [a, inA] = [hosts.A, inside(hosts.A.host.namespace)];
  const fetchMetrics = `node -e "fetch('http://127.0.0.1:9650/metrics').then(r=>r.text()).then(console.log)"`;
  const ask = `exec 3<>/dev/tcp/${VIP}/${PROXY_PORT}; printf 'get ${KEY}\\r\\nquit\\r\\n' >&3; cat <&3`;
  return [
    'Everything goes on running. To try, as root in another terminal:',
    '',
    '  # what each host says of itself',
    ...LABELS.map((label) => `  ${memcacheHa} status --control ${hosts[label].files.control}`),
    '  # what Prometheus would read on A (/healthz and /status are there too)',
    `  ${inA} ${fetchMetrics}`,
    '  # who holds the VIP',
    ...LABELS.map((label) => `  ${inside(hosts[label].host.namespace)} ip -br addr show eth0`),
    '  # advertisements and gratuitous ARPs on the wire',
    `  ${inside(client)} tcpdump -n -i eth0 'ip proto 112 or arp'`,
    '  # ask through the VIP, once; or every ms with a line for each time without an answer',
    `  ${inside(client)} bash -c "${ask}"`,
    `  ${inside(client)} ${memcacheHa} lab-client --target ${VIP}:${PROXY_PORT} --key ${KEY} --expect-any --duration 600`,
    '  # a failover: kill memcached on A; and bring it back',
    `  kill -9 $(${inA} ss -Htlnp 'sport = :${MEMCACHED_PORT}' | grep -o 'pid=[0-9]*' | head -1 | cut -d= -f2)`,
    `  ${inA} memcached -u nobody -d -l 0.0.0.0 -p ${MEMCACHED_PORT}`,
    "  # the daemons' logs",
    `  tail -f ${a.files.log} ${hosts.B.files.log}`,
    '',
    'Ctrl-C removes all of it.',
  ];
}
