/** Instances over IPv6 in the words of both programs, and the pair that most tests of them have. */
import type { Host } from '../../../src/lab/host.ts';

/** An IPv6 instance, told to both programs. */
export interface Instance {
  readonly name: string;
  readonly vrid: number;
  readonly priority: number;
  readonly interval: number;
  readonly source?: string;
  readonly peers?: readonly string[];
  readonly vips: readonly string[];
  readonly excluded?: readonly string[];
}

/** keepalived.conf */
export function keepalivedConf({
  name,
  vrid,
  priority,
  interval,
  source,
  peers,
  vips,
  excluded,
}: Instance): string {
  const block = (key: string, lines: readonly string[] = []) =>
    lines.length === 0 ? '' : `${key} {\n ${lines.join('\n ')}\n }`;
  return `vrrp_instance ${name} {
 state BACKUP
 interface eth0
 virtual_router_id ${vrid}
 priority ${priority}
 advert_int ${interval}
 ${source === undefined ? '' : `unicast_src_ip ${source}`}
 ${block('unicast_peer', peers)}
 ${block('virtual_ipaddress', vips)}
 ${block('virtual_ipaddress_excluded', excluded)}
}
`;
}

/** Our vrrp_instance. */
export function ours({ vrid, priority, interval, source, peers, vips, excluded }: Instance) {
  return {
    interface: 'eth0',
    virtual_router_id: vrid,
    priority,
    advert_int: interval,
    ...(source === undefined ? {} : { unicast_src_ip: source }),
    ...(peers === undefined ? {} : { unicast_peer: peers }),
    virtual_ipaddress: vips,
    ...(excluded === undefined ? {} : { virtual_ipaddress_excluded: excluded }),
  };
}

/** The address without its prefix length. */
export const withoutPrefix = (vip: string): string => vip.replace(/\/.*/, '');

/** Where clients of the pair ask. */
export const VIP = 'fd00:9::250';
/** Seconds. */
export const ADVERT_INT = 0.5;
/** The longest Skew_Time of these pairs, priority 99: (256 - 99) / 256 of the interval (RFC 9568 §6.1). */
export const SKEW = ((256 - 99) / 256) * ADVERT_INT * 1000;
/** Three adverts and the skew. */
export const MASTER_DOWN = 3 * ADVERT_INT * 1000 + SKEW;

/** The pair's instance, but for what differs between its hosts. */
export const PAIR: Omit<Instance, 'priority'> = {
  name: 'VI_6',
  vrid: 66,
  interval: ADVERT_INT,
  vips: ['fe80::250/64', VIP],
};
/** A is the higher. */
export const priorityOf = (host: Host): number => (host.name === 'a' ? 100 : 99);
