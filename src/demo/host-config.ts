/** The config file of a demo host: the first tutorial's pair, as one would write it. Pure. */
import { ADVERT_INT, INSTANCE, type Label, MEMCACHED_PORT, PRIORITIES, PROXY_PORT, VIP } from './settings.ts';

export interface HostConfigOptions {
  readonly label: Label;
  readonly address: string;
  readonly peer: string;
  readonly control: string;
  /** A program that takes the name of the state. */
  readonly hook: string;
}

/** YAML; words are quoted as JSON, which YAML reads too. */
export function hostConfig({ label, address, peer, control, hook }: HostConfigOptions): string {
  const notify = (state: string) => `    notify_${state.toLowerCase()}: ${JSON.stringify([hook, state])}`;
  return `# Host ${label} of memcache-ha's demo: the first tutorial's pair, both hosts in network namespaces.
global_defs:
  router_id: ${label}
  control: ${JSON.stringify(control)}

memcached:
  local:
    address: ${address}:${MEMCACHED_PORT}
    peer: ${peer}:${MEMCACHED_PORT}
    interval: 1
    timeout: 0.5
    fall: 2
    rise: 2

proxy:
  front:
    listen: ${VIP}:${PROXY_PORT}
    servers: ["${address}:${MEMCACHED_PORT}"]
    backups: ["${peer}:${MEMCACHED_PORT}"]
    run: always

vrrp_instance:
  ${INSTANCE}:
    state: ${label === 'A' ? 'MASTER' : 'BACKUP'}
    interface: eth0
    virtual_router_id: 51
    priority: ${PRIORITIES[label]}
    advert_int: ${ADVERT_INT}
    version: 2
    authentication: { auth_type: PASS, auth_pass: "1111" }
    virtual_ipaddress: [${VIP}]
    track_memcached: [{ name: local, warm: true }]
    proxy: front
${['Master', 'Backup', 'Fault', 'Stop'].map(notify).join('\n')}
`;
}
